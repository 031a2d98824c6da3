/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/l2/faults.h"

#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/db_row.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge.h"
#include "ofproto/view.h"
#include "vswitchd/complaints.h"
#include "vswitchd/l2/l2_wanted.h"
#include "vswitchd/l2/lport_wanted.h"
#include "vswitchd/l2/mac_wanted.h"
#include "vswitchd/policing_wanted.h"
#include "vswitchd/rows.h"

/* Bytes of what is said of rows that belong to another: of a thousand queues the first tell enough. */
enum {
	PARTS_TOLD = 1024
};

/* Both texts are the function's. */
static char *join(char *take_a, char *take_b)
{
	char *both;

	if (!take_a || !take_b)
		return take_a ? take_a : take_b;
	both = xasprintf("%s; %s", take_a, take_b);
	free(take_a);
	free(take_b);
	return both;
}

/* A typing error would otherwise go unseen: there is but one datapath. */
static char *explain_type(const struct db_row *row, const char *what)
{
	const char *type = db_row_string(row, BRIDGE_DATAPATH_TYPE, "");

	if (!*type || !strcmp(type, "netdev") || !strcmp(type, "system"))
		return NULL;
	return xasprintf(
		"%s: datapath_type %s is not known; netdev and system are, and mean the same here",
		what,
		type
	);
}

/* A list is what may be spoken: of one with something that is, the rest does no harm. */
static char *explain_protocols(const struct db_row *row, const char *what)
{
	static const char spoken[] = "OpenFlow10 OpenFlow13 OpenFlow14 OpenFlow15";
	size_t n = db_row_count(row, BRIDGE_PROTOCOLS);

	for (size_t i = 0; i < n; i++)
		if (strstr(spoken, db_row_string_at(row, BRIDGE_PROTOCOLS, i)))
			return NULL;
	return n
		? xasprintf(
			  "%s: none of its protocols is spoken here, so nobody can connect; these are: %s",
			  what,
			  spoken
		  )
		: NULL;
}

static char *explain_l2(const struct db_row *row, const char *what)
{
	struct strbuf out = STRBUF_INIT;
	char *key = xasprintf("switching of %s", what);

	l2_wanted_explain(row, &out);
	mac_wanted_explain(row, &out);
	complaints_log_of_row(row, key, out.length ? strbuf_text(&out) : "");
	free(key);
	char *text = out.length ? xasprintf("%s: %s", what, strbuf_text(&out)) : NULL;

	strbuf_fini(&out);
	return text;
}

/* Adds what is wrong with the row's columns, once of several rows of the kind. */
static void add_complaints(const struct db_row *row, const char *table, struct strbuf *out)
{
	char *text = row ? complaints_find(row, table, table) : NULL;

	if (text && !(out->length && strstr(strbuf_text(out), text)))
		strbuf_addf(out, "%s%s", out->length ? "; " : "", text);
	free(text);
}

/* The same of all rows to which a column refers, as far as that is not too much to read. */
static void add_complaints_of_all(
	const struct db_row *row, unsigned column, const char *table, struct strbuf *out
)
{
	for (size_t i = 0; i < db_row_count(row, column); i++) {
		if (out->length >= PARTS_TOLD) {
			strbuf_add(out, "; there may be more");
			return;
		}
		add_complaints(db_row_ref_at(row, column, i), table, out);
	}
}

/* Logs what is new of the faults of rows that belong to 'row', which is 'what'. To be freed; NULL: there
 * are none. */
static char *
tell_parts(const struct db_row *row, const char *what, const char *parts, struct strbuf *faults)
{
	char *text = faults->length ? xasprintf("%s: %s", what, strbuf_text(faults)) : NULL;
	char *key = xasprintf("%s of %s", parts, what);

	complaints_log_of_row(row, key, text ? text : "");
	free(key);
	strbuf_fini(faults);
	return text;
}

static char *explain_controllers(const struct db_row *bridge, const char *what)
{
	struct strbuf out = STRBUF_INIT;

	add_complaints_of_all(bridge, BRIDGE_CONTROLLER, "Controller", &out);
	return tell_parts(bridge, what, "controllers", &out);
}

/* Of one whose type is not known everything is without effect, which is told elsewhere. */
static char *explain_qos(const struct db_row *port, const char *what)
{
	const struct db_row *qos = db_row_ref(port, PORT_QOS);
	struct strbuf out = STRBUF_INIT;

	if (qos && policing_wanted_knows(db_row_string(qos, QOS_TYPE, ""))) {
		add_complaints(qos, "QoS", &out);
		add_complaints_of_all(qos, QOS_QUEUES, "Queue", &out);
	}
	return tell_parts(port, what, "QoS", &out);
}

char *faults_of_bridge(const struct db_row *row)
{
	const char *name = db_row_string(row, BRIDGE_NAME, "");
	char *what = xasprintf("bridge %s", name);
	char *key = xasprintf("making %s", name);
	char *complaint = complaints_check(row, "Bridge", what);

	if (bridge_find(name)) {
		complaint = join(complaint, explain_type(row, what));
		complaint = join(complaint, explain_protocols(row, what));
		complaint = join(complaint, explain_l2(row, what));
		complaint = join(complaint, explain_controllers(row, what));
	} else {
		free(complaint);
		complaint = xasprintf(
			"%s: there are %d bridges already, the most that a switch can have",
			what,
			VIEW_BRIDGES
		);
	}
	complaints_log_of_row(row, key, bridge_find(name) ? "" : complaint);
	free(what);
	free(key);
	return complaint;
}

char *faults_of_port(const struct db_row *port)
{
	struct strbuf out = STRBUF_INIT;
	char *what = xasprintf("port %s", db_row_string(port, PORT_NAME, ""));
	char *key = xasprintf("settings of %s", what);
	char *row = xasprintf("Port %s", db_row_string(port, PORT_NAME, ""));
	char *complaint;

	lport_wanted_explain(port, &out);
	complaints_log_of_row(port, key, strbuf_text(&out));
	complaint = join(complaints_check(port, "Port", row), explain_qos(port, what));
	if (complaint)
		strbuf_addf(&out, "%s%s", out.length ? "; " : "", complaint);
	free(complaint);
	free(row);
	free(key);
	free(what);
	if (out.length)
		return strbuf_steal(&out);
	strbuf_fini(&out);
	return NULL;
}
