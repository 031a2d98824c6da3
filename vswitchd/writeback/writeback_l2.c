/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/writeback/writeback_l2.h"

#include <jansson.h>

#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/strbuf.h"
#include "ofproto/bridge.h"
#include "ofproto/l2/l2.h"
#include "vswitchd/rows.h"

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
}
