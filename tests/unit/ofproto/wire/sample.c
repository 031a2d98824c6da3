/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ofproto/wire/sample.h"

#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/match.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/oxm.h"

enum {
	ELEMENTS = 2, /* of each list */
	PROPERTIES = 12, /* types of them that there are, at most */
	EXPERIMENTER = 0xffff,
	UPDATES = 8, /* events that there are, and one more */
	DEEPEST = 3, /* of lists in lists */
};

/* What an arena would be for: runs of bytes that samples point to. */
static struct wire_out *kept;
static size_t n_kept;

static const char *const matches[SAMPLE_VARIANTS] = {
	"",
	"in_port=5,dl_vlan=7,tcp,nw_src=10.0.0.0/8,tp_dst=80",
	"icmp6,icmp_type=135,nd_target=::1",
	"arp,arp_spa=10.0.0.0/8,arp_op=1",
};

static const char *const actions[SAMPLE_VARIANTS] = {
	"output:2",
	"mod_dl_src:00:00:00:00:00:01,load:5->reg1[3..7],resubmit(,5)",
	"push_vlan:0x8100,mod_vlan_vid:7,NORMAL",
	"",
};

/* Sizes of properties, heads included, that one or another of them has. */
static const uint8_t property_sizes[SAMPLE_VARIANTS] = {8, 12, 16, 32};

/* Ethernet with an IPv4 header and TCP, ARP, IPv6, and nothing that makes sense. */
static const uint8_t frames[SAMPLE_VARIANTS][60] = {
	{[5] = 1, [11] = 2, [12] = 8, [14] = 0x45, [17] = 40, [22] = 64, 6, [26] = 10, [46] = 0x50},
	{[5] = 1, [11] = 2, [12] = 8, 6, 0, 1, 8, 0, 6, 4, 0, 1},
	{[5] = 1, [11] = 2, [12] = 0x86, 0xdd, 0x60, [19] = 6, 58, 255, [54] = 135},
	{0xff, 0xff, [12] = 0x81, 0, 0, 7, 0x88, 0x47, 0, 1, 1, 64},
};

static struct wire_bytes keep(struct wire_out *take_out)
{
	kept = realloc(kept, (n_kept + 1) * sizeof(*kept));
	if (!kept)
		abort();
	kept[n_kept++] = *take_out;
	return (struct wire_bytes
	){.data = take_out->data, .n = (uint32_t)take_out->n, .version = take_out->version};
}

void sample_forget(void)
{
	while (n_kept)
		wire_out_fini(&kept[--n_kept]);
	free(kept);
	kept = NULL;
}

static void put_property(struct wire_out *out, uint16_t type, unsigned size)
{
	size_t start = out->n;

	wire_put_u16(out, type);
	wire_put_u16(out, (uint16_t)size);
	for (unsigned i = 4; i < size; i++)
		wire_put_u8(out, (uint8_t)(i % 4 == 3));
	wire_pad8(out, start);
}

static void put_properties(struct wire_out *out, unsigned variant)
{
	for (unsigned type = 0; type < PROPERTIES; type++)
		put_property(out, (uint16_t)type, property_sizes[variant]);
	put_property(out, EXPERIMENTER, 16);
}

/* A message in a message. */
static void put_message(struct wire_out *out, unsigned variant)
{
	static const struct of_group_mod group = {.group_id = 5};
	static const struct of_meter_mod meter = {.meter_id = 5};
	static const struct of_echo_request echo;

	if (variant == 1 && message_has_version(&of_group_mod_type, out->version))
		message_encode(out, &of_group_mod_type, 5, &group);
	else if (variant == 2 && message_has_version(&of_meter_mod_type, out->version))
		message_encode(out, &of_meter_mod_type, 5, &meter);
	else
		message_encode(out, &of_echo_request_type, 5, &echo);
}

/* What flow monitors tell: the events of OpenFlow 1.4, and Nicira's, which stand without a number in
 * front. */
