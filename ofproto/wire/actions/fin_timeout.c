/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/fin_timeout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_fin_timeout *fin = action_add(list, type, 0);

	fin->idle = wire_u16(in);
	fin->hard = wire_u16(in);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_fin_timeout *fin = (const struct action_fin_timeout *)action;
	size_t start = action_put_nx(out, 19);

	wire_put_u16(out, fin->idle);
	wire_put_u16(out, fin->hard);
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
	uint64_t idle = 0, hard = 0;
	struct action_fin_timeout *fin;
	int error = 0;

	while (!error && action_next_argument(&rest, &key, &value)) {
		if (!strcmp(key, "idle_timeout"))
			error = action_number(key, value, 65535, &idle, err);
		else if (!strcmp(key, "hard_timeout"))
			error = action_number(key, value, 65535, &hard, err);
		else
			error = errbuf_set(
				err, -EINVAL, "unknown key '%s' (idle_timeout, hard_timeout)", key
			);
	}
	free(copy);
	if (error)
		return error;
	fin = action_add(list, type, 0);
	fin->idle = (uint16_t)idle;
	fin->hard = (uint16_t)hard;
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_fin_timeout *fin = (const struct action_fin_timeout *)action;

	strbuf_add(out, "fin_timeout(");
	if (fin->idle)
		strbuf_addf(out, "idle_timeout=%u,", fin->idle);
	if (fin->hard)
		strbuf_addf(out, "hard_timeout=%u,", fin->hard);
	strbuf_chomp(out, ',');
	strbuf_add_char(out, ')');
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	return action_check_field(&fields[FIELD_TCP_SRC], check, false);
}

static const struct action_type action_fin_timeout;

void fin_timeout_add(struct action_list *list, uint16_t idle, uint16_t hard)
{
	struct action_fin_timeout *fin = action_add(list, &action_fin_timeout, 0);

	fin->idle = idle;
	fin->hard = hard;
}

static const struct action_type action_fin_timeout = {
	.name = "fin_timeout",
	.help = "fin_timeout(idle_timeout=SECONDS,hard_timeout=SECONDS)",
	.wires = {ACTION_NX(19)},
	.size = sizeof(struct action_fin_timeout),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_fin_timeout);
