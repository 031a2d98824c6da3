/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/spanning/bpdu.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum {
	HEADER = 17, /* Ethernet with a length, and LLC */
	CHANGE_SIZE = 4,
	CONFIG_SIZE = 35,
	RAPID_SIZE = 36,
	TYPE_CONFIG = 0x00,
	TYPE_RAPID = 0x02,
	TYPE_CHANGE = 0x80,
	VERSION_RAPID = 2,
	ROLE_SHIFT = 2,
	ROLE_BITS = 3,
	SECOND = 256, /* times count 256ths of one */
};

static const uint8_t group[] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x00};
static const uint8_t llc[] = {0x42, 0x42, 0x03};

int bpdu_vector_compare(const struct bpdu_vector *a, const struct bpdu_vector *b)
{
	if (a->root != b->root)
		return a->root < b->root ? -1 : 1;
	if (a->cost != b->cost)
		return a->cost < b->cost ? -1 : 1;
	if (a->bridge != b->bridge)
		return a->bridge < b->bridge ? -1 : 1;
	return (a->port > b->port) - (a->port < b->port);
}

static uint64_t get(const uint8_t *bytes, unsigned n)
{
	uint64_t value = 0;

	while (n--)
		value = value << 8 | *bytes++;
	return value;
}

static void put(uint8_t *bytes, unsigned n, uint64_t value)
{
	while (n--) {
		bytes[n] = (uint8_t)value;
		value >>= 8;
	}
}

/* Times outside of what the standard allows would let a stranger make loops. */
static int get_times(const uint8_t *body, struct bpdu_times *times)
{
	uint8_t *all[] = {
		&times->message_age, &times->max_age, &times->hello, &times->forward_delay};

	static const struct {
		uint8_t low, high;
	} ranges[] = {{0, 255}, {6, 40}, {1, 10}, {4, 30}};

	for (unsigned i = 0; i < ARRAY_LENGTH(all); i++) {
		*all[i] = (uint8_t)(get(body + 27 + 2 * i, 2) / SECOND);
		if (*all[i] < ranges[i].low || *all[i] > ranges[i].high)
			return -EINVAL;
	}
	return 0;
}

static int get_body(const uint8_t *body, size_t n, struct bpdu *bpdu)
{
	uint8_t type = body[3];

	if (get(body, 2))
		return -EINVAL;
	if (type == TYPE_CHANGE) {
		bpdu->kind = BPDU_CHANGE;
		return 0;
	}
	if (n < CONFIG_SIZE || (type != TYPE_CONFIG && type != TYPE_RAPID))
		return -EINVAL;
	if (type == TYPE_RAPID && (n < RAPID_SIZE || body[2] < VERSION_RAPID))
		return -EINVAL;
	bpdu->kind = type == TYPE_RAPID ? BPDU_RAPID : BPDU_CONFIG;
	bpdu->flags = body[4];
	bpdu->role = bpdu->flags >> ROLE_SHIFT & ROLE_BITS;
	if (bpdu->kind == BPDU_CONFIG) {
		bpdu->role = BPDU_ROLE_DESIGNATED;
		bpdu->flags &= BPDU_TOPOLOGY_CHANGE | BPDU_CHANGE_ACKNOWLEDGED;
	}
	bpdu->vector = (struct bpdu_vector){
		.root = get(body + 5, 8),
		.cost = (uint32_t)get(body + 13, 4),
		.bridge = get(body + 17, 8),
		.port = (uint16_t)get(body + 25, 2),
	};
	if (get_times(body, &bpdu->times))
		return -EINVAL;
	/* RSTP takes in what is too old: it replaces what was offered before, and ages at once. */
	bool too_old = bpdu->times.message_age >= bpdu->times.max_age;

	return bpdu->kind == BPDU_CONFIG && too_old ? -EINVAL : 0;
}

int bpdu_decode(const uint8_t *frame, size_t n, struct bpdu *bpdu)
{
	*bpdu = (struct bpdu){0};
	if (n < HEADER + CHANGE_SIZE || memcmp(frame + 14, llc, sizeof(llc)))
		return -EINVAL;
	size_t length = get(frame + 12, 2);

	if (length < sizeof(llc) + CHANGE_SIZE || length > n - 14)
		return -EINVAL;
	return get_body(frame + HEADER, length - sizeof(llc), bpdu);
}

static size_t put_body(const struct bpdu *bpdu, uint8_t *body)
{
	const struct bpdu_times *times = &bpdu->times;

	if (bpdu->kind == BPDU_CHANGE) {
		body[3] = TYPE_CHANGE;
		return CHANGE_SIZE;
	}
	body[4] = bpdu->flags;
	if (bpdu->kind == BPDU_RAPID) {
		body[2] = VERSION_RAPID;
		body[3] = TYPE_RAPID;
		body[4] |= (uint8_t)(bpdu->role << ROLE_SHIFT);
	}
	put(body + 5, 8, bpdu->vector.root);
	put(body + 13, 4, bpdu->vector.cost);
	put(body + 17, 8, bpdu->vector.bridge);
	put(body + 25, 2, bpdu->vector.port);
	put(body + 27, 2, times->message_age * SECOND);
	put(body + 29, 2, times->max_age * SECOND);
	put(body + 31, 2, times->hello * SECOND);
	put(body + 33, 2, times->forward_delay * SECOND);
	return bpdu->kind == BPDU_RAPID ? RAPID_SIZE : CONFIG_SIZE;
}

void bpdu_encode(const struct bpdu *bpdu, struct mac source, uint8_t frame[BPDU_FRAME_MIN])
{
	memset(frame, 0, BPDU_FRAME_MIN);
	memcpy(frame, group, sizeof(group));
	memcpy(frame + 6, source.bytes, sizeof(source.bytes));
	memcpy(frame + 14, llc, sizeof(llc));
	put(frame + 12, 2, sizeof(llc) + put_body(bpdu, frame + HEADER));
}
