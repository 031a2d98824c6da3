/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* TLS settings: key, certificate and certificate authority of "ssl:" and "pssl:" endpoints.
 *
 * One object serves all endpoints and is set again when the configuration changes; streams that
 * are up keep what they began with. Files that change on disk are read again for the next stream.
 * TLS 1.2 is the least that is spoken; the peer must show a certificate that the authority signed.
 * As with OVS, host names are not compared: the authority is trusted to sign switches and
 * controllers only.  */

#include <stdbool.h>

struct errbuf;
struct tls;

struct tls_config {
	const char *private_key; /* PEM file */
	const char *certificate; /* PEM file, may carry the chain */
	const char *ca_cert; /* PEM file */
	/* When 'ca_cert' does not exist: trust the authority that the first peer shows and write it
	 * there. Open to a man in the middle that one time. */
	bool bootstrap_ca;
	const char *protocols; /* "TLSv1.2,TLSv1.3"; NULL: all of them */
	const char *ciphers; /* OpenSSL's list for TLS 1.2; NULL: the library's strong ones */
	const char *ciphersuites; /* of TLS 1.3; NULL: the library's */
};

/* Main thread. */

struct tls *tls_new(void);
/* Endpoints that use it must have been closed. NULL is fine. */
void tls_free(struct tls *tls);

/* Replaces the settings. On failure the reason is also what later "ssl:" streams fail with. NULL:
 * none. */
int tls_set(struct tls *tls, const struct tls_config *config, struct errbuf *err);
