/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/conjunction.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "ofproto/wire/action_codec.h"

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_conjunction *c = action_add(list, type, 0);

	c->clause = wire_u8(in);
	c->n_clauses = wire_u8(in);
	c->id = wire_u32(in);
	if (!in->error && (c->n_clauses < 2 || c->n_clauses > 64 || c->clause >= c->n_clauses))
		wire_fail(in, OF_BAC_BAD_ARGUMENT);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_conjunction *c = (const struct action_conjunction *)action;
	size_t start = action_put_nx(out, 34);

	wire_put_u8(out, c->clause);
	wire_put_u8(out, c->n_clauses);
	wire_put_u32(out, c->id);
	action_put_end(out, start);
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	struct action_conjunction *c;
	unsigned id, clause, n;
	int end = 0;

	if (sscanf(text, "%i , %u / %u %n", (int *)&id, &clause, &n, &end) != 3 || text[end])
		return errbuf_set(err, -EINVAL, "write conjunction(ID,K/N)");
	if (n < 2 || n > 64)
		return errbuf_set(
			err, -EINVAL, "conjunction: %u dimensions; 2 to 64 are allowed", n
		);
	if (!clause || clause > n)
		return errbuf_set(
			err, -EINVAL, "conjunction: dimension %u is not among 1 to %u", clause, n
		);
	c = action_add(list, type, 0);
	c->id = id;
	c->clause = (uint8_t)(clause - 1);
	c->n_clauses = (uint8_t)n;
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_conjunction *c = (const struct action_conjunction *)action;

	strbuf_addf(out, "conjunction(%u,%u/%u)", c->id, c->clause + 1U, c->n_clauses);
}

static const struct action_type action_conjunction;

const struct action_conjunction *conjunction_of(const struct action *action)
{
	return action->type == &action_conjunction ? (const struct action_conjunction *)action
						   : NULL;
}

static const struct action_type action_conjunction = {
	.name = "conjunction",
	.help = "conjunction(ID,K/N)",
	.wires = {ACTION_NX(34)},
	.size = sizeof(struct action_conjunction),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
};
REGISTRY_ADD(action_type, action_conjunction);
