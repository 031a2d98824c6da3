/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/xmalloc.h"
#include "vswitchd/complaints.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/request.h"

enum {
	EXIT_DATA = 65, /* as sysexits.h has it: the configuration did not work out */
};

static bool is_of(const struct db_table *table, const char *name)
{
	return !strcmp(db_table_schema(table)->name, name);
}

/* What the row says is wrong with it; of maps no more than was said when they were set (advice.c).
 * To be freed; "": nothing. */
static char *fault_of(const struct db_row *row)
{
	bool is_port = is_of(db_row_table(row), "Interface");
	const char *text = is_port && attr_count(row, "error")
		? attr_string(row, "error")
		: attr_map_get(row, "status", "config_error");
	char *what = xasprintf("%s %s", is_port ? "port" : "bridge", attr_string(row, "name"));
	char *complaints = complaints_find(row, is_port ? "Interface" : "Bridge", what);
	size_t n = complaints ? strlen(complaints) : 0;

	if (text && n && !strncmp(text, complaints, n))
		text += n + strspn(text + n, "; ");
	char *fault = xstrdup(text ? text : "");

	free(complaints);
	free(what);
	return fault;
}

static bool is_noted(const struct request *request, const struct uuid *uuid, uint32_t hash)
{
	const struct request_noted *noted;

	HMAP_FOREACH_WITH_HASH(noted, node, hash, &request->noted_map)
		if (uuid_equal(&noted->uuid, uuid))
			return true;
	return false;
}

/* Called with the same row again and again: a command sets several columns. */
static void note(struct request *request, const struct db_row *row)
{
	const struct uuid *uuid = db_row_uuid(row);
	uint32_t hash = uuid_hash(uuid);
	struct request_noted *noted;

	if (is_noted(request, uuid, hash))
		return;
	if (request->n_noted == request->noted_size) {
		request->noted_size = request->noted_size ? 2 * request->noted_size : 8;
		request->noted =
			xrealloc(request->noted, request->noted_size * sizeof(*request->noted));
	}
	noted = XNEW(struct request_noted);
	noted->table = db_row_table(row);
	noted->uuid = *uuid;
	noted->fault = fault_of(row);
	hmap_add(&request->noted_map, &noted->node, hash);
	request->noted[request->n_noted++] = noted;
}

/* Those that 'column' of a row names. */
static void note_refs(struct request *request, const struct db_row *row, const char *column)
{
	for (size_t i = 0; i < attr_count(row, column); i++) {
		const struct db_row *ref = attr_ref_at(row, column, i);

		if (ref)
			note(request, ref);
	}
}

/* Faults of a mirror stand with its bridge, those of a QoS with the interfaces of its ports. */
static void note_users(struct request *request, const struct db_row *row)
{
	bool is_mirror = is_of(db_row_table(row), "Mirror");
	struct db_table *users = db_find_table(request->db, is_mirror ? "Bridge" : "Port");

	DB_ROW_FOREACH(user, users) {
		if (is_mirror && attr_refers(user, "mirrors", row))
			note(request, user);
		else if (!is_mirror && attr_refers(user, "qos", row))
			note_refs(request, user, "interfaces");
	}
}

void outcome_note(struct request *request, struct db_row *row)
{
	const struct db_table *table = db_row_table(row);

	if (is_of(table, "Interface") || is_of(table, "Bridge"))
		note(request, row);
	else if (is_of(table, "Port"))
		note_refs(request, row, "interfaces");
	else if (is_of(table, "Mirror") || is_of(table, "QoS"))
		note_users(request, row);
	else if ((is_of(table, "Open_vSwitch") || is_of(table, "SSL")) && !request->asks_switch) {
		request->asks_switch = true;
		request->said = complaints_now();
	}
}

void outcome_reset(struct request *request)
{
	for (size_t i = 0; i < request->n_noted; i++) {
		struct request_noted *noted = request->noted[i];

		hmap_del(&request->noted_map, &noted->node);
		free(noted->fault);
		free(noted);
	}
	request->n_noted = 0;
	request->asks_switch = false;
}

/* A port that was there before may have no number: it is not in use. */
static bool port_failed(const struct db_row *row)
{
	return is_of(db_row_table(row), "Interface") && attr_count(row, "ofport") &&
		attr_integer(row, "ofport") == -1;
}

/* Whether 'error' says what the line, of 'n' bytes, says behind 'begin'. */
static bool repeats(const char *error, const char *line, size_t n, const char *begin)
{
	size_t skip = strlen(begin);

	return n > skip && !memcmp(line, begin, skip) &&
		memmem(error, strlen(error), line + skip, n - skip);
}

/* What the row itself says need not be said twice: the port of its options, or either of rows that belong
 * to it, such as its QoS or its controllers. */
static void drop_repeated(struct request *request, const char *name, const char *error)
{
	char *begin = xasprintf("warning: Interface %s: options: ", name);
	char *text = request->warnings.text;
	size_t length = request->warnings.length, kept = 0, n;

	/* In place: there may be thousands of rows, and as many lines. */
	for (size_t at = 0; at < length; at += n + 1) {
		n = strcspn(text + at, "\n");
		if (repeats(error, text + at, n, begin) ||
		    repeats(error, text + at, n, "warning: "))
			continue;
		if (kept < at)
			memmove(text + kept, text + at, n + 1);
		kept += n + 1;
	}
	if (kept < length) {
		request->warnings.length = kept;
		text[kept] = '\0';
	}
	free(begin);
}

/* A row may be in use although something it was told is refused. */
static void
warn(struct request *request, const struct db_row *row, const struct request_noted *noted)
{
	char *fault = fault_of(row);

	if (*fault && strcmp(fault, noted->fault) != 0) {
		drop_repeated(request, attr_string(row, "name"), fault);
		request_warn(request, "warning: %s", fault);
	}
	free(fault);
}

static void tell_failure(struct request *request, const struct db_row *row)
{
	const char *name = attr_string(row, "name");
	const char *error = attr_count(row, "error") ? attr_string(row, "error")
						     : "see the daemon's log for why";

	drop_repeated(request, name, error);
	request_warn(request, "Error detected while setting up '%s': %s", name, error);
}

static void warn_of_switch(void *request, const char *what, const char *text)
{
	/* That a setting waits for the next start was said when it was set (advice.c). */
	if (strcmp(what, "restart"))
		request_warn(request, "warning: %s", text);
}

bool outcome_tell(struct request *request)
{
	bool failed = false;

	for (size_t i = 0; i < request->n_noted; i++) {
		const struct request_noted *noted = request->noted[i];
		const struct db_row *row = db_table_find(noted->table, &noted->uuid);

		if (!row)
			continue;
		if (!port_failed(row)) {
			warn(request, row, noted);
			continue;
		}
		tell_failure(request, row);
		failed = true;
	}
	if (request->asks_switch)
		complaints_foreach_of_switch(request->said, warn_of_switch, request);
	if (failed)
		request->exit_status = EXIT_DATA;
	return failed;
}
