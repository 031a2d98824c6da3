/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/bundle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/hash_fields.h"
#include "ofproto/wire/oxm.h"

enum {
	BUNDLE = 12,
	BUNDLE_LOAD = 13,
	MEMBER_TYPE = 0x00000002, /* NXM_OF_IN_PORT: members are ports */
	MEMBERS_MAX = 2048,
};

static const char *const algorithms[] = {"active_backup", "hrw"};

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_bundle head = {.algorithm = wire_u16(in)}, *bundle;
	const struct field *field = NULL;
	uint32_t member_type;
	uint16_t range;
	bool good;

	head.fields = wire_u16(in);
	head.basis = wire_u16(in);
	member_type = wire_u32(in);
	head.n_members = wire_u16(in);
	range = wire_u16(in);
	if (wire->number == BUNDLE_LOAD) {
		struct oxm_header header = oxm_take_header(in);

		field = header.has_mask ? NULL : header.field;
	} else {
		wire_skip(in, 4);
	}
	wire_skip(in, 4);
	head.dst = (struct subfield){field, range >> 6, (range & 63) + 1};
	good = !in->error && head.n_members <= MEMBERS_MAX && head.n_members <= wire_left(in) / 2 &&
		member_type == MEMBER_TYPE && head.algorithm < ARRAY_LENGTH(algorithms) &&
		head.fields < HASH_FIELDS_COUNT;
	if (good && wire->number == BUNDLE_LOAD)
		good = field && subfield_is_valid(&head.dst) && head.dst.bits >= 16;
	if (!good) {
		wire_fail(in, in->error ? in->error : OF_BAC_BAD_ARGUMENT);
		return;
	}
	bundle = action_add(list, type, head.n_members * sizeof(uint32_t));
	head.action = bundle->action;
	memcpy(bundle, &head, sizeof(head));
	for (unsigned i = 0; i < head.n_members; i++)
		bundle->members[i] = field_port_from16(wire_u16(in));
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_bundle *bundle = (const struct action_bundle *)action;
	bool load = bundle->dst.field != NULL;
	size_t start = action_put_nx(out, load ? BUNDLE_LOAD : BUNDLE);

	wire_put_u16(out, bundle->algorithm);
	wire_put_u16(out, bundle->fields);
	wire_put_u16(out, bundle->basis);
	wire_put_u32(out, MEMBER_TYPE);
	wire_put_u16(out, bundle->n_members);
	wire_put_u16(out, load ? (uint16_t)(bundle->dst.first << 6 | (bundle->dst.bits - 1)) : 0);
	if (load)
		oxm_put_header(out, bundle->dst.field, false);
	else
		wire_put_zeros(out, 4);
	wire_put_zeros(out, 4);
	for (unsigned i = 0; i < bundle->n_members; i++)
		wire_put_u16(out, field_port_to16(bundle->members[i]));
	action_put_end(out, start);
}

static int fill(struct action_bundle *bundle, char **words, bool load, struct errbuf *err)
{
	uint64_t basis;
	unsigned algorithm = 0;
	int error = hash_fields_parse(words[0], &bundle->fields, err);

	while (algorithm < ARRAY_LENGTH(algorithms) &&
	       strcasecmp(words[2], algorithms[algorithm]) != 0)
		algorithm++;
	if (!error && algorithm == ARRAY_LENGTH(algorithms))
		error = errbuf_set(err, -EINVAL, "'%s' is not one of active_backup, hrw", words[2]);
	if (!error && strcasecmp(words[3], "ofport") != 0)
		error = errbuf_set(err, -EINVAL, "'%s': members are of type ofport", words[3]);
	if (!error)
		error = action_number("basis", words[1], 65535, &basis, err);
	if (!error && load)
		error = subfield_parse(&bundle->dst, words[4], err);
	if (error)
		return error;
	if (load && bundle->dst.bits < 16)
		return errbuf_set(err, -EINVAL, "the destination needs 16 bits for a port");
	bundle->algorithm = (uint16_t)algorithm;
	bundle->basis = (uint16_t)basis;
	return 0;
}

/* "members:4,8", or "slaves:" as it was called once. */
static int parse_members(
	char *text, const struct names *names, uint32_t *members, unsigned *n, struct errbuf *err
)
{
	char *word;

	text = strchr(text, ':');
	if (!text)
		return errbuf_set(err, -EINVAL, "'members:' is missing before the ports");
	for (text++, *n = 0; (word = strsep(&text, ", "));) {
		if (!*word)
			continue;
		if (*n == MEMBERS_MAX)
			return errbuf_set(err, -EINVAL, "more than %d members", MEMBERS_MAX);
		if (!names_parse_port(names, word, &members[(*n)++]))
			return errbuf_set(err, -EINVAL, "no port is named '%s'", word);
	}
	return 0;
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	bool load = !strcmp(type->name, "bundle_load");
	unsigned n = 0, wanted = load ? 5 : 4, n_members = 0;
	char *copy = xstrdup(text), *rest = copy, *words[5];
	uint32_t *members = XNEW_N(uint32_t, MEMBERS_MAX);
	struct action_bundle head = {.basis = 0}, *bundle;
	int error;

	while (n < wanted && (words[n] = strsep(&rest, ", ")))
		n += *words[n] != '\0';
	if (n < wanted || !rest)
		error = errbuf_set(err, -EINVAL, "write %s", type->help);
	else
		error = fill(&head, words, load, err);
	if (!error)
		error = parse_members(rest, names, members, &n_members, err);
	if (!error) {
		bundle = action_add(list, type, n_members * sizeof(uint32_t));
		head.action = bundle->action;
		head.n_members = (uint16_t)n_members;
		memcpy(bundle, &head, sizeof(head));
		memcpy(bundle->members, members, n_members * sizeof(uint32_t));
	}
	free(members);
	free(copy);
	return error;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_bundle *bundle = (const struct action_bundle *)action;

	strbuf_addf(
		out,
		"%s(%s,%u,%s,ofport,",
		action->type->name,
		hash_fields_name(bundle->fields),
		bundle->basis,
		algorithms[bundle->algorithm]
	);
	if (bundle->dst.field) {
		subfield_format(&bundle->dst, out);
		strbuf_add_char(out, ',');
	}
	strbuf_add(out, "members:");
	for (unsigned i = 0; i < bundle->n_members; i++) {
		strbuf_add(out, i ? "," : "");
		names_format_port(names, bundle->members[i], out);
	}
	strbuf_add_char(out, ')');
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	const struct action_bundle *bundle = (const struct action_bundle *)action;

	if (bundle->dst.field)
		return action_check_field(bundle->dst.field, check, true);
	return OF_OK;
}

static const struct action_type action_bundle = {
	.name = "bundle",
	.help = "bundle(FIELDS,BASIS,ALGORITHM,ofport,members:PORT,…)",
	.wires = {ACTION_NX(BUNDLE)},
	.size = sizeof(struct action_bundle),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_bundle);

static const struct action_type action_bundle_load = {
	.name = "bundle_load",
	.help = "bundle_load(FIELDS,BASIS,ALGORITHM,ofport,FIELD[…],members:PORT,…)",
	.wires = {ACTION_NX(BUNDLE_LOAD)},
	.size = sizeof(struct action_bundle),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_bundle_load);
