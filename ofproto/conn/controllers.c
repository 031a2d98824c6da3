/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/conn/controllers.h"

#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/stream/address.h"
#include "lib/stream/endpoint.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/conn/packet_in.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/rules.h"

LOG_TOPIC(controller);

enum {
	PORT = 6653,
	PROBE_MS = 5000,
	MAX_BACKOFF_MS = 8000,
	PROBES_UNANSWERED = 3, /* then a bridge that stands alone does */
	RETRY_MS =
		2000, /* what cannot be opened may be possible later: an address comes, a port is free */
};

static bool held;

static void on_connected(void *controller_, struct stream *stream)
{
	struct controller *controller = controller_;

	conn_open(controller->bridge, stream, controller);
}

static struct controller *find(const struct bridge *bridge, const char *target)
{
	struct controller *controller;

	cds_list_for_each_entry(controller, &bridge->controllers, in_bridge)
		if (!strcmp(controller->target, target))
			return controller;
	return NULL;
}

static struct controller *add(struct bridge *bridge, const struct bridge_controller_config *config)
{
	struct controller *controller = XNEW(struct controller);

	controller->bridge = bridge;
	controller->target = xstrdup(config->target);
	cds_list_add_tail(&controller->in_bridge, &bridge->controllers);
	return controller;
}

static int64_t now_ms(void)
{
	return (int64_t)(uv_hrtime() / 1000000);
}

/* Logs a fault once, not at every try. */
static void set_fault(struct controller *controller, const char *text)
{
	if (text && (!controller->fault || strcmp(controller->fault, text)))
		log_warn("bridge %s: controller %s", controller->bridge->name, text);
	free(controller->fault);
	controller->fault = text ? xstrdup(text) : NULL;
}

static void set_up_endpoint(const struct controller *controller)
{
	endpoint_set_probe(controller->endpoint, controller->probe_ms);
	endpoint_set_dscp(controller->endpoint, controller->dscp);
	endpoint_set_max_backoff(controller->endpoint, controller->max_backoff_ms);
}

static void open_endpoint(struct controller *controller)
{
	struct endpoint_config endpoint = {
		.connected = on_connected,
		.context = controller,
		.tls = controller->tls,
		.default_port = PORT,
	};
	struct errbuf err;

	errbuf_init(&err);
	controller->tried_ms = now_ms();
	controller->endpoint =
		endpoint_open(uv_default_loop(), controller->target, &endpoint, &err);
	set_fault(controller, controller->endpoint ? NULL : err.text);
	if (controller->endpoint)
		set_up_endpoint(controller);
}

static void configure(struct controller *controller, const struct bridge_controller_config *config)
{
	bool unix_socket = strstr(config->target, "unix:");
	struct address address;
	struct errbuf err;
	char host[ADDRESS_HOST_SIZE];
	bool passive =
		address_parse_host(config->target, PORT, &address, host, &err) || address.passive;

	controller->wanted = true;
	controller->primary = !config->service && !passive;
	controller->quiet = config->quiet;
	controller->rate_limit = config->rate_limit;
	controller->burst_limit = config->burst_limit;
	controller->queue_size = config->queue_size;
	controller->dscp = config->dscp;
	controller->max_backoff_ms =
		config->max_backoff_ms ? config->max_backoff_ms : MAX_BACKOFF_MS;
	controller->probe_ms =
		config->probe_ms < 0 ? (unix_socket ? 0 : PROBE_MS) : (unsigned)config->probe_ms;
	if (controller->endpoint)
		set_up_endpoint(controller);
	else if (!held && !controller->fault)
		open_endpoint(controller);
}

static void remove_controller(struct controller *controller)
{
	endpoint_close(controller->endpoint);
	cds_list_del(&controller->in_bridge);
	free(controller->target);
	free(controller->fault);
	free(controller);
}

static void set_versions(struct bridge *bridge, uint32_t versions)
{
	struct conn *conn, *next;

	bridge->versions = versions;
	cds_list_for_each_entry_safe(conn, next, &bridge->conns, in_bridge)
		if (versions && conn->version && !(versions >> conn->version & 1))
			conn_close(conn, "its version of OpenFlow is no longer allowed");
}

bool controllers_apply(struct bridge *bridge, const struct bridge_config *config)
{
	struct controller *controller, *next;
	bool decided = controllers_decide(bridge);

	set_versions(bridge, config->versions);
	cds_list_for_each_entry(controller, &bridge->controllers, in_bridge)
		controller->wanted = false;
	for (unsigned i = 0; i < config->n_controllers; i++) {
		const struct bridge_controller_config *wanted = &config->controllers[i];

		controller = find(bridge, wanted->target);
		if (!controller)
			controller = add(bridge, wanted);
		controller->tls = config->tls;
		configure(controller, wanted);
	}
	cds_list_for_each_entry_safe(controller, next, &bridge->controllers, in_bridge)
		if (!controller->wanted)
			remove_controller(controller);
	decided = decided != controllers_decide(bridge);
	if (decided) {
		/* Whoever decides begins with empty tables. */
		rules_delete_all(bridge);
		bridge->answered_ms = now_ms();
	}
	controllers_changed(bridge);
	return decided;
}

void controllers_hold(bool hold)
{
	held = hold;
}

void controllers_reconnect(struct bridge *bridge)
{
	struct controller *controller;
	struct conn *conn, *next;

	cds_list_for_each_entry_safe(conn, next, &bridge->conns, in_bridge)
		if (conn->controller)
			conn_close(conn, "told to reconnect");
	cds_list_for_each_entry(controller, &bridge->controllers, in_bridge)
		if (controller->endpoint)
			endpoint_retry(controller->endpoint);
}

