/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/l2/addresses.h"

#include <stdlib.h>

#include "lib/command.h"
#include "lib/log.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/l2/l2.h"
#include "ofproto/l2/moves.h"
#include "ofproto/mac_table.h"
#include "ofproto/xlate/xlate.h"

LOG_TOPIC(l2);

struct addresses {
	struct moves *moves;
};

static void changed(void *bridge_, const struct mac_entry *entry, enum mac_change kind)
{
	const struct bridge *bridge = bridge_;
	struct change *change = bridge_changes_begin();
	uint64_t mac = dep_mac(entry->mac);

	if (kind != MAC_CHANGE_RELEASED)
		change_add(change, DEP_MAC_DST, bridge->index, entry->vlan, mac);
	/* Who came through the port where the address now is need not know of it, and nobody if it is
	 * not to be learned wherever it comes from. */
	if (kind != MAC_CHANGE_ADDED && !(kind == MAC_CHANGE_MOVED && entry->fixed))
		change_add(change, DEP_MAC_SRC, bridge->index, entry->vlan, mac);
	if (kind == MAC_CHANGE_MOVED && entry->returned)
		moves_note(
			l2_addresses(bridge)->moves,
			entry->moved_from,
			entry->lport,
			entry->restless <= MAC_TABLE_RESTLESS ? 1 : MAC_TABLE_RESTLESS
		);
	bridge_changes_end();
}

struct addresses *addresses_start(struct bridge *bridge)
{
	struct addresses *addresses = XNEW(struct addresses);

	addresses->moves = moves_new();
	bridge->macs = mac_table_new(changed, bridge);
	return addresses;
}

void addresses_stop(struct bridge *bridge, struct addresses *addresses)
{
	mac_table_free(bridge->macs);
	moves_free(addresses->moves);
	free(addresses);
}

void addresses_apply(struct bridge *bridge, const struct bridge_config *config)
{
	mac_table_configure(bridge->macs, config->mac_table_size, config->mac_aging_ms);
}

/* A frame can be back before its lock is seen where it is translated; here all come in order. */
static bool is_reflected(
	const struct bridge *bridge, const struct view_lport *lport, const struct effect *effect
)
{
	const struct mac_entry *entry;

	if (lport->n_ports < 2)
		return false;
	entry = mac_table_find(bridge->macs, effect->vlan, effect->mac);
	return entry && entry->lport != lport->id && mac_entry_is_locked(entry);
}

static void learn(const struct effect *effect)
{
	struct bridge *bridge = bridge_at(effect->bridge);
	const struct view_lport *lport =
		bridge && bridge->view ? view_find_lport(bridge->view, effect->lport) : NULL;

	if (lport && pvlan_learns(bridge->view, lport, effect->vlan) &&
	    !is_reflected(bridge, lport, effect))
		mac_table_learn(
			bridge->macs, effect->vlan, effect->mac, effect->lport, effect->lock
		);
}

void addresses_learn(const struct effect *effects, unsigned n)
{
	bridge_changes_begin();
	for (unsigned i = 0; i < n; i++)
		learn(&effects[i]);
	bridge_changes_end();
}

/* Addresses that move. */

static const char *lport_name(const struct bridge *bridge, uint32_t id)
{
	struct lport *lport;

	HMAP_FOREACH(lport, node, &bridge->lports)
		if (lport->id == id)
			return lport->name;
	return "(gone)";
}

static unsigned now_rate(const struct moves_pair *pair)
{
	return pair->n > pair->rate ? pair->n : pair->rate;
}

static void tell_storm(void *bridge_, const struct moves_pair *pair)
{
	const struct bridge *bridge = bridge_;
	const char *a = lport_name(bridge, pair->a), *b = lport_name(bridge, pair->b);

	if (pair->alarmed)
		log_warn(
			"bridge %s: addresses go back and forth between ports %s and %s, %u times a "
			"second: is there a loop behind them?",
			bridge->name,
			a,
			b,
			now_rate(pair)
		);
	else
		log_info(
			"bridge %s: addresses between ports %s and %s have come to rest",
			bridge->name,
			a,
			b
		);
}

void addresses_poll(struct bridge *bridge, struct addresses *addresses)
{
	mac_table_age(bridge->macs);
	moves_poll(addresses->moves, tell_storm, bridge);
}

struct visit {
	const struct bridge *bridge;
	struct strbuf *out;
	json_t *rows;
};

static void add_storm(const struct moves_pair *pair, void *visit_)
{
	const struct visit *visit = visit_;

	if (!pair->alarmed)
		return;
	strbuf_addf(
		visit->out,
		"%saddresses go back and forth between ports %s and %s: is there a loop?",
		visit->out->length ? "; " : "",
		lport_name(visit->bridge, pair->a),
		lport_name(visit->bridge, pair->b)
	);
}

void addresses_add_alarm(
	const struct bridge *bridge, const struct addresses *addresses, struct strbuf *out
)
{
	struct visit visit = {.bridge = bridge, .out = out};

	moves_foreach(addresses->moves, add_storm, &visit);
}

static void show_pair(const struct moves_pair *pair, void *visit_)
{
	const struct visit *visit = visit_;

	json_array_append_new(
		visit->rows,
		json_pack(
			"{s:s, s:s, s:i, s:I, s:b}",
			"port",
			lport_name(visit->bridge, pair->a),
			"other",
			lport_name(visit->bridge, pair->b),
			"a second",
			(int)now_rate(pair),
			"in all",
			(json_int_t)pair->total,
			"storm",
			pair->alarmed
		)
	);
}

static json_t *cmd_moves(struct command_call *call, struct errbuf *err)
{
	struct visit visit = {
		.bridge = bridge_of_command(call->argc ? call->argv[0] : NULL, err),
	};

	if (!visit.bridge)
		return NULL;
	keeper_catch_up();
	visit.rows = json_array();
	moves_foreach(l2_addresses(visit.bridge)->moves, show_pair, &visit);
	return visit.rows;
}

MGMT_COMMAND(
	fdb_moves,
	"fdb/moves",
	"[BRIDGE]",
	0,
	1,
	cmd_moves,
	"Ports between which MAC addresses go back and forth, as they do in a loop."
);
