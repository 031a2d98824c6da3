/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/bindings.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/tunnel/options.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/messages.h"

static_assert(BINDINGS_SPACE == sizeof(((struct key *)NULL)->tunnel_options), "bindings: space");

enum {
	ADD,
	DELETE,
	CLEAR,
};

static uint32_t id_of(const struct of_tlv_map *map)
{
	return (uint32_t)map->class << 8 | map->type;
}

static void publish(struct bridge *bridge, const struct tunnel_options *options)
{
	struct tunnel_options *old = bridge->options;
	struct tunnel_options *new = XNEW(struct tunnel_options);

	*new = *options;
	bridge->options = new;
	tables_set_tlv(bridge->tables, &new->map);
	view_retire(old, free);
}

void bindings_init(struct bridge *bridge)
{
	publish(bridge, &(struct tunnel_options){0});
}

void bindings_fini(struct bridge *bridge)
{
	free(bridge->options);
}

void bindings_apply(const struct bridge *bridge, const struct view_bridge *view)
{
	for (unsigned i = 0; i < view->n_ports; i++)
		if (view->ports[i]->tunnel)
			tunnel_options_set(
				view->ports[i]->id, bindings_any(bridge) ? bridge->options : NULL
			);
}

bool bindings_any(const struct bridge *bridge)
{
	return bridge->options->bound;
}

const struct tlv_map *bridge_tlv_map(const struct bridge *bridge)
{
	return &bridge->options->map;
}

void bindings_put(const struct bridge *bridge, struct wire_out *out)
{
	const struct tunnel_options *options = bridge->options;

	for (uint64_t left = options->bound; left; left &= left - 1) {
		unsigned field = (unsigned)__builtin_ctzll(left);
		const struct of_tlv_map map = {
			.class = (uint16_t)(options->ids[field] >> 8),
			.type = (uint8_t)options->ids[field],
			.length = options->map.size[field],
			.index = (uint16_t)field,
		};

		of_tlv_map_encode(out, &map);
	}
}

/* What rules use. */

struct use {
	uint64_t fields; /* that are asked about, and not found yet */
	bool found;
};

/* An action says all it does in words. */
static bool is_said(const struct rule_actions *actions, uint64_t fields)
{
	struct strbuf text = STRBUF_INIT;
	bool found = false;

	actions_format(&actions->list, NULL, &text);
	for (const char *at = strbuf_text(&text); (at = strstr(at, "tun_metadata"));) {
		at += strlen("tun_metadata");
		unsigned long field = strtoul(at, NULL, 10);

		found |= field < TLV_FIELDS && fields >> field & 1;
	}
	strbuf_fini(&text);
	return found;
}

static bool look_for_use(struct rule *rule, void *use_)
{
	struct use *use = use_;
	struct key key, mask;

	rule_get_match(rule, &key, &mask);
	use->found =
		mask.tunnel.options_present & use->fields || is_said(rule->actions, use->fields);
	return !use->found;
}

static bool are_used(const struct bridge *bridge, uint64_t fields)
{
	struct use use = {.fields = fields};

	for (unsigned table = 0; table < TABLES_N && !use.found; table++)
		tables_foreach(bridge->tables, (uint8_t)table, look_for_use, &use);
	return use.found;
}

/* Changes. */

static enum of_error add(struct tunnel_options *options, const struct of_tlv_map *map)
{
	if (map->index >= TLV_FIELDS)
		return OF_NXTTMFC_BAD_FIELD_IDX;
	if (!map->length || map->length > TLV_MAX_SIZE || map->length % 4)
		return OF_NXTTMFC_BAD_OPT_LEN;
	if (options->bound >> map->index & 1)
		return OF_NXTTMFC_ALREADY_MAPPED;
	if (tunnel_options_find(options, id_of(map)) >= 0)
		return OF_NXTTMFC_DUP_ENTRY;
	if (!tlv_bind(&options->map, map->index, map->length))
		return OF_NXTTMFC_TABLE_FULL;
	options->bound |= 1ULL << map->index;
	options->ids[map->index] = id_of(map);
	return OF_OK;
}

static void unbind(struct tunnel_options *options, unsigned field)
{
	tlv_unbind(&options->map, field);
	options->bound &= ~(1ULL << field);
	options->ids[field] = 0;
}

static enum of_error del(struct tunnel_options *options, const struct of_tlv_map *map)
{
	bool is_bound = map->index < TLV_FIELDS && options->bound >> map->index & 1;

	/* That it is not there is what was wanted. */
	if (map->index >= TLV_FIELDS)
		return OF_NXTTMFC_BAD_FIELD_IDX;
	if (is_bound && options->ids[map->index] == id_of(map))
		unbind(options, map->index);
	return OF_OK;
}

static enum of_error change(struct tunnel_options *options, const struct of_tlv_table_mod *mod)
{
	struct wire_in list = wire_in(mod->maps.data, mod->maps.n, mod->maps.version);
	struct of_tlv_map map = {0};
	enum of_error error = OF_OK;

	if (mod->command > CLEAR)
		return OF_NXTTMFC_BAD_COMMAND;
	if (mod->command == CLEAR) {
		*options = (struct tunnel_options){0};
		return OF_OK;
	}
	while (!error && of_tlv_map_next(&list, &map))
		error = mod->command == ADD ? add(options, &map) : del(options, &map);
	return error ? error : list.error;
}

enum of_error bindings_mod(struct bridge *bridge, const struct of_tlv_table_mod *mod)
{
	struct tunnel_options wanted = *bridge->options;
	enum of_error error = change(&wanted, mod);
	uint64_t gone = bridge->options->bound & ~wanted.bound;

	if (error)
		return error;
	if (gone && are_used(bridge, gone))
		return OF_NXTTMFC_INVALID_TLV_DEL;
	struct change *flows = bridge_changes_begin();

	publish(bridge, &wanted);
	bridge->dirty = true;
	change_add(flows, DEP_OPTIONS, bridge->index, 0, 0);
	bridges_publish(flows);
	bridge_changes_end();
	return OF_OK;
}
