/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/l2/mcast.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/meter/meter.h"
#include "lib/clock.h"
#include "lib/option.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/l2/l2.h"
#include "ofproto/l2/mcast_priv.h"
#include "ofproto/l2/membership.h"
#include "ofproto/xlate/dep.h"

enum {
	/* Reports and queries a second from one lport, so that the main thread has time for others. What
	 * is beyond is forwarded, but not heard: hosts say it again. */
	OVERHEARD = 500,
	SILENCE_FACTOR = 2, /* queries that another one may miss before we ask again */
};

/* A frame that was overheard. */
struct hearing {
	struct bridge *bridge;
	struct mcast *mcast;
	struct mcast_note note;
};

/* The lower address goes first (RFC 3376, RFC 3810); who has none never does. */
static bool goes_first(const struct hearing *hearing, const uint8_t *ip, enum mcast_family family)
{
	static const uint8_t nobody[4];
	const uint8_t *ours = hearing->mcast->config.query_source;
	uint8_t address[MCAST_ADDRESS_SIZE];

	if (family == MCAST_IPV4)
		return !memcmp(ours, nobody, 4) || memcmp(ip + 12, ours, 4) <= 0;
	querier_address(hearing->bridge, address);
	return memcmp(ip, address, sizeof(address)) <= 0;
}

static void hear_query(const struct hearing *hearing, const uint8_t *ip)
{
	static const uint8_t nobody[16], nobody_ipv4[16] = {[10] = 0xff, [11] = 0xff};
	enum mcast_family family = memcmp(ip, nobody_ipv4, 12) ? MCAST_IPV6 : MCAST_IPV4;
	struct mcast *mcast = hearing->mcast;
	uint32_t period = mcast->config.query_ms;

	if (!memcmp(ip, nobody, 16) || !memcmp(ip, nobody_ipv4, 16))
		return;
	mcast_table_add_router(mcast->table, hearing->note.vlan, hearing->note.lport);
	if (goes_first(hearing, ip, family))
		mcast->silent_until_ms[family] =
			clock_ms() + (int64_t)SILENCE_FACTOR * period + period / 2;
}

static void hear(void *hearing_, enum membership_kind kind, const uint8_t *ip)
{
	const struct hearing *hearing = hearing_;
	const struct mcast_note *note = &hearing->note;
	struct mcast_table *table = hearing->mcast->table;

	switch (kind) {
	case MEMBERSHIP_JOIN:
		mcast_table_join(table, note->vlan, ip, note->lport, false);
		break;
	case MEMBERSHIP_LEAVE:
		mcast_table_leave(table, note->vlan, ip, note->lport, false);
		break;
	case MEMBERSHIP_QUERY:
		hear_query(hearing, ip);
		break;
	}
}

static void receive(const uint8_t *bytes, const uint8_t *packet, uint32_t n, uint32_t total)
{
	struct hearing hearing;

	memcpy(&hearing.note, bytes, sizeof(hearing.note));
	hearing.bridge = bridge_at(hearing.note.bridge);
	if (!hearing.bridge || !hearing.bridge->view ||
	    !view_find_lport(hearing.bridge->view, hearing.note.lport))
		return;
	hearing.mcast = l2_mcast(hearing.bridge);
	if (!hearing.mcast->config.snoops)
		return;
	bridge_changes_begin();
	membership_parse(packet, n, hear, &hearing);
	bridge_changes_end();
}

const struct punt_target mcast_punt = {"multicast", receive};

static void changed(void *bridge_, uint16_t vlan, const uint8_t *ip)
{
	const struct bridge *bridge = bridge_;
	struct change *change = bridge_changes_begin();

	change_add(change, DEP_MCAST, bridge->index, vlan, mcast_dep(ip));
	bridge_changes_end();
}

struct mcast *mcast_start(struct bridge *bridge)
{
	struct mcast *mcast = XNEW(struct mcast);

	mcast->table = mcast_table_new(changed, bridge);
	return mcast;
}

void mcast_stop(struct mcast *mcast)
{
	bridge_changes_begin();
	mcast_table_free(mcast->table);
	bridge_changes_end();
	free(mcast);
}

bool mcast_apply(struct bridge *bridge, struct mcast *mcast, const struct mcast_config *config)
{
	struct mcast_config *old = &mcast->config;
	bool draws = old->snoops != config->snoops ||
		old->floods_unregistered != config->floods_unregistered;

	if (old->query_ms != config->query_ms || !old->snoops)
		mcast->next_query_ms = clock_ms();
	*old = *config;
	mcast_table_configure(mcast->table, config->max, config->aging_ms);
	if (!config->snoops)
		mcast_table_flush(mcast->table);
	return draws;
}

void mcast_forget(struct mcast *mcast)
{
	mcast_table_flush(mcast->table);
}

void mcast_draw(const struct mcast *mcast, struct l2_view *view)
{
	view->mcast = mcast->config.snoops ? mcast->table : NULL;
	view->floods_unregistered = mcast->config.floods_unregistered;
}

void mcast_set_lport(struct view_lport *draft, const json_t *settings)
{
	static const struct meter_config meter = {
		.packets = true,
		.n_bands = 1,
		.bands = {{.kind = METER_BAND_DROP, .rate = OVERHEARD, .burst = OVERHEARD}},
	};

	if (!draft->overhears)
		draft->overhears = meter_add(&meter);
	draft->mcast_flood = settings && option_get_bool(settings, "mcast-snooping-flood", false);
	draft->mcast_reports =
		settings && option_get_bool(settings, "mcast-snooping-flood-reports", false);
}

void mcast_forget_lport(struct mcast *mcast, struct view_lport *draft)
{
	mcast_table_flush_lport(mcast->table, draft->id);
	if (draft->overhears)
		meter_del(draft->overhears);
	draft->overhears = 0;
}

void mcast_poll(struct bridge *bridge, struct mcast *mcast)
{
	int64_t now = clock_ms();

	mcast_table_age(mcast->table);
	if (!mcast->config.snoops || !mcast->config.query_ms || now < mcast->next_query_ms)
		return;
	mcast->next_query_ms = now + mcast->config.query_ms;
	for (enum mcast_family family = 0; family < MCAST_FAMILIES; family++)
		if (now >= mcast->silent_until_ms[family])
			querier_ask(bridge, &mcast->config, family);
}
