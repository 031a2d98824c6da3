/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/writeback/writeback_error.h"

#include <stdlib.h>

#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/xmalloc.h"
#include "vswitchd/complaints.h"
#include "vswitchd/l2/faults.h"
#include "vswitchd/rows.h"
#include "vswitchd/switch_ports.h"
#include "vswitchd/vf/vf_wanted.h"

/* Several rows of Port name the interface: to be freed, or NULL. */
static char *find_rivalry(const struct switch_port *entry)
{
	char *what = xasprintf("claims to %s", entry->name);
	char *text = NULL;

	if (entry->rival)
		text = xasprintf(
			"port %s: %s names this interface too and goes without it: an interface "
			"belongs to one Port of one bridge",
			entry->name,
			entry->rival
		);
	complaints_log(what, text ? text : "");
	free(what);
	return text;
}

void writeback_error(
	struct db_txn *txn,
	struct db_row *row,
	const struct db_row *lport,
	const struct switch_port *entry,
	bool failed
)
{
	const char *name = db_row_string(row, INTERFACE_NAME, "");
	char *what = xasprintf("port %s", name);
	char *text = complaints_check(row, "Interface", what);
	char *rivalry = entry ? find_rivalry(entry) : NULL;
	char *port_fault = faults_of_port(lport);
	char *both = text && port_fault ? xasprintf("%s; %s", text, port_fault) : NULL;
	char *vf_fault = vf_wanted_error(row);
	const char *error = rivalry ? rivalry : both ? both : text ? text : port_fault;

	if (!error)
		error = vf_fault;

	if (entry && entry->refusal)
		error = entry->refusal;
	else if (entry && entry->err.error)
		error = entry->err.text;
	else if (failed && !error)
		error = "all numbers that a bridge has for its ports are in use";
	db_txn_set_string(txn, row, INTERFACE_ERROR, error);
	free(vf_fault);
	free(both);
	free(port_fault);
	free(text);
	free(rivalry);
	free(what);
}
