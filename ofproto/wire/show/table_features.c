/* SPDX-License-Identifier: Apache-2.0 */

/* What tables can do.  */

#include <stdlib.h>
#include <string.h>

#include "lib/flow/field.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/oxm.h"
#include "ofproto/wire/show/show_priv.h"

/* Properties; with the next number the same for the rule that matches all. */
enum {
	INSTRUCTIONS = 0,
	NEXT_TABLES = 2,
	WRITE_ACTIONS = 4,
	APPLY_ACTIONS = 6,
	MATCH = 8,
	WILDCARDS = 10,
	WRITE_SETFIELD = 12,
	APPLY_SETFIELD = 14,
	PROPERTIES = 16,
};

struct features {
	struct wire_in properties[PROPERTIES];
	bool has[PROPERTIES];
};

static void take(const struct of_table_features *table, struct features *features)
{
	struct wire_in list =
		wire_in(table->properties.data, table->properties.n, table->properties.version);
	struct wire_in body;
	uint16_t type;

	memset(features, 0, sizeof(*features));
	while (wire_property(&list, &type, &body))
		if (type < PROPERTIES) {
			features->properties[type] = body;
			features->has[type] = true;
		}
}

/* Sets of fields, as bits in the order of fields.def. */
struct set {
	bool in[FIELDS], masked[FIELDS];
};

static void take_fields(struct wire_in in, struct set *set)
{
	memset(set, 0, sizeof(*set));
	while (!in.error && wire_left(&in) >= 4) {
		struct oxm_header header = oxm_take_header(&in);

		if (!header.field)
			continue;
		set->in[field_id(header.field)] = true;
		set->masked[field_id(header.field)] = header.has_mask;
	}
}

static int next_in(const bool *in, int from)
{
	while (from < FIELDS && !in[from])
		from++;
	return from;
}

/* "eth_{src,dst} metadata": names that begin alike share the beginning. */
static void add_fields(const bool *in, struct strbuf *out)
{
	bool first = true;

	for (int i = next_in(in, 0); i < FIELDS;) {
		const char *name = fields[i].name, *bar = strchr(name, '_');
		size_t n = bar ? (size_t)(bar + 1 - name) : 0;
		int next = next_in(in, i + 1);
		bool shared = n && next < FIELDS && !strncmp(fields[next].name, name, n);

		if (!first)
			strbuf_add_char(out, ' ');
		first = false;
		if (!shared) {
			strbuf_add(out, name);
			i = next;
			continue;
		}
		strbuf_add_n(out, name, n);
		strbuf_addf(out, "{%s", name + n);
		for (i = next; i < FIELDS && !strncmp(fields[i].name, name, n);
		     i = next_in(in, i + 1))
			strbuf_addf(out, ",%s", fields[i].name + n);
		strbuf_add_char(out, '}');
	}
	strbuf_add_char(out, '\n');
}

static void add_next_tables(struct wire_in in, struct strbuf *out)
{
	int first = -1, last = -1;
	bool any = false;

	strbuf_add(out, "      next tables: ");
	if (!wire_left(&in))
		strbuf_add(out, "none");
	for (;;) {
		int table = wire_left(&in) ? wire_u8(&in) : -1;

		if (first >= 0 && table == last + 1) {
			last = table;
			continue;
		}
		if (first >= 0) {
			strbuf_addf(out, any ? ",%d" : "%d", first);
			if (last > first)
				strbuf_addf(out, "-%d", last);
			any = true;
		}
		if (table < 0)
			break;
		first = last = table;
	}
	strbuf_add_char(out, '\n');
}

/* Types with a length, each at most once. */
static uint32_t read_numbers(struct wire_in in)
{
	uint32_t set = 0;

	while (wire_left(&in) >= 4) {
		unsigned number = wire_u16(&in), length = wire_u16(&in);

		wire_skip(&in, length > 4 ? length - 4 : 0);
		set |= number < 32 ? 1U << number : 0;
	}
	return set;
}

static void add_instructions(struct wire_in in, struct strbuf *out)
{
	static const struct show_number names[] = {
		{6, "meter"},
		{4, "apply_actions"},
		{5, "clear_actions"},
		{3, "write_actions"},
		{2, "write_metadata"},
		{1, "goto_table"},
		{0, NULL},
	};

	strbuf_add(out, "      instructions: ");
	show_numbers(names, read_numbers(in), "(none)", out);
}

static void add_actions(struct wire_in in, const char *indent, struct strbuf *out)
{
	strbuf_addf(out, "%sactions: ", indent);
	show_actions(read_numbers(in), "(none)", out);
}

static bool same(struct wire_in a, struct wire_in b)
{
	return wire_left(&a) == wire_left(&b) &&
		(!wire_left(&a) || !memcmp(a.p, b.p, wire_left(&a)));
}

static void
add_set(struct wire_in actions, struct wire_in in, const char *indent, struct strbuf *out)
{
	struct set *set = XNEW(struct set);

	add_actions(actions, indent, out);
	take_fields(in, set);
	strbuf_addf(out, "%ssupported on Set-Field: ", indent);
	add_fields(set->in, out);
	free(set);
}

