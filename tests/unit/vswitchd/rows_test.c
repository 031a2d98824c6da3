/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/ovsdb/value/db_error.h"

static int setup(void **state)
{
	json_t *json = json_loads(rows_schema_text, 0, NULL);
	struct db_config config = {0};
	struct db_error error;
	struct errbuf err;

	db_error_init(&error);
	errbuf_init(&err);
	config.schema = schema_parse(json, &error);
	json_decref(json);
	*state = db_open(&config, &err);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	db_close(*state);
	return 0;
}

/* A row of the table inside a transaction that is never committed. */
static struct db_row *insert(struct db_txn *txn, struct db *db, const char *table)
{
	return db_txn_insert(txn, db_find_table(db, table), NULL);
}

static void test_missing_values_are_null(void **state)
{
	struct db_txn *txn = db_txn_new(*state);
	struct controller_row controller;
	struct interface_row interface;

	controller_row_read(&controller, insert(txn, *state, "Controller"));
	assert_string_equal(controller.target, "");
	assert_null(controller.type);
	assert_null(controller.enable_async_messages);
	assert_null(controller.max_backoff);
	assert_false(controller.is_connected);
	assert_int_equal(controller.status->n, 0);
	interface_row_read(&interface, insert(txn, *state, "Interface"));
	assert_string_equal(interface.type, "");
	assert_null(interface.mtu_request);
	assert_int_equal(interface.ingress_policing_rate, 0);
	db_txn_abort(txn);
}

static void test_values_have_their_types(void **state)
{
	struct db_txn *txn = db_txn_new(*state);
	struct db_row *row = insert(txn, *state, "Controller");
	struct controller_row controller;

	db_txn_set_string(txn, row, CONTROLLER_TARGET, "tcp:192.0.2.1");
	db_txn_set_integer(txn, row, CONTROLLER_MAX_BACKOFF, 5000);
	db_txn_set_boolean(txn, row, CONTROLLER_ENABLE_ASYNC_MESSAGES, false);
	controller_row_read(&controller, row);
	assert_ptr_equal(controller.row, row);
	assert_string_equal(controller.target, "tcp:192.0.2.1");
	assert_int_equal(*controller.max_backoff, 5000);
	assert_false(*controller.enable_async_messages);
	db_txn_abort(txn);
}

static void test_references_are_rows_and_sets_are_datums(void **state)
{
	struct db_txn *txn = db_txn_new(*state);
	struct db_row *lport = insert(txn, *state, "Port"), *qos = insert(txn, *state, "QoS");
	struct db_row *interface = insert(txn, *state, "Interface");
	struct port_row port;

	db_txn_set(txn, lport, PORT_QOS, datum_new_uuid(db_row_uuid(qos)));
	db_txn_set(txn, lport, PORT_INTERFACES, datum_new_uuid(db_row_uuid(interface)));
	port_row_read(&port, lport);
	assert_ptr_equal(port.qos, qos);
	assert_int_equal(port.interfaces->n, 1);
	assert_ptr_equal(db_row_ref_at(port.row, PORT_INTERFACES, 0), interface);
	assert_null(port.tag);
	db_txn_abort(txn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_missing_values_are_null, setup, teardown),
		cmocka_unit_test_setup_teardown(test_values_have_their_types, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_references_are_rows_and_sets_are_datums, setup, teardown
		),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
