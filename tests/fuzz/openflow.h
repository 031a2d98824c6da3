/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the fuzz targets of OpenFlow's versions share.  */

#include "lib/strbuf.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/show/show.h"
#include "tests/fuzz/fuzz.h"

/* Shows the input as a message of 'version', good or not, and decodes it. What is accepted is printed,
 * walked through and encoded again, and what was encoded must be accepted. */
static inline int openflow_fuzz(uint8_t version, const uint8_t *data, size_t size)
{
	union message_body *body = calloc(1, sizeof(*body));
	struct message_head head;
	struct wire_out out;
	struct strbuf text = STRBUF_INIT;
	uint8_t *copy;

	if (!body || size < MESSAGE_HEAD_SIZE || size > 4096) {
		free(body);
		return 0;
	}
	copy = malloc(size);
	if (!copy)
		abort();
	memcpy(copy, data, size);
	copy[0] = version;
	copy[2] = (uint8_t)(size >> 8);
	copy[3] = (uint8_t)size;
	wire_out_init(&out, version);
	show_message(&(const struct show){.no_stats = false}, copy, size, &text);
	if (!message_decode(copy, size, NULL, &head, body)) {
		message_format(&head, body, NULL, &text);
		message_encode(&out, head.type, head.xid, body);
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