static void put_updates(struct wire_out *out, unsigned variant)
{
	struct match match;

	match_init(&match, NULL);
	for (unsigned event = 0; event < UPDATES; event++) {
		size_t start = out->n;

		wire_put_u16(out, 0);
		wire_put_u16(out, event);
		if (event < UPDATES / 2) {
			wire_put_zeros(out, 12);
			wire_put_u64(out, variant);
			oxm_encode_match(out, &match);
		} else {
			wire_put_zeros(out, 4);
		}
		wire_patch_u16(out, start, start);
	}
}

static struct wire_bytes make_bytes(const char *name, uint8_t version, unsigned variant)
{
	struct wire_out out;

	wire_out_init(&out, version);
	if (!strcmp(name, "properties"))
		put_properties(&out, variant);
	else if (!strcmp(name, "updates"))
		put_updates(&out, variant);
	else if (!strcmp(name, "elements"))
		put_property(&out, 1, 8);
	else if (!strcmp(name, "message") || !strcmp(name, "request"))
		put_message(&out, variant);
	else if (!strcmp(name, "extra"))
		wire_put_zeros(&out, 4);
	else
		wire_put(&out, frames[variant], sizeof(frames[variant]));
	return keep(&out);
}

static void
fill(const struct message_type *type, uint8_t version, unsigned variant, unsigned depth, void *body
);

static struct wire_bytes
make_list(const struct message_type *of, uint8_t version, unsigned variant, unsigned depth)
{
	void *element = calloc(1, of->size);
	struct wire_out out;

	if (!element)
		abort();
	wire_out_init(&out, version);
	for (unsigned i = 0; i < ELEMENTS && depth < DEEPEST; i++) {
		fill(of, version, (variant + i) % SAMPLE_VARIANTS, depth + 1, element);
		of->encode(&out, element);
		of->fini(element);
		memset(element, 0, of->size);
	}
	free(element);
	return keep(&out);
}

/* Numbers count, or are as great or as small as can be. */
static void fill_number(uint8_t *at, size_t size, unsigned variant, unsigned nth)
{
	if (variant == 1)
		*at = (uint8_t)(nth + 1);
	else if (variant > 1)
		memset(at, variant == 2 ? 0xff : 1, size);
}

static void parse_match(const char *text, struct match *match)
{
	struct errbuf err;

	match_init(match, NULL);
	if (match_parse(match, text, NULL, &err))
		abort();
}

static void parse_actions(const char *text, struct action_list *list)
{
	struct errbuf err;

	if (actions_parse(list, text, NULL, &err))
		abort();
}

static void
fill(const struct message_type *type, uint8_t version, unsigned variant, unsigned depth, void *body)
{
	static const uint8_t sizes[] = {
		[MESSAGE_U8] = 1,
		[MESSAGE_U16] = 2,
		[MESSAGE_U32] = 4,
		[MESSAGE_U64] = 8,
		[MESSAGE_PORT] = 4,
		[MESSAGE_MAC] = 6,
	};

	for (unsigned i = 0; i < type->n_fields; i++) {
		const struct message_field *field = &type->fields[i];
		uint8_t *at = (uint8_t *)body + field->offset;

		switch (field->kind) {
		case MESSAGE_STRING:
			memcpy(at, "name", 5);
			break;
		case MESSAGE_BYTES:
			*(struct wire_bytes *)(void *)at =
				make_bytes(field->name, version, variant);
			break;
		case MESSAGE_LIST:
			*(struct wire_bytes *)(void *)at =
				make_list(field->of, version, variant, depth);
			break;
		case MESSAGE_MATCH:
			parse_match(matches[variant], (struct match *)(void *)at);
			break;
		case MESSAGE_ACTIONS:
			/* OpenFlow 1.1 sets fields by actions that nobody speaks any more. */
			parse_actions(
				actions[version == OF11 ? 0 : variant],
				(struct action_list *)(void *)at
			);
			break;
		case MESSAGE_STRUCT:
			fill(field->of, version, variant, depth + 1, at);
			break;
		case MESSAGE_NOTHING:
			break;
		default:
			fill_number(at, sizes[field->kind], variant, i);
			break;
		}
	}
}

void sample_fill(const struct message_type *type, uint8_t version, unsigned variant, void *body)
{
	fill(type, version, variant, 0, body);
}
