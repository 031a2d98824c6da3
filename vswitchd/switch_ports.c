/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/switch_ports.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/port.h"
#include "datapath/worker.h"
#include "lib/clock.h"
#include "lib/hash.h"
#include "lib/log.h"
#include "lib/ovsdb/db_row.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge.h"
#include "vswitchd/complaints.h"
#include "vswitchd/port_jobs.h"
#include "vswitchd/rows.h"

LOG_TOPIC(ports);

enum {
	RETRY_MS = 3000
};

static struct {
	struct hmap ports;
	unsigned pass;
} state;

struct switch_port *switch_ports_find(const char *name)
{
	struct switch_port *entry;

	HMAP_FOREACH_WITH_HASH(entry, node, hash_string(name, 0), &state.ports)
		if (!strcmp(entry->name, name))
			return entry;
	return NULL;
}

/* Ports that are closed together: what that costs in waiting is the same for one and for many. */
struct leaving {
	struct port **ports;
	unsigned n;
};

static void leaving_init(struct leaving *leaving)
{
	leaving->ports = XNEW_N(struct port *, hmap_count(&state.ports) + 1);
	leaving->n = 0;
}

static void take_port(struct switch_port *entry, struct leaving *leaving)
{
	if (!entry->port)
		return;
	log_info("port %s: closing", entry->name);
	leaving->ports[leaving->n++] = entry->port;
	entry->port = NULL;
	entry->polled = false;
	entry->followed_mtu = 0;
	entry->link_seen = false;
	/* The next one counts from 0. */
	entry->rates = (struct switch_port_rates){0};
}

static void close_ports(struct leaving *leaving)
{
	ports_withdraw(leaving->ports, leaving->n);
	bridges_forget_ports(leaving->ports, leaving->n);
	ports_close_begin(leaving->ports, leaving->n);
	for (unsigned i = 0; i < leaving->n; i++)
		port_jobs_close(leaving->ports[i]);
	free(leaving->ports);
}

/* Says why the port cannot be opened, not with every try but when it is news. */
static void complain(const struct switch_port *entry, const char *text)
{
	char *what = xasprintf("opening %s", entry->name);

	complaints_log(what, text);
	free(what);
}

void switch_port_complain(const struct switch_port *entry, const char *text)
{
	char *what = xasprintf("using %s", entry->name);

	complaints_log(what, text);
	free(what);
}

static void stop_opening(struct switch_port *entry)
{
	if (entry->opening)
		port_jobs_forget(entry->name);
	entry->opening = false;
}

/* Its port, if it has one, has been taken. */
static void entry_free(struct switch_port *entry)
{
	stop_opening(entry);
	complain(entry, "");
	switch_port_complain(entry, "");
	hmap_del(&state.ports, &entry->node);
	json_decref(entry->options);
	free(entry->name);
	free(entry->type);
	free(entry->rival);
	free(entry->advice);
	free(entry->refusal);
	free(entry);
}

bool switch_ports_fini(bool keep_devices)
{
	struct switch_port *entry;
	struct leaving leaving;

	leaving_init(&leaving);
	HMAP_FOREACH_SAFE(entry, node, &state.ports) {
		if (entry->port)
			entry->port->keep_device = keep_devices;
		take_port(entry, &leaving);
		entry_free(entry);
	}
	close_ports(&leaving);
	hmap_fini(&state.ports);
	return port_jobs_fini(keep_devices);
}

static void opened(const char *name, struct port *port, const struct errbuf *err)
{
	struct switch_port *entry = switch_ports_find(name);

	/* Who is not wanted any more was forgotten. */
	assert(entry && entry->opening);
	entry->opening = false;
	entry->port = port;
	complain(entry, port ? "" : err->text);
	if (port) {
		log_info("port %s: opened as %s", name, port->type->name);
		return;
	}
	entry->err = *err;
	entry->failed_ms = clock_ms();
}

