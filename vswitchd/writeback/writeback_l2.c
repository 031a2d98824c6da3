/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/writeback/writeback_l2.h"

#include <jansson.h>

#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/ovsdb/value/uuid.h"
#include "lib/strbuf.h"
#include "ofproto/bridge.h"
#include "ofproto/l2/l2.h"
#include "ofproto/l2/mirror.h"
#include "vswitchd/rows.h"

static void write_mirror(struct db_txn *txn, struct db_row *row, const struct bridge *bridge)
{
	char id[UUID_TEXT_LENGTH + 1];
	struct mirror_stats stats;

	uuid_format(db_row_uuid(row), id);
	if (!l2_get_mirror_stats(bridge, id, &stats)) {
		db_txn_set_empty(txn, row, MIRROR_STATISTICS);
		return;
	}
	json_t *map = json_pack(
		"{s:I, s:I}",
		"tx_packets",
		(json_int_t)stats.packets,
		"tx_bytes",
		(json_int_t)stats.bytes
	);

	db_txn_set(txn, row, MIRROR_STATISTICS, datum_new_integer_map(map));
	json_decref(map);
}

void writeback_l2(struct db_txn *txn, struct db_row *row)
{
	const struct bridge *bridge = bridge_find(db_row_string(row, BRIDGE_NAME, ""));
	struct strbuf alarm = STRBUF_INIT;

	if (!bridge)
		return;
	json_t *status = db_row_map_json(row, BRIDGE_STATUS);

	l2_add_alarm(bridge, &alarm);
	if (alarm.length)
		json_object_set_new(status, "alarm", json_string(strbuf_text(&alarm)));
	else
		json_object_del(status, "alarm");
	db_txn_set(txn, row, BRIDGE_STATUS, datum_new_string_map(status));
	json_decref(status);
	strbuf_fini(&alarm);
	for (size_t i = 0; i < db_row_count(row, BRIDGE_MIRRORS); i++)
		write_mirror(txn, db_row_ref_at(row, BRIDGE_MIRRORS, i), bridge);
}
