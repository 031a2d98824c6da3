/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/datapath_rows.h"

#include <string.h>

#include <jansson.h>

#include "lib/control/version.h"
#include "lib/errbuf.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/types.h"
#include "vswitchd/complaints.h"
#include "vswitchd/rows.h"

static const char *const names[] = {"netdev", "system"};

/* What is not there yet is said to be missing, so that clients choose another way. */
static json_t *capabilities(void)
{
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
		"max_vlan_headers",
		"2",
		"explicit_drop_action",
		"true",
		"lb_output_action",
		"false",
		"ct_state",
		"false",
		"ct_timeout",
		"false",
		"ct_zero_snat",
		"false",
		"ct_flush",
		"false",
		"sample_nesting",
		"0",
		"max_hash_alg",
		"0"
	);
}

static bool is_published(const struct db_row *switch_row, const char *name)
{
	for (size_t i = 0; i < db_row_count(switch_row, OPEN_VSWITCH_DATAPATHS); i++)
		if (!strcmp(db_row_string_at(switch_row, OPEN_VSWITCH_DATAPATHS, i), name))
			return true;
	return false;
}

/* As a client would: the engine's own operations know how rows refer to each other. */
static void publish(struct db *db, const char *name)
{
	json_t *operations = json_pack(
		"[{s:s, s:s, s:s, s:{}}, {s:s, s:s, s:[], s:[[s, s, [s, [[s, [s, s]]]]]]}]",
		"op",
		"insert",
		"table",
		"Datapath",
		"uuid-name",
		"dp",
		"row",
		"op",
		"mutate",
		"table",
		"Open_vSwitch",
		"where",
		"mutations",
		"datapaths",
		"insert",
		"map",
		name,
		"named-uuid",
		"dp"
	);

	json_decref(db_execute(db, operations));
	json_decref(operations);
}

static void describe(struct db *db, const struct db_row *switch_row)
{
	struct db_txn *txn = db_txn_new(db);
	json_t *map = capabilities();
	struct errbuf err;

	for (size_t i = 0; i < db_row_count(switch_row, OPEN_VSWITCH_DATAPATHS); i++) {
		struct db_row *row = db_row_ref_at(switch_row, OPEN_VSWITCH_DATAPATHS, i);

		db_txn_set_string(txn, row, DATAPATH_DATAPATH_VERSION, version_get());
		db_txn_set(txn, row, DATAPATH_CAPABILITIES, datum_new_string_map(map));
	}
	errbuf_init(&err);
	db_txn_commit(txn, &err);
	complaints_log("Datapath rows", err.error ? err.text : "");
	json_decref(map);
}

void datapath_rows_write(struct db *db)
{
	struct db_table *table = db_find_table(db, "Open_vSwitch");

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if (!is_published(db_table_first(table), names[i]))
			publish(db, names[i]);
	describe(db, db_table_first(table));
}