static void open_port(struct switch_port *entry)
{
	errbuf_init(&entry->err);
	entry->is_patch = !strcmp(entry->type, "patch");
	if (entry->is_patch) {
		if (!json_object_get(entry->options, "peer"))
			errbuf_set(
				&entry->err,
				-EINVAL,
				"port %s: a patch port needs options:peer, its other end",
				entry->name
			);
		return;
	}
	entry->opening = true;
	port_jobs_open(entry->name, entry->type, entry->options);
}

void switch_ports_init(struct uv_loop_s *loop, void (*settled)(void))
{
	hmap_init(&state.ports);
	port_jobs_init(loop, opened, settled);
}

void switch_ports_slice(void)
{
	port_jobs_slice();
}

/* An empty type means a device of the kernel's, but the interface that has its bridge's name is
 * made by us whatever the row says. */
static const char *effective_type(const struct db_row *row, const char *bridge)
{
	const char *type = db_row_string(row, INTERFACE_TYPE, "");

	if (!strcmp(db_row_string(row, INTERFACE_NAME, ""), bridge) &&
	    (!*type || !strcmp(type, "system")))
		return "internal";
	return *type ? type : "system";
}

static bool is_owner(
	const struct switch_port_owner *owner,
	const struct db_row *lport,
	const struct db_row *bridge
)
{
	return uuid_equal(&owner->lport, db_row_uuid(lport)) &&
		uuid_equal(&owner->bridge, db_row_uuid(bridge));
}

bool switch_port_is_of(
	const struct switch_port *entry, const struct db_row *lport, const struct db_row *bridge
)
{
	return is_owner(&entry->owner, lport, bridge);
}

/* One more row of Port names the interface. Who had it before keeps it, lest it should go from one
 * to the other by chance. */
static void
add_rival(struct switch_port *entry, const struct db_row *lport, const struct db_row *bridge)
{
	const struct db_row *loser = lport, *loser_bridge = bridge;

	if (is_owner(&entry->last_owner, lport, bridge)) {
		loser = entry->lport;
		loser_bridge = entry->bridge;
		entry->owner = entry->last_owner;
	}
	free(entry->rival);
	entry->rival = xasprintf(
		"Port %s of bridge %s",
		db_row_string(loser, PORT_NAME, ""),
		db_row_string(loser_bridge, BRIDGE_NAME, "")
	);
}

static void
set_owner(struct switch_port *entry, const struct db_row *lport, const struct db_row *bridge)
{
	entry->last_owner = entry->owner;
	entry->owner.lport = *db_row_uuid(lport);
	entry->owner.bridge = *db_row_uuid(bridge);
	entry->lport = lport;
	entry->bridge = bridge;
	free(entry->rival);
	entry->rival = NULL;
}

static struct switch_port *get_entry(const char *name)
{
	struct switch_port *entry = switch_ports_find(name);

	if (entry)
		return entry;
	entry = XNEW(struct switch_port);
	entry->name = xstrdup(name);
	hmap_add(&state.ports, &entry->node, hash_string(name, 0));
	return entry;
}

/* A port that works is not closed for options with which it could not be opened. */
static bool refuses(struct switch_port *entry, const json_t *options)
{
	struct errbuf err;

	errbuf_init(&err);
	if (!entry->port || !port_check_options(entry->port, options, &err))
		return false;
	complain(entry, err.text);
	entry->refusal = xstrdup(err.text);
	return true;
}

void switch_ports_want(
	const struct db_row *row, const struct db_row *lport, const struct db_row *bridge
)
{
	const char *type = effective_type(row, db_row_string(bridge, BRIDGE_NAME, ""));
	struct switch_port *entry = get_entry(db_row_string(row, INTERFACE_NAME, ""));

	if (entry->pass == state.pass) {
		add_rival(entry, lport, bridge);
		return;
	}
	entry->pass = state.pass;
	set_owner(entry, lport, bridge);
	json_t *options = db_row_map_json(row, INTERFACE_OPTIONS);

	free(entry->refusal);
	entry->refusal = NULL;
	if (entry->type && !strcmp(entry->type, type) &&
	    (json_equal(entry->options, options) || refuses(entry, options))) {
		json_decref(options);
		return;
	}
	entry->changed = true;
	free(entry->type);
	json_decref(entry->options);
	entry->type = xstrdup(type);
	entry->options = options;
}