/* Of the rules in general, or of the one that matches all. */
static void add_rules(const struct features *features, unsigned miss, struct strbuf *out)
{
	const struct wire_in *p = features->properties;

	add_next_tables(p[NEXT_TABLES + miss], out);
	add_instructions(p[INSTRUCTIONS + miss], out);
	if (same(p[WRITE_ACTIONS + miss], p[APPLY_ACTIONS + miss]) &&
	    same(p[WRITE_SETFIELD + miss], p[APPLY_SETFIELD + miss])) {
		strbuf_add(out, "      Write-Actions and Apply-Actions features:\n");
		add_set(p[WRITE_ACTIONS + miss], p[WRITE_SETFIELD + miss], "        ", out);
		return;
	}
	strbuf_add(out, "      Write-Actions features:\n");
	add_set(p[WRITE_ACTIONS + miss], p[WRITE_SETFIELD + miss], "        ", out);
	strbuf_add(out, "      Apply-Actions features:\n");
	add_set(p[APPLY_ACTIONS + miss], p[APPLY_SETFIELD + miss], "        ", out);
}

static void add_matching(const struct features *features, struct strbuf *out)
{
	static const char *const titles[] = {
		"arbitrary mask", "exact match or wildcard", "must exact match"};
	struct set *match = XNEW(struct set), *wild = XNEW(struct set);
	bool(*lists)[FIELDS] = xcalloc(ARRAY_LENGTH(titles), sizeof(*lists));

	take_fields(features->properties[MATCH], match);
	take_fields(features->properties[WILDCARDS], wild);
	strbuf_add(out, "    matching:\n");
	for (unsigned i = 0; i < FIELDS; i++)
		if (match->in[i])
			lists[match->masked[i] ? 0 : wild->in[i] ? 1 : 2][i] = true;
	for (unsigned i = 0; i < ARRAY_LENGTH(titles); i++) {
		if (next_in(lists[i], 0) == FIELDS)
			continue;
		strbuf_addf(out, "      %s: ", titles[i]);
		add_fields(lists[i], out);
	}
	free(lists);
	free(match);
	free(wild);
}

static void add_table(
	const struct of_table_features *table,
	uint8_t version,
	const struct show *show,
	struct strbuf *out
)
{
	struct features *features = XNEW(struct features);
	bool miss = false;

	take(table, features);
	strbuf_add(out, "\n  table ");
	names_format_table(show->names, table->table_id, out);
	if (*table->name)
		strbuf_addf(out, " (\"%s\")", table->name);
	strbuf_addf(
		out,
		":\n    metadata: match=%#llx write=%#llx\n",
		(unsigned long long)table->metadata_match,
		(unsigned long long)table->metadata_write
	);
	if (version >= OF14) {
		strbuf_addf(out, "    eviction: %ssupported\n", table->config & 4 ? "" : "not ");
		strbuf_addf(
			out, "    vacancy events: %ssupported\n", table->config & 8 ? "" : "not "
		);
	}
	strbuf_addf(out, "    max_entries=%u\n", table->max_entries);
	for (unsigned i = 1; i < PROPERTIES; i += 2)
		miss |= features->has[i] && i != MATCH + 1 && i != WILDCARDS + 1;
	strbuf_addf(
		out,
		"    instructions (%s):\n",
		miss ? "other than table miss" : "table miss and others"
	);
	add_rules(features, 0, out);
	if (miss) {
		strbuf_add(out, "    instructions (table miss):\n");
		add_rules(features, 1, out);
	}
	add_matching(features, out);
	free(features);
}

/* Alike but for their numbers, and for the tables that may come next. */
static bool alike(const struct of_table_features *a, const struct of_table_features *b)
{
	struct features *fa = XNEW(struct features), *fb = XNEW(struct features);
	bool good = a->metadata_match == b->metadata_match && a->config == b->config &&
		a->metadata_write == b->metadata_write && a->max_entries == b->max_entries &&
		!strcmp(a->name, b->name);

	take(a, fa);
	take(b, fb);
	for (unsigned i = 0; good && i < PROPERTIES; i++)
		if (i != NEXT_TABLES && i != NEXT_TABLES + 1)
			good = same(fa->properties[i], fb->properties[i]);
	free(fa);
	free(fb);
	return good;
}

static void show_features(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *bytes = &body->table_features_reply.tables;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_table_features table = {0}, previous = {0};
	int ditto_first = -1;
	bool first = true;

	for (;;) {
		bool more = of_table_features_next(&list, &table);
		bool ditto = more && !first && alike(&table, &previous);

		if (ditto && ditto_first < 0)
			ditto_first = table.table_id;
		if (!ditto && ditto_first >= 0) {
			if (ditto_first == previous.table_id)
				strbuf_addf(out, "\n  table %d: ditto\n", ditto_first);
			else
				strbuf_addf(
					out,
					"\n  tables %d...%d: ditto\n",
					ditto_first,
					previous.table_id
				);
			ditto_first = -1;
		}
		if (!more)
			break;
		if (!ditto)
			add_table(&table, head->version, show, out);
		previous = table;
		first = false;
	}
	if (first)
		strbuf_add_char(out, '\n');
}

MESSAGE_SHOW(table_features, MESSAGE_TABLE_FEATURES_REPLY, show_features);
