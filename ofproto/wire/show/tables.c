/* SPDX-License-Identifier: Apache-2.0 */

/* Tables: how full they are, how they are set up.  */

#include <string.h>

#include "ofproto/wire/show/show_priv.h"

enum {
	EVICTION = 4, /* of a table's configuration */
	VACANCY = 8,
	PROPERTY_EVICTION = 2,
	PROPERTY_VACANCY = 3,
	REASON_VACANCY_DOWN = 3,
	REASON_VACANCY_UP = 4,
	WILDCARD_IPS = 0x3f, /* OpenFlow 1.0 counts the bits of addresses there */
};

static void add_table(uint8_t table, const struct show *show, struct strbuf *out)
{
	strbuf_add(out, "  table ");
	names_format_table(show->names, table, out);
}

/* OpenFlow 1.0's bits as lists of fields: 'wanted' true for those that may be wildcarded. */
static void add_wildcards(const char *title, uint32_t wildcards, bool wanted, struct strbuf *out)
{
	static const struct {
		uint32_t bits;
		const char *group, *name;
	} names[] = {
		{1 << 0, "in_port", ""},
		{1 << 2, "eth_", "src"},
		{1 << 3, "eth_", "dst"},
		{1 << 4, "eth_", "type"},
		{1 << 1, "vlan_", "vid"},
		{1 << 20, "vlan_", "pcp"},
		{WILDCARD_IPS << 8, "ip_", "src"},
		{WILDCARD_IPS << 14, "ip_", "dst"},
		{1 << 5, "nw_", "proto"},
		{1 << 21, "nw_", "tos"},
		{1 << 6, "tcp_", "src"},
		{1 << 7, "tcp_", "dst"},
	};
	const char *open = NULL;
	bool first = true;

	for (unsigned i = 0; i < ARRAY_LENGTH(names); i++) {
		unsigned next = i + 1;

		if (!(wildcards & names[i].bits) == wanted)
			continue;
		if (first)
			strbuf_addf(out, "      %s: ", title);
		while (next < ARRAY_LENGTH(names) && !(wildcards & names[next].bits) == wanted)
			next++;
		bool more = next < ARRAY_LENGTH(names) && *names[i].name &&
			!strcmp(names[next].group, names[i].group);

		if (open && !strcmp(open, names[i].group))
			strbuf_addf(out, ",%s", names[i].name);
		else
			strbuf_addf(
				out,
				"%s%s%s%s",
				first ? "" : " ",
				names[i].group,
				more ? "{" : "",
				names[i].name
			);
		if (open && !strcmp(open, names[i].group) && !more)
			strbuf_add_char(out, '}');
		open = names[i].group;
		first = false;
	}
	if (!first)
		strbuf_add_char(out, '\n');
}

static void add_features10(const struct of_table_stats *table, struct strbuf *out)
{
	strbuf_addf(out, "    max_entries=%u\n    matching:\n", table->max_entries);
	add_wildcards("exact match or wildcard", table->wildcards, true, out);
	add_wildcards("must exact match", table->wildcards, false, out);
}

static bool same_counts(const struct of_table_stats *a, const struct of_table_stats *b)
{
	return a->active_count == b->active_count && a->lookup_count == b->lookup_count &&
		a->matched_count == b->matched_count;
}

static bool same_features(const struct of_table_stats *a, const struct of_table_stats *b)
{
	return a->wildcards == b->wildcards && a->max_entries == b->max_entries &&
		!strcmp(a->name, b->name);
}

/* "tables 3...7: ditto" */
static void add_dittos(uint8_t first, uint8_t last, const struct show *show, struct strbuf *out)
{
	strbuf_add_char(out, '\n');
	if (first == last) {
		add_table(first, show, out);
		strbuf_add(out, ": ditto\n");
	} else {
		strbuf_addf(out, "  tables %u...%u: ditto\n", first, last);
	}
}

static void add_stats(
	const struct of_table_stats *table,
	const struct of_table_stats *previous,
	uint8_t version,
	const struct show *show,
	struct strbuf *out
)
{
	strbuf_add_char(out, '\n');
	add_table(table->table_id, show, out);
	if (version == OF10 && *table->name)
		strbuf_addf(out, " (\"%s\")", table->name);
	strbuf_addf(
		out,
		":\n    active=%u, lookup=%llu, matched=%llu\n",
		table->active_count,
		(unsigned long long)table->lookup_count,
		(unsigned long long)table->matched_count
	);
	if (version != OF10)
		return;
	if (previous && same_features(table, previous))
		strbuf_add(out, "    (same features)\n");
	else
		add_features10(table, out);
}