void switch_ports_begin(void)
{
	state.pass++;
}

/* It failed a while ago. */
static bool is_due(const struct switch_port *entry)
{
	return !entry->port && !entry->is_patch && !entry->opening &&
		clock_ms() - entry->failed_ms >= RETRY_MS;
}

static bool is_lost(const struct switch_port *entry)
{
	return entry->port && port_get_loss(entry->port) != PORT_LOSS_NONE;
}

/* A device that was reset is opened again at once; one that is being taken away when there may be
 * another. */
static void handle_loss(struct switch_port *entry, struct leaving *leaving)
{
	bool is_reset = port_get_loss(entry->port) == PORT_LOSS_RESET;

	log_warn("port %s: its device %s", entry->name, is_reset ? "was reset" : "is taken away");
	take_port(entry, leaving);
	if (is_reset) {
		entry->changed = true;
		return;
	}
	errbuf_set(&entry->err, -ENODEV, "port %s: its device was taken away", entry->name);
	entry->failed_ms = clock_ms();
}

static int compare_names(const void *a, const void *b)
{
	struct switch_port *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* In the order of their names: numbers are given to the ports that are open, and opening many takes
 * several turns. */
static void open_ports(void)
{
	struct switch_port **due = XNEW_N(struct switch_port *, hmap_count(&state.ports) + 1);
	struct switch_port *entry;
	unsigned n = 0;

	HMAP_FOREACH(entry, node, &state.ports) {
		if (entry->changed || is_due(entry))
			due[n++] = entry;
		entry->changed = false;
	}
	qsort(due, n, sizeof(due[0]), compare_names);
	for (unsigned i = 0; i < n; i++)
		open_port(due[i]);
	free(due);
}

/* What must go goes first, so that a device can change its name in one transaction. */
void switch_ports_end(void)
{
	struct switch_port *entry;
	struct leaving leaving;

	leaving_init(&leaving);
	HMAP_FOREACH_SAFE(entry, node, &state.ports) {
		if (entry->pass != state.pass) {
			take_port(entry, &leaving);
			entry_free(entry);
		} else if (entry->changed) {
			stop_opening(entry);
			take_port(entry, &leaving);
		} else if (is_lost(entry)) {
			handle_loss(entry, &leaving);
		}
	}
	close_ports(&leaving);
	open_ports();
}

void switch_ports_poll(void)
{
	struct port **ports = XNEW_N(struct port *, hmap_count(&state.ports));
	struct switch_port *entry;
	unsigned n = 0;

	HMAP_FOREACH(entry, node, &state.ports) {
		entry->seen_mtu = entry->port ? entry->port->mtu : 0;
		if (entry->port && !entry->polled) {
			ports[n++] = entry->port;
			entry->polled = true;
		}
	}
	plan_add_ports(ports, n);
	free(ports);
}

static bool is_wanted(const char *name)
{
	return switch_ports_find(name);
}

void switch_ports_end_strays(void)
{
	unsigned n = ports_end_strays(is_wanted);

	if (n)
		log_info("ended %u device(s) of ports that were deleted meanwhile", n);
}

static bool has_new_mtu(const struct switch_port *entry)
{
	return entry->port && entry->seen_mtu && entry->seen_mtu != entry->port->mtu &&
		!entry->mtu_requested;
}

bool switch_ports_retry_due(void)
{
	struct switch_port *entry;

	HMAP_FOREACH(entry, node, &state.ports)
		if (is_due(entry) || is_lost(entry) || has_new_mtu(entry))
			return true;
	return false;
}

bool switch_ports_are_settled(void)
{
	return !port_jobs_are_busy();
}
