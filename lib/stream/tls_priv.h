/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One stream's TLS: turns bytes from the wire into plain ones and back, in memory only.  */

#include <stdbool.h>
#include <stddef.h>

#include "lib/stream/tls.h"

struct strbuf;
struct tls_session;

/* Main thread. */

/* What is to be sent to the peer is added to 'wire', here and below. */
struct tls_session *
tls_session_new(struct tls *tls, bool server, struct strbuf *wire, struct errbuf *err);
void tls_session_free(struct tls_session *session);

/* Feeds bytes from the wire; adds what they mean to 'plain'. -ESHUTDOWN: the peer has ended it. */
int tls_session_receive(
	struct tls_session *session,
	const char *bytes,
	size_t n,
	struct strbuf *plain,
	struct strbuf *wire,
	struct errbuf *err
);
int tls_session_send(
	struct tls_session *session,
	const char *bytes,
	size_t n,
	struct strbuf *wire,
	struct errbuf *err
);
void tls_session_shutdown(struct tls_session *session, struct strbuf *wire);
/* The handshake is done and the peer's certificate was accepted. */
bool tls_session_is_up(const struct tls_session *session);
const char *tls_session_subject(const struct tls_session *session);
