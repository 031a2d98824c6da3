/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/ct.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/oxm.h"

enum {
	CT = 35
};

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	size_t at = list->n;
	struct action_ct *ct = action_add(list, type, 0);
	struct oxm_header header;
	uint16_t range;

	ct->flags = wire_u16(in);
	/* All zeros: no field (they would be NXM_OF_IN_PORT's header, were its length 0). */
	if (wire_left(in) >= 4 && !field_number(in->p, 4)) {
		header = (struct oxm_header){0};
		wire_skip(in, 4);
	} else {
		header = oxm_take_header(in);
	}
	range = wire_u16(in);
	if (header.field) {
		ct->zone_from = (struct subfield){header.field, range >> 6, (range & 63) + 1};
		if (!subfield_is_valid(&ct->zone_from) || ct->zone_from.bits != 16)
			wire_fail(in, OF_BAC_BAD_ARGUMENT);
	} else {
		ct->zone = range;
	}
	ct->recirc_table = wire_u8(in);
	wire_skip(in, 3);
	ct->alg = wire_u16(in);
	if (!in->error &&
	    (ct->flags & ~(CT_COMMIT | CT_FORCE) ||
	     (ct->flags & CT_FORCE && !(ct->flags & CT_COMMIT))))
		wire_fail(in, OF_BAC_BAD_ARGUMENT);
	actions_decode(in, wire_left(in), list);
	action_close(list, at);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_ct *ct = (const struct action_ct *)action;
	struct action_list inside = action_inside(action);
	size_t start = action_put_nx(out, CT);

	wire_put_u16(out, ct->flags);
	if (ct->zone_from.field) {
		oxm_put_header(out, ct->zone_from.field, false);
		wire_put_u16(out, (uint16_t)(ct->zone_from.first << 6 | (ct->zone_from.bits - 1)));
	} else {
		wire_put_u32(out, 0);
		wire_put_u16(out, ct->zone);
	}
	wire_put_u8(out, ct->recirc_table);
	wire_put_zeros(out, 3);
	wire_put_u16(out, ct->alg);
	actions_encode(out, &inside);
	action_put_end(out, start);
}

static int parse_zone(struct action_ct *ct, const char *value, struct errbuf *err)
{
	uint64_t number = 0;
	int error;

	if (value && (*value < '0' || *value > '9')) {
		error = subfield_parse(&ct->zone_from, value, err);
		if (!error && ct->zone_from.bits != 16)
			error = errbuf_set(err, -EINVAL, "zone: %s does not have 16 bits", value);
		return error;
	}
	error = action_number("zone", value, 65535, &number, err);
	ct->zone = (uint16_t)number;
	return error;
}

static int parse_alg(struct action_ct *ct, const char *value, struct errbuf *err)
{
	if (value && !strcmp(value, "ftp"))
		ct->alg = 21;
	else if (value && !strcmp(value, "tftp"))
		ct->alg = 69;
	else
		return errbuf_set(err, -EINVAL, "alg: '%s' is not ftp or tftp", value ? value : "");
	return 0;
}

/* 'at': where the ct is in the list; what is inside is appended behind it. */
static int parse_key(
	struct action_list *list,
	struct action_ct *ct,
	char *key,
	char *value,
	const struct names *names,
	struct errbuf *err
)
{
	int error = 0;

	if (!strcmp(key, "commit"))
		ct->flags |= CT_COMMIT;
	else if (!strcmp(key, "force"))
		ct->flags |= CT_FORCE;
	else if (!strcmp(key, "zone"))
		error = parse_zone(ct, value, err);
	else if (!strcmp(key, "alg"))
		error = parse_alg(ct, value, err);
	else if (!strcmp(key, "table")) {
		if (!value || !names_parse_table(names, value, &ct->recirc_table))
			error = errbuf_set(
				err, -EINVAL, "table: no table is named '%s'", value ? value : ""
			);
	} else if (!strcmp(key, "exec") && value)
		error = actions_parse(list, value, names, err);
	else if (!strcmp(key, "nat"))
		error = action_find("nat")->parse(
			action_find("nat"), value ? value : "", names, list, err
		);
	else
		error = errbuf_set(
			err,
			-EINVAL,
			"unknown key '%s' (commit, force, table, zone, nat, exec, alg)",
			key
		);
	return error;
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	char *copy = xstrdup(text), *rest = copy, *key, *value;
	struct action_ct ct = {.recirc_table = CT_NO_RECIRC};
	struct action_list inside = {0};
	size_t at = list->n;
	struct action_ct *added;
	int error = 0;

	while (!error && action_next_argument(&rest, &key, &value))
		error = parse_key(&inside, &ct, key, value, names, err);
	free(copy);
	if (!error && ct.flags & CT_FORCE && !(ct.flags & CT_COMMIT))
		error = errbuf_set(err, -EINVAL, "force: only together with commit");
	if (!error) {
		added = action_add(list, type, 0);
		ct.action = added->action;
		*added = ct;
		action_list_append(list, &inside);
		action_close(list, at);
	}
	action_list_fini(&inside);
	return error;
}

static void format_inside(const struct action_ct *ct, const struct names *names, struct strbuf *out)
{
	struct action_list inside = action_inside(&ct->action);
	bool exec = false;

	ACTION_FOREACH(inner, &inside) {
		bool is_nat = !strcmp(inner->type->name, "nat");

		if (!is_nat && !exec)
			strbuf_add(out, "exec(");
		if (is_nat && exec) {
			strbuf_chomp(out, ',');
			strbuf_add(out, "),");
		}
		exec = !is_nat;
		inner->type->format(inner, names, out);
		strbuf_add_char(out, ',');
	}
	if (exec) {
		strbuf_chomp(out, ',');
		strbuf_add(out, "),");
	}
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_ct *ct = (const struct action_ct *)action;

	strbuf_add(out, "ct(");
	if (ct->flags & CT_COMMIT)
		strbuf_add(out, "commit,");
	if (ct->flags & CT_FORCE)
		strbuf_add(out, "force,");
	if (ct->recirc_table != CT_NO_RECIRC) {
		strbuf_add(out, "table=");
		names_format_table(names, ct->recirc_table, out);
		strbuf_add_char(out, ',');
	}
	if (ct->zone_from.field) {
		strbuf_add(out, "zone=");
		subfield_format(&ct->zone_from, out);
		strbuf_add_char(out, ',');
	} else if (ct->zone) {
		strbuf_addf(out, "zone=%u,", ct->zone);
	}
	format_inside(ct, names, out);
	if (ct->alg == 21 || ct->alg == 69)
		strbuf_add(out, ct->alg == 21 ? "alg=ftp," : "alg=tftp,");
	else if (ct->alg)
		strbuf_addf(out, "alg=%u,", ct->alg);
	strbuf_chomp(out, ',');
	strbuf_add_char(out, ')');
}

static const struct action_type action_ct = {
	.name = "ct",
	.help = "ct(commit,force,table=TABLE,zone=ZONE,nat(…),exec(ACTION,…),alg=ftp)",
	.wires = {ACTION_NX(CT)},
	.size = sizeof(struct action_ct),
	.set_slot = ACTION_SET_CT,
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
};
REGISTRY_ADD(action_type, action_ct);
