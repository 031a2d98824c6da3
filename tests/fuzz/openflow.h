/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the fuzz targets of OpenFlow's versions share.  */

#include "lib/flow/names.h"
#include "lib/flow/tlv.h"
#include "lib/strbuf.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/show/show.h"
#include "tests/fuzz/fuzz.h"

enum {
	/* Of the first byte, where the version would be. */
	OPENFLOW_FUZZ_AS_IS = 0x80, /* the message has the length that it says */
	OPENFLOW_FUZZ_NO_STATS = 0x40,
};

/* The input may be less than a message, or more than it says. */
static inline void openflow_show(const struct show *show, const uint8_t *data, size_t size)
{
	struct strbuf text = STRBUF_INIT;

	show_message(show, data, size, &text);
	strbuf_fini(&text);
}

/* Actions are checked as the switch does before it takes them, with or without tunnel options bound. */
static inline void openflow_check(uint8_t version, struct match *match, struct action_list *list)
{
	const struct tlv_map none = {.used = 0};
	struct action_check check = {
		.match = match,
		.tlv = version % 2 ? &none : NULL,
		.version = version,
		.max_ports = PORT_MAX,
		.strict = version != OF10,
	};

	actions_check(list, &check);
}

/* Shows the input as a message of 'version', good or not, and decodes it. What is accepted is printed,
 * walked through and encoded again, and what was encoded must be accepted. */
static inline int openflow_fuzz(uint8_t version, const uint8_t *data, size_t size)
{
	union message_body *body = calloc(1, sizeof(*body));
	struct message_head head;
	struct wire_out out;
	const struct show show = {.no_stats = size && data[0] & OPENFLOW_FUZZ_NO_STATS};
	bool as_is = size && data[0] & OPENFLOW_FUZZ_AS_IS;
	struct strbuf text = STRBUF_INIT;
	uint8_t *copy = malloc(size ? size : 1);

	if (!body || !copy)
		abort();
	memcpy(copy, data, size);
	if (size)
		copy[0] = version;
	if (size < MESSAGE_HEAD_SIZE || size > 4096 || as_is) {
		openflow_show(&show, copy, size);
		free(copy);
		free(body);
		return 0;
	}
	copy[2] = (uint8_t)(size >> 8);
	copy[3] = (uint8_t)size;
	wire_out_init(&out, version);
	openflow_show(&show, copy, size);
	if (!message_decode(copy, size, NULL, &head, body)) {
		message_format(&head, body, NULL, &text);
		message_encode(&out, head.type, head.xid, body);
		if (head.type->id == MESSAGE_FLOW_MOD || head.type->id == MESSAGE_NX_FLOW_MOD)
			openflow_check(version, &body->flow_mod.match, &body->flow_mod.actions);
		message_fini(&head, body);
		memset(body, 0, sizeof(*body));
		if (out.n <= WIRE_MAX_SIZE && message_decode(out.data, out.n, NULL, &head, body))
			abort();
	}
	message_fini(&head, body);
	wire_out_fini(&out);
	strbuf_fini(&text);
	free(copy);
	free(body);
	return 0;
}
