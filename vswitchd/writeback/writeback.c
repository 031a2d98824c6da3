/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/writeback/writeback.h"

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "ofproto/bridge.h"
#include "vswitchd/remote/controllers_wanted.h"
#include "vswitchd/rows.h"
#include "vswitchd/writeback/writeback_bridge.h"
#include "vswitchd/writeback/writeback_port.h"
#include "vswitchd/writeback/writeback_switch.h"

LOG_TOPIC(writeback);

static struct db *status_db;

static void commit(struct db_txn *txn)
{
	struct errbuf err;

	errbuf_init(&err);
	if (db_txn_commit(txn, &err))
		log_err("cannot write status to the database: %s", err.text);
}

static void write_bridge(struct db_txn *txn, struct db_row *row)
{
	writeback_bridge(txn, row);
	writeback_bridge_status(txn, row);
}

void writeback_configuration(struct db *db, bool in_force)
{
	struct db_row *row = db_table_first(db_find_table(db, "Open_vSwitch"));

	if (!row)
		return;
	struct db_txn *txn = db_txn_new(db);

	for (size_t i = 0; i < db_row_count(row, OPEN_VSWITCH_BRIDGES); i++)
		write_bridge(txn, db_row_ref_at(row, OPEN_VSWITCH_BRIDGES, i));
	writeback_switch(txn, row, db, in_force);
	commit(txn);
}

static void write_bridges(struct db *db)
{
	struct db_txn *txn = db_txn_new(db);

	DB_ROW_FOREACH(row, db_find_table(db, "Bridge"))
		writeback_bridge_status(txn, row);
	commit(txn);
}

static void
foreach_interface(struct db *db, void (*write_row)(struct db_txn *txn, struct db_row *row))
{
	struct db_table *interfaces = db_find_table(db, "Interface");
	struct db_txn *txn = db_txn_new(db);

	DB_ROW_FOREACH(row, interfaces)
		write_row(txn, row);
	commit(txn);
}

void writeback_statistics(struct db *db)
{
	foreach_interface(db, writeback_port_statistics);
	write_bridges(db);
	controllers_wanted_write(db, true);
}

void writeback_links(struct db *db)
{
	foreach_interface(db, writeback_port_link);
	write_bridges(db);
	controllers_wanted_write(db, false);
}

static void on_status(void)
{
	foreach_interface(status_db, writeback_port_link);
}

void writeback_start(struct db *db)
{
	status_db = db;
	bridges_on_status(on_status);
}
