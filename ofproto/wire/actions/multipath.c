/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/multipath.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/hash_fields.h"
#include "ofproto/wire/oxm.h"

static const char *const algorithms[] = {"modulo_n", "hash_threshold", "hrw", "iter_hash"};

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_multipath *mp = action_add(list, type, 0);
	struct oxm_header header;
	uint16_t range;

	mp->fields = wire_u16(in);
	mp->basis = wire_u16(in);
	wire_skip(in, 2);
	mp->algorithm = wire_u16(in);
	mp->max_link = wire_u16(in);
	mp->arg = wire_u32(in);
	wire_skip(in, 2);
	range = wire_u16(in);
	header = oxm_take_header(in);
	mp->dst = (struct subfield){header.field, range >> 6, (range & 63) + 1};
	if (in->error || !header.field || header.has_mask || !subfield_is_valid(&mp->dst) ||
	    mp->fields >= HASH_FIELDS_COUNT || mp->algorithm >= ARRAY_LENGTH(algorithms) ||
	    (mp->dst.bits < 16 && mp->max_link >> mp->dst.bits))
		wire_fail(in, in->error ? in->error : OF_BAC_BAD_ARGUMENT);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_multipath *mp = (const struct action_multipath *)action;
	size_t start = action_put_nx(out, 10);

	wire_put_u16(out, mp->fields);
	wire_put_u16(out, mp->basis);
	wire_put_zeros(out, 2);
	wire_put_u16(out, mp->algorithm);
	wire_put_u16(out, mp->max_link);
	wire_put_u32(out, mp->arg);
	wire_put_zeros(out, 2);
	wire_put_u16(out, (uint16_t)(mp->dst.first << 6 | (mp->dst.bits - 1)));
	oxm_put_header(out, mp->dst.field, false);
	action_put_end(out, start);
}

static int fill(struct action_multipath *mp, char **words, struct errbuf *err)
{
	uint64_t basis, links, arg;
	unsigned algorithm = 0;
	int error = hash_fields_parse(words[0], &mp->fields, err);

	while (algorithm < ARRAY_LENGTH(algorithms) &&
	       strcasecmp(words[2], algorithms[algorithm]) != 0)
		algorithm++;
	if (!error && algorithm == ARRAY_LENGTH(algorithms))
		error = errbuf_set(
			err,
			-EINVAL,
			"'%s' is not one of modulo_n, hash_threshold, hrw, iter_hash",
			words[2]
		);
	if (error || (error = action_number("basis", words[1], 65535, &basis, err)) ||
	    (error = action_number("number of links", words[3], 65536, &links, err)) ||
	    (error = action_number("arg", words[4], UINT32_MAX, &arg, err)) ||
	    (error = subfield_parse(&mp->dst, words[5], err)))
		return error;
	if (!links || (mp->dst.bits < 16 && (links - 1) >> mp->dst.bits))
		return errbuf_set(
			err, -EINVAL, "%s links do not fit into %u bits", words[3], mp->dst.bits
		);
	mp->basis = (uint16_t)basis;
	mp->algorithm = (uint16_t)algorithm;
	mp->max_link = (uint16_t)(links - 1);
	mp->arg = (uint32_t)arg;
	return 0;
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	char *copy = xstrdup(text), *rest = copy, *words[6];
	struct action_multipath mp = {.fields = 0}, *added;
	unsigned n = 0;
	int error;

	while (n < 6 && (words[n] = strsep(&rest, ", ")))
		n += *words[n] != '\0';
	if (n < 6)
		error = errbuf_set(
			err,
			-EINVAL,
			"write multipath(FIELDS,BASIS,ALGORITHM,N_LINKS,ARG,FIELD[FIRST..LAST])"
		);
	else
		error = fill(&mp, words, err);
	free(copy);
	if (error)
		return error;
	added = action_add(list, type, 0);
	mp.action = added->action;
	*added = mp;
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_multipath *mp = (const struct action_multipath *)action;

	strbuf_addf(
		out,
		"multipath(%s,%u,%s,%u,%u,",
		hash_fields_name(mp->fields),
		mp->basis,
		algorithms[mp->algorithm],
		mp->max_link + 1U,
		mp->arg
	);
	subfield_format(&mp->dst, out);
	strbuf_add_char(out, ')');
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	return action_check_field(
		((const struct action_multipath *)action)->dst.field, check, true
	);
}

static const struct action_type action_multipath = {
	.name = "multipath",
	.help = "multipath(FIELDS,BASIS,ALGORITHM,N_LINKS,ARG,FIELD[FIRST..LAST])",
	.wires = {ACTION_NX(10)},
	.size = sizeof(struct action_multipath),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_multipath);
