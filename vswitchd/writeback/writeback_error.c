/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/writeback/writeback_error.h"

#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge.h"
#include "vswitchd/complaints.h"
#include "vswitchd/l2/faults.h"
#include "vswitchd/rows.h"
#include "vswitchd/switch_ports.h"
#include "vswitchd/vf/vf_wanted.h"

/* Several rows of Port name the interface: to be freed, or NULL. */
static char *find_rivalry(const struct db_row *row, const struct switch_port *entry)
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
	complaints_log_of_row(row, what, text ? text : "");
	free(what);
	return text;
}

/* A patch port whose other end is not there, or does not name this one. To be freed, or NULL. */
static char *find_lost_peer(const struct db_row *row, const struct switch_port *entry)
{
	const char *name = db_row_string(row, INTERFACE_NAME, "");
	const char *peer =
		entry ? json_string_value(json_object_get(entry->options, "peer")) : NULL;

	if (!peer || !entry->is_patch || bridge_patch_is_whole(name))
		return NULL;
	if (!strcmp(peer, name))
		return xasprintf("port %s: peer=%s: it cannot be its own other end", name, peer);
	return xasprintf(
		"port %s: peer=%s: there is no patch port of that name whose options:peer is %s",
		name,
		peer,
		name
	);
}

/* 'take_text' is one of several sentences, or NULL. */
static void add(struct strbuf *out, char *take_text)
{
	if (take_text && *take_text)
		strbuf_addf(out, "%s%s", out->length ? "; " : "", take_text);
	free(take_text);
}

/* To be freed; NULL: all is well. */
static char *find_fault(
	const struct db_row *row,
	const struct db_row *lport,
	const struct switch_port *entry,
	bool failed
)
{
	char *what = xasprintf("port %s", db_row_string(row, INTERFACE_NAME, ""));
	char *complaints = complaints_check(row, "Interface", what);
	char *port_fault = faults_of_port(lport);
	struct strbuf out = STRBUF_INIT;

	free(what);
	/* Of what does not work at all the rest is of no interest. */
	if (entry && !entry->port && !entry->is_patch && entry->err.error) {
		add(&out, xstrdup(entry->refusal ? entry->refusal : entry->err.text));
		free(complaints);
		free(port_fault);
	} else {
		/* Complaints first: vsctl knows that it has told them (outcome.c). */
		add(&out, complaints);
		add(&out, entry ? find_rivalry(row, entry) : NULL);
		if (entry && (entry->refusal || entry->err.error))
			add(&out, xstrdup(entry->refusal ? entry->refusal : entry->err.text));
		add(&out, find_lost_peer(row, entry));
		add(&out, port_fault);
		add(&out, vf_wanted_error(row));
	}
	if (failed && !out.length)
		add(&out, xstrdup("all numbers that a bridge has for its ports are in use"));
	if (out.length)
		return strbuf_steal(&out);
	strbuf_fini(&out);
	return NULL;
}

void writeback_error(
	struct db_txn *txn,
	struct db_row *row,
	const struct db_row *lport,
	struct switch_port *entry,
	bool works,
	bool failed
)
{
	char *fault = find_fault(row, lport, entry, failed);

	db_txn_set_string(txn, row, INTERFACE_ERROR, works ? NULL : fault);
	if (entry) {
		free(entry->advice);
		entry->advice = works && fault ? xstrdup(fault) : NULL;
	}
	free(fault);
}
