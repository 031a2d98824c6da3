/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/dec_ttl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"

enum {
	DEC_TTL = 24,
	NX_DEC_TTL = 18,
	NX_DEC_TTL_IDS = 21,
	CONTROLLERS_MAX = 64,
};

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_dec_ttl *dec;
	uint16_t n;

	if (wire->number != NX_DEC_TTL_IDS) {
		action_add(list, type, 0);
		return;
	}
	n = wire_u16(in);
	wire_skip(in, 4);
	if (in->error || !n || n > wire_left(in) / 2) {
		wire_fail(in, OF_BAC_BAD_LEN);
		return;
	}
	dec = action_add(list, type, n * sizeof(uint16_t));
	dec->n_controllers = n;
	for (unsigned i = 0; i < n; i++)
		dec->controllers[i] = wire_u16(in);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_dec_ttl *dec = (const struct action_dec_ttl *)action;
	size_t start;

	if (!dec->n_controllers) {
		action_void_encode(out, action);
		return;
	}
	start = action_put_nx(out, NX_DEC_TTL_IDS);
	wire_put_u16(out, dec->n_controllers);
	wire_put_zeros(out, 4);
	for (unsigned i = 0; i < dec->n_controllers; i++)
		wire_put_u16(out, dec->controllers[i]);
	action_put_end(out, start);
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	char *copy = xstrdup(text), *rest = copy, *key, *value;
	uint16_t ids[CONTROLLERS_MAX] = {0};
	struct action_dec_ttl *dec;
	unsigned n = 0;
	int error = 0;

	while (!error && action_next_argument(&rest, &key, &value)) {
		uint64_t id = 0;

		error = n < CONTROLLERS_MAX ? action_number("controller id", key, 65535, &id, err)
					    : errbuf_set(err, -EINVAL, "too many controllers");
		if (!error)
			ids[n++] = (uint16_t)id;
	}
	free(copy);
	if (error)
		return error;
	dec = action_add(list, type, n * sizeof(uint16_t));
	dec->n_controllers = (uint16_t)n;
	memcpy(dec->controllers, ids, n * sizeof(uint16_t));
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_dec_ttl *dec = (const struct action_dec_ttl *)action;

	strbuf_add(out, "dec_ttl");
	for (unsigned i = 0; i < dec->n_controllers; i++)
		strbuf_addf(out, "%c%u", i ? ',' : '(', dec->controllers[i]);
	if (dec->n_controllers)
		strbuf_add_char(out, ')');
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	return action_check_field(&fields[FIELD_NW_TTL], check, false);
}

static const struct action_type action_dec_ttl = {
	.name = "dec_ttl",
	.help = "dec_ttl or dec_ttl(CONTROLLER,…)",
	.wires = {ACTION_OF(OF11, OF15, DEC_TTL), ACTION_NX(NX_DEC_TTL), ACTION_NX(NX_DEC_TTL_IDS)},
	.size = sizeof(struct action_dec_ttl),
	.set_slot = ACTION_SET_DEC_TTL,
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_dec_ttl);
