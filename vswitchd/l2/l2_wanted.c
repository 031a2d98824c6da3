/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/l2/l2_wanted.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "lib/option.h"
#include "lib/ovsdb/db_row.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge.h"
#include "ofproto/conn/bundles.h"
#include "ofproto/l2/l2.h"
#include "ofproto/l2/pvlan.h"
#include "vswitchd/config/setting.h"
#include "vswitchd/l2/mirrors_wanted.h"
#include "vswitchd/rows.h"

enum {
	MAC_AGING_MAX = 1000000, /* seconds */
	MAC_TABLE_MAX = 1000000,
	GROUPS_MAX = 1000000,
	QUERY_MAX = 31744, /* seconds that a query can tell */
	VLANS = 4096,
	PRIORITY_STEP = 4096, /* of a bridge in RSTP */
};

/* What is out of bounds has been complained about; guests could fill memory by it. As with OVS, too
 * much is as much as there can be. */
static uint32_t read_bounded(const json_t *map, const char *key, int64_t high, uint32_t fallback)
{
	int64_t value = option_get_int(map, key, fallback);

	return value < 1 ? fallback : (uint32_t)(value < high ? value : high);
}

/* NULL: there are none. To be freed. */
static const struct pvlans *read_pvlans(const struct db_row *row, struct strbuf *out)
{
	const char *text = db_row_map_get(row, BRIDGE_OTHER_CONFIG, "private-vlans");
	struct pvlans *pvlans = text ? XNEW(struct pvlans) : NULL;

	if (pvlans && pvlans_parse(pvlans, text, out))
		return pvlans;
	free(pvlans);
	return NULL;
}

static void read_flooding(const struct db_row *row, struct l2_config *config)
{
	for (size_t i = 0; i < db_row_count(row, BRIDGE_FLOOD_VLANS); i++) {
		unsigned vlan = (unsigned)db_row_integer_at(row, BRIDGE_FLOOD_VLANS, i) % VLANS;

		config->flood_vlans[vlan / 64] |= 1ULL << vlan % 64;
	}
}

static void read_mcast(const struct db_row *row, const json_t *map, struct mcast_config *config)
{
	const char *source = option_get_string(map, "mcast-querier-address", "");

	config->snoops = db_row_boolean(row, BRIDGE_MCAST_SNOOPING_ENABLE, false);
	config->floods_unregistered =
		!option_get_bool(map, "mcast-snooping-disable-flood-unregistered", false);
	config->max = read_bounded(map, "mcast-snooping-table-size", GROUPS_MAX, 2048);
	config->aging_ms =
		read_bounded(map, "mcast-snooping-aging-time", MAC_AGING_MAX, 300) * 1000;
	if (option_get_bool(map, "mcast-querier", false))
		config->query_ms =
			read_bounded(map, "mcast-querier-interval", QUERY_MAX, 125) * 1000;
	if (inet_pton(AF_INET, source, config->query_source) != 1)
		memset(config->query_source, 0, sizeof(config->query_source));
}

void l2_wanted_read(const struct db_row *row, struct bridge_config *bridge)
{
	const json_t *map = bridge->other_config;
	struct l2_config *config = XNEW(struct l2_config);

	bridge->mac_aging_ms = read_bounded(map, "mac-aging-time", MAC_AGING_MAX, 300) * 1000;
	if (bridge->spanning == SPANNING_RSTP)
		bridge->mac_aging_ms =
			read_bounded(
				map, "rstp-ageing-time", MAC_AGING_MAX, bridge->mac_aging_ms / 1000
			) *
			1000;
	bridge->mac_table_size = read_bounded(map, "mac-table-size", MAC_TABLE_MAX, 8192);
	bridge->forward_bpdu = option_get_bool(map, "forward-bpdu", false);
	bridge->l2 = config;
	read_flooding(row, config);
	config->pvlans = read_pvlans(row, NULL);
	read_mcast(row, map, &config->mcast);
	mirrors_wanted_read(row, config, NULL);
}

void l2_wanted_explain(const struct db_row *row, struct strbuf *out)
{
	struct l2_config config = {0};

	mirrors_wanted_read(row, &config, out);
	free((struct pvlans *)read_pvlans(row, out));
	mirrors_wanted_release(&config);
	if (setting_get_int(row, BRIDGE_OTHER_CONFIG, "rstp-priority", 0) % PRIORITY_STEP)
		strbuf_addf(
			out,
			"%srstp-priority: RSTP knows multiples of %d, so the next lower one counts",
			out->length ? "; " : "",
			PRIORITY_STEP
		);
}

void l2_wanted_release(struct bridge_config *bridge)
{
	struct l2_config *config = (struct l2_config *)bridge->l2;

	mirrors_wanted_release(config);
	free((struct pvlans *)config->pvlans);
	free(config);
}

static uint32_t number_of(const struct db_row *row, const char *key, uint32_t fallback)
{
	return (uint32_t)setting_get_int(row, OPEN_VSWITCH_OTHER_CONFIG, key, fallback);
}

void l2_wanted_configure(const struct db_row *row)
{
	bridges_configure(
		number_of(row, "max-idle", 0),
		number_of(row, "flow-limit", 0),
		number_of(row, "n-handler-threads", 0)
	);
	bundles_set_patience(number_of(row, "bundle-idle-timeout", 10) * 1000LL);
	/* Controllers from before OpenFlow's second tag expect to see one only. */
	l2_set_vlan_limit(number_of(row, "vlan-limit", 1));
}
