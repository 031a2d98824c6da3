/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Matches and fields on the wire: OXM, NXM, OpenFlow 1.0's fixed match, OpenFlow 1.5's OXS.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct field;
struct match;
struct wire_in;
struct wire_out;

/* OpenFlow 1.5's statistics, spread over the counters' members. */
struct oxs {
	uint32_t *duration_sec, *duration_nsec;
	uint64_t *packet_count, *byte_count;
	uint32_t *flow_count;
};

struct oxm_header {
	const struct field *field; /* NULL: not one we know */
	uint8_t length; /* of what follows */
	bool has_mask;
	bool is_cookie; /* Nicira's way to match on a flow's cookie */
};

/* Any thread. */

/* A match with its own header and padding, as in OpenFlow 1.2 and later. */
void oxm_decode_match(struct wire_in *in, struct match *match);
void oxm_encode_match(struct wire_out *out, const struct match *match);
/* Nicira's: 'length' bytes of fields, padded to 8. 'cookie' and 'cookie_mask' may be NULL: then a
 * cookie is an error. */
void nxm_decode_match(
	struct wire_in *in,
	size_t length,
	struct match *match,
	uint64_t *cookie,
	uint64_t *cookie_mask
);
/* Unpadded: the caller knows where the length goes. */
void nxm_encode_match(
	struct wire_out *out, const struct match *match, uint64_t cookie, uint64_t cookie_mask
);
void match10_decode(struct wire_in *in, struct match *match);
void match10_encode(struct wire_out *out, const struct match *match);
/* Whether OpenFlow 1.0's own match can say all of it. */
bool match10_can(const struct match *match);

void oxs_decode(struct wire_in *in, const struct oxs *oxs);
void oxs_encode(struct wire_out *out, const struct oxs *oxs);

/* One field's header, as actions name fields. */
struct oxm_header oxm_take_header(struct wire_in *in);
void oxm_put_header(struct wire_out *out, const struct field *field, bool has_mask);
/* The same with Nicira's id where there is one, as Nicira's actions have it in all versions. */
void nxm_put_header(struct wire_out *out, const struct field *field);
/* The bytes that oxm_put_header() writes: 4, or 8 with an experimenter. */
unsigned oxm_header_size(const struct field *field, uint8_t version);