static void show_stats(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *bytes = &body->table_stats_reply.tables;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_table_stats table = {0}, previous = {0};
	int ditto_first = -1, ditto_last = -1;
	bool first = true;

	while (of_table_stats_next(&list, &table)) {
		bool ditto = !first && same_counts(&table, &previous) &&
			same_features(&table, &previous) && table.table_id == previous.table_id + 1;

		if (ditto) {
			ditto_first = ditto_first < 0 ? table.table_id : ditto_first;
			ditto_last = table.table_id;
		} else {
			if (ditto_first >= 0)
				add_dittos((uint8_t)ditto_first, (uint8_t)ditto_last, show, out);
			ditto_first = -1;
			add_stats(&table, first ? NULL : &previous, head->version, show, out);
		}
		previous = table;
		first = false;
	}
	if (ditto_first >= 0)
		add_dittos((uint8_t)ditto_first, (uint8_t)ditto_last, show, out);
	if (first)
		strbuf_add_char(out, '\n');
}

/* Descriptions. */

static void add_vacancy(struct wire_bytes properties, struct strbuf *out)
{
	struct wire_in list = wire_in(properties.data, properties.n, properties.version), body;
	uint16_t type;

	while (wire_property(&list, &type, &body)) {
		unsigned down = wire_u8(&body), up = wire_u8(&body), now = wire_u8(&body);

		if (type == PROPERTY_VACANCY)
			strbuf_addf(
				out,
				" vacancy_down=%u%% vacancy_up=%u%% vacancy=%u%%",
				down,
				up,
				now
			);
	}
}

static void add_desc(const struct of_table_desc *table, const struct show *show, struct strbuf *out)
{
	static const struct show_bit flags[] = {
		{1, "OTHER"},
		{2, "IMPORTANCE"},
		{4, "LIFETIME"},
		{0, NULL},
	};
	struct wire_in list =
		wire_in(table->properties.data, table->properties.n, table->properties.version);
	struct wire_in body;
	bool has_flags = false;
	uint16_t type;

	strbuf_add_char(out, '\n');
	add_table(table->table_id, show, out);
	strbuf_addf(
		out, ":\n   eviction=%s eviction_flags=", table->config & EVICTION ? "on" : "off"
	);
	while (wire_property(&list, &type, &body))
		if (type == PROPERTY_EVICTION) {
			show_bits(flags, wire_u32(&body), '|', out);
			has_flags = true;
		}
	if (!has_flags)
		strbuf_add(out, "(default)");
	strbuf_addf(out, "\n   vacancy=%s", table->config & VACANCY ? "on" : "off");
	if (table->config & VACANCY)
		add_vacancy(table->properties, out);
	strbuf_add_char(out, '\n');
}

static void show_desc(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *bytes = &body->table_desc_reply.tables;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_table_desc table = {0};

	while (of_table_desc_next(&list, &table))
		add_desc(&table, show, out);
}

static void show_status(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_table_status *m = &body->table_status;

	if (m->reason == REASON_VACANCY_DOWN || m->reason == REASON_VACANCY_UP)
		strbuf_addf(
			out, " reason=VACANCY_%s", m->reason == REASON_VACANCY_DOWN ? "DOWN" : "UP"
		);
	else
		strbuf_addf(out, " reason=%u", m->reason);
	strbuf_add(out, "\ntable_desc:-");
	add_desc(&m->table, show, out);
}

static void show_mod(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_table_mod *m = &body->table_mod;
	struct wire_in list = wire_in(m->properties.data, m->properties.n, head->version);
	struct wire_in property;
	uint16_t type;

	if (m->table_id == 0xff)
		strbuf_add(out, " table_id=ALL_TABLES");
	else {
		strbuf_add(out, " table_id=");
		names_format_table(show->names, m->table_id, out);
	}
	if (head->version < OF14)
		return;
	strbuf_addf(
		out,
		", eviction=%s, vacancy=%s",
		m->config & EVICTION ? "on" : "off",
		m->config & VACANCY ? "on" : "off"
	);
	while (wire_property(&list, &type, &property)) {
		unsigned down = wire_u8(&property), up = wire_u8(&property);

		if (type == PROPERTY_VACANCY && m->config & VACANCY)
			strbuf_addf(out, " vacancy:%u,%u", down, up);
	}
}

MESSAGE_SHOW(table_stats, MESSAGE_TABLE_STATS_REPLY, show_stats);
MESSAGE_SHOW(table_desc, MESSAGE_TABLE_DESC_REPLY, show_desc);
MESSAGE_SHOW(table_status, MESSAGE_TABLE_STATUS, show_status);
MESSAGE_SHOW(table_mod, MESSAGE_TABLE_MOD, show_mod);
