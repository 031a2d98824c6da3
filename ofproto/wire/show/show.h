/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Messages as ovs-ofctl prints them, line by line: what ofctl shows, and what scripts that were made
 * for ovs-ofctl read.
 *
 * Each kind of message is shown by a member of the family 'message_show'; a message without one
 * prints as message_format() has it.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/registry.h"

struct message_head;
struct names;
struct strbuf;
union message_body;

struct show {
	const struct names *names; /* may be NULL */
	bool no_stats; /* of flows: leave out what changes by itself */
};

/* Appends what stands behind the message's title, beginning with a blank or a line break. */
typedef void message_show_fn(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
);

struct message_show {
	unsigned id; /* enum message_id */
	message_show_fn *show;
};

REGISTRY_DECLARE(message_show, const struct message_show);

#define MESSAGE_SHOW(name, message_id, function)                                                   \
	static const struct message_show message_show_##name = {                                   \
		.id = message_id, .show = function};                                               \
	REGISTRY_ADD(message_show, message_show_##name)

/* Any thread. */

/* Appends the message, as much of it as is good, with a line break at the end. */
void show_message(const struct show *show, const uint8_t *data, size_t n, struct strbuf *out);
/* "OFPT_FLOW_MOD", "OFPST_DESC reply" */
void show_title(const struct message_head *head, struct strbuf *out);
/* Lines of 16 bytes, in hex and as characters. */
void show_hex(const uint8_t *data, size_t n, struct strbuf *out);
/* A packet's headers as a flow's words, and its checksum. */
void show_packet(const uint8_t *data, size_t n, struct strbuf *out);
