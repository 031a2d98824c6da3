/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/wording.h"

#include <inttypes.h>

#include "lib/option.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/strbuf.h"

static void add_words(const struct datum *words, struct strbuf *out)
{
	for (size_t i = 0; i < words->n; i++)
		strbuf_addf(
			out,
			"%s%s",
			!i			    ? ""
				: i + 1 == words->n ? " or "
						    : ", ",
			datum_key(words, i)->string->bytes
		);
}

/* 'plural' is what many of them have at their end: "s", or nothing. */
static void add_base(const struct base_type *base, const char *plural, struct strbuf *out)
{
	if (base->ref_table) {
		strbuf_addf(
			out,
			"%sreference%s to %s",
			base->is_weak ? "weak " : "",
			plural,
			base->ref_table
		);
		return;
	}
	strbuf_addf(out, "%s%s", atom_type_name(base->type), plural);
	if (base->type == ATOM_STRING && base->enum_values) {
		strbuf_add(out, " (");
		add_words(base->enum_values, out);
		strbuf_add_char(out, ')');
	}
	if (base->type != ATOM_INTEGER)
		return;
	if (base->has_min && base->has_max)
		strbuf_addf(
			out, " (%" PRId64 " to %" PRId64 ")", base->min.integer, base->max.integer
		);
	else if (base->has_min)
		strbuf_addf(out, " (at least %" PRId64 ")", base->min.integer);
	else if (base->has_max)
		strbuf_addf(out, " (at most %" PRId64 ")", base->max.integer);
}

void wording_add_type(const struct schema_column *column, struct strbuf *out)
{
	const struct column_type *type = &column->type;

	if (!column->is_mutable)
		strbuf_add(out, "immutable ");
	if (type->is_map) {
		strbuf_add(out, "map from ");
		add_base(&type->key, "", out);
		strbuf_add(out, " to ");
		add_base(&type->value, "", out);
		return;
	}
	if (type->max > 1) {
		strbuf_add(out, "set of ");
		if (type->min)
			strbuf_addf(out, "%u or more ", type->min);
		if (type->max != COLUMN_TYPE_UNLIMITED)
			strbuf_addf(out, "up to %u ", type->max);
	} else if (!type->min) {
		strbuf_add(out, "optional ");
	}
	add_base(&type->key, type->max > 1 ? "s" : "", out);
}

const char *wording_use(enum config_use use)
{
	switch (use) {
	case CONFIG_STATUS:
		return "written by the switch";
	case CONFIG_STORED:
		return "kept for other programs";
	case CONFIG_LATER:
		return "accepted, but without effect in this version";
	default:
		return NULL;
	}
}

const char *wording_apply(enum option_apply apply)
{
	switch (apply) {
	case OPTION_REOPEN:
		return "a change opens the port again";
	case OPTION_RESTART:
		return "a change takes effect when the daemon is started again";
	case OPTION_IGNORED:
		return "accepted, but without effect in this version";
	case OPTION_KEPT:
		return wording_use(CONFIG_STORED);
	default:
		return "a change takes effect at once";
	}
}

void wording_add_values(const struct option *key, struct strbuf *out)
{
	switch (key->kind) {
	case OPTION_BOOL:
		strbuf_add(out, "true or false");
		break;
	case OPTION_INT:
		strbuf_add(out, "integer");
		if (key->min || key->max)
			strbuf_addf(out, " (%" PRId64 " to %" PRId64 ")", key->min, key->max);
		break;
	case OPTION_IPV4:
		strbuf_add(out, "IPv4 address");
		break;
	case OPTION_MAC:
		strbuf_add(out, "MAC address");
		break;
	case OPTION_LIST:
		strbuf_add(out, "integers separated by commas");
		break;
	case OPTION_HEX:
		strbuf_addf(out, "hexadecimal (up to %" PRId64 " digits)", key->max);
		break;
	case OPTION_ENUM:
		strbuf_add(out, key->choices);
		break;
	default:
		strbuf_add(out, "string");
		break;
	}
	if (key->default_text)
		strbuf_addf(out, "; %s unless set", key->default_text);
}
