/* SPDX-License-Identifier: Apache-2.0 */
/* learn as it is printed.  */

#include <assert.h>
#include <string.h>

#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/flow/tlv.h"
#include "lib/flow/value.h"
#include "lib/strbuf.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/learn_priv.h"

enum {
	DEFAULT_PRIORITY = 32768
};

static void
format_immediate(const struct learn_spec *spec, const struct names *names, struct strbuf *out)
{
	struct tlv_map map = {0};
	const struct value_context context = {.map = &map, .names = names};
	const struct field *field = spec->dst.field;
	const uint8_t *value;
	unsigned size, i = 0;

	/* Only LEARN_OUTPUT has no destination, and it is not written here. */
	assert(field);
	size = field->size;

	if (field_is_option(field)) {
		size = (spec->bits + 31U) / 32 * 4;
		tlv_bind(&map, field->offset, size);
	}
	value = spec->value + LEARN_IMMEDIATE_MAX - size;
	if (spec->kind == LEARN_MATCH && field->kind != FIELD_KIND_HEX &&
	    spec->bits == field_bits(field, &map)) {
		value_format(field, &context, value, NULL, out);
		return;
	}
	while (i + 1 < LEARN_IMMEDIATE_MAX && !spec->value[i])
		i++;
	strbuf_addf(out, "0x%x", spec->value[i]);
	while (++i < LEARN_IMMEDIATE_MAX)
		strbuf_addf(out, "%02x", spec->value[i]);
}

static void
format_spec(const struct learn_spec *spec, const struct names *names, struct strbuf *out)
{
	bool same = spec->src.field == spec->dst.field && spec->src.first == spec->dst.first;

	if (spec->kind == LEARN_OUTPUT) {
		strbuf_add(out, "output:");
		subfield_format(&spec->src, out);
		return;
	}
	if (spec->kind == LEARN_LOAD) {
		strbuf_add(out, "load:");
		if (spec->src.field)
			subfield_format(&spec->src, out);
		else
			format_immediate(spec, names, out);
		strbuf_add(out, "->");
		subfield_format(&spec->dst, out);
		return;
	}
	assert(spec->dst.field);
	if (!spec->src.field && spec->bits == spec->dst.field->bits)
		strbuf_add(out, spec->dst.field->name);
	else
		subfield_format(&spec->dst, out);
	if (same)
		return;
	strbuf_add_char(out, '=');
	if (spec->src.field)
		subfield_format(&spec->src, out);
	else
		format_immediate(spec, names, out);
}

void learn_format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_learn *learn = (const struct action_learn *)action;

	strbuf_add(out, "learn(table=");
	names_format_table(names, learn->table, out);
	if (learn->idle_timeout)
		strbuf_addf(out, ",idle_timeout=%u", learn->idle_timeout);
	if (learn->hard_timeout)
		strbuf_addf(out, ",hard_timeout=%u", learn->hard_timeout);
	if (learn->fin_idle_timeout)
		strbuf_addf(out, ",fin_idle_timeout=%u", learn->fin_idle_timeout);
	if (learn->fin_hard_timeout)
		strbuf_addf(out, ",fin_hard_timeout=%u", learn->fin_hard_timeout);
	if (learn->priority != DEFAULT_PRIORITY)
		strbuf_addf(out, ",priority=%u", learn->priority);
	strbuf_add(out, learn->flags & LEARN_SEND_FLOW_REM ? ",send_flow_rem" : "");
	strbuf_add(out, learn->flags & LEARN_DELETE_LEARNED ? ",delete_learned" : "");
	if (learn->cookie)
		strbuf_addf(out, ",cookie=%#llx", (unsigned long long)learn->cookie);
	if (learn->limit)
		strbuf_addf(out, ",limit=%u", learn->limit);
	if (learn->flags & LEARN_WRITE_RESULT) {
		strbuf_add(out, ",result_dst=");
		subfield_format(&learn->result, out);
	}
	for (unsigned i = 0; i < learn->n_specs; i++) {
		strbuf_add_char(out, ',');
		format_spec(&learn->specs[i], names, out);
	}
	strbuf_add_char(out, ')');
}