void controllers_stop(struct bridge *bridge)
{
	struct controller *controller, *next;

	cds_list_for_each_entry_safe(controller, next, &bridge->controllers, in_bridge)
		remove_controller(controller);
}

bool controllers_decide(const struct bridge *bridge)
{
	const struct controller *controller;

	cds_list_for_each_entry(controller, &bridge->controllers, in_bridge)
		if (controller->primary)
			return true;
	return false;
}

static bool primary_answers(const struct bridge *bridge)
{
	const struct conn *conn;

	cds_list_for_each_entry(conn, &bridge->conns, in_bridge)
		if (conn->version && conn->controller && conn->controller->primary)
			return true;
	return false;
}

/* How long the controllers may be silent. */
static int64_t patience(const struct bridge *bridge)
{
	const struct controller *controller;
	unsigned probe_ms = 0;

	cds_list_for_each_entry(controller, &bridge->controllers, in_bridge)
		if (controller->primary && controller->probe_ms > probe_ms)
			probe_ms = controller->probe_ms;
	return (int64_t)(probe_ms ? probe_ms : PROBE_MS) * PROBES_UNANSWERED;
}

static void set_alone(struct bridge *bridge, bool alone)
{
	if (bridge->alone == alone)
		return;
	bridge->alone = alone;
	rules_set_alone(bridge, alone);
	if (alone)
		log_warn("bridge %s: no controller answers: standing alone", bridge->name);
	else
		log_info("bridge %s: standing alone no more", bridge->name);
}

static void open_again(struct bridge *bridge)
{
	struct controller *controller;

	cds_list_for_each_entry(controller, &bridge->controllers, in_bridge)
		if (controller->fault && now_ms() - controller->tried_ms >= RETRY_MS)
			open_endpoint(controller);
}

void controllers_poll(struct bridge *bridge)
{
	int64_t now = now_ms();
	bool answered = primary_answers(bridge);

	if (answered)
		bridge->answered_ms = now;
	set_alone(
		bridge,
		bridge->fail_mode == BRIDGE_STANDALONE && controllers_decide(bridge) && !answered &&
			now - bridge->answered_ms >= patience(bridge)
	);
	open_again(bridge);
}

void controllers_stand_alone(struct bridge *bridge)
{
	bridge->answered_ms -= patience(bridge);
	controllers_poll(bridge);
}

/* OpenFlow 1.0's controllers are asked about packets that no rule matches. */
static bool misses_are_asked(const struct bridge *bridge)
{
	const struct conn *conn;

	cds_list_for_each_entry(conn, &bridge->conns, in_bridge)
		if (conn->version == OF10 && conn->controller && conn->controller->primary)
			return true;
	return false;
}

static bool ttls_are_asked(const struct bridge *bridge)
{
	const struct conn *conn;

	cds_list_for_each_entry(conn, &bridge->conns, in_bridge)
		if (async_wants(conn, ASYNC_PACKET_IN, PACKET_IN_INVALID_TTL))
			return true;
	return false;
}

void controllers_changed(struct bridge *bridge)
{
	bool misses = misses_are_asked(bridge), ttls = ttls_are_asked(bridge);

	if (bridge->misses_are_asked != misses || bridge->ttls_are_asked != ttls) {
		struct change *change = bridge_changes_begin();

		bridge->misses_are_asked = misses;
		bridge->ttls_are_asked = ttls;
		bridge->dirty = true;
		change_add(change, DEP_BRIDGE, bridge->index, 0, 0);
		bridges_publish(change);
		bridge_changes_end();
	}
	controllers_poll(bridge);
}

unsigned controllers_burst(const struct controller *controller)
{
	return controller->burst_limit ? controller->burst_limit : controller->rate_limit / 4 + 1;
}

/* A packet costs its share of a second. Time that was not used is kept for a burst. */
bool controllers_spend(struct controller *controller)
{
	int64_t now = (int64_t)(uv_hrtime() / 1000), cost, kept;

	if (!controller->rate_limit)
		return true;
	cost = 1000000 / controller->rate_limit;
	kept = cost * controllers_burst(controller);
	if (controller->spent_us < now - kept)
		controller->spent_us = now - kept;
	if (controller->spent_us + cost > now)
		return false;
	controller->spent_us += cost;
	return true;
}

bool bridge_get_controller_status(
	const struct bridge *bridge, const char *target, struct bridge_controller_status *status
)
{
	static const char *const roles[] = {"", "other", "master", "slave"};
	const struct controller *controller = find(bridge, target);
	struct endpoint_status endpoint;
	const struct conn *conn;

	*status = (struct bridge_controller_status
	){.state = "VOID", .connected_ms = -1, .disconnected_ms = -1};
	if (!controller)
		return false;
	if (!controller->endpoint) {
		status->last_error = controller->fault;
		return true;
	}
	endpoint_get_status(controller->endpoint, &endpoint);
	status->state = endpoint_state_name(endpoint.state);
	status->last_error = endpoint.last_error;
	status->connected_ms = endpoint.connected_ms;
	status->disconnected_ms = endpoint.disconnected_ms;
	cds_list_for_each_entry(conn, &bridge->conns, in_bridge)
		if (conn->controller == controller && conn->version) {
			status->connected = true;
			status->role = roles[conn->role];
		}
	return true;
}
