/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/conn/service.h"

#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "datapath/punt.h"
#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/stream/endpoint.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/conn/controllers.h"
#include "ofproto/conn/port_status.h"
#include "ofproto/conn/snoop.h"
#include "ofproto/tables/limits.h"

LOG_TOPIC(service);

static char *directory;

static void on_connected(void *bridge, struct stream *stream)
{
	conn_open(bridge, stream, NULL);
}

void service_begin(void)
{
	punts_start();
	answers_start();
}

void service_end(void)
{
	answers_stop();
	punts_stop();
}

void service_set_directory(const char *path)
{
	free(directory);
	directory = path ? xstrdup(path) : NULL;
}

static void on_snooping(void *bridge, struct stream *stream)
{
	snoop_open(bridge, stream);
}

static struct endpoint *listen_at(
	struct bridge *bridge,
	const char *suffix,
	void (*connected)(void *bridge, struct stream *stream)
)
{
	struct endpoint_config config = {.connected = connected, .context = bridge};
	char *name = xasprintf("punix:%s/%s.%s", directory, bridge->name, suffix);
	struct endpoint *endpoint;
	struct errbuf err;

	endpoint = endpoint_open(uv_default_loop(), name, &config, &err);
	if (!endpoint)
		log_warn("bridge %s: %s", bridge->name, err.text);
	free(name);
	return endpoint;
}

void service_start(struct bridge *bridge)
{
	/* A name that leads elsewhere gets no socket. */
	if (!directory || strchr(bridge->name, '/'))
		return;
	bridge->service = listen_at(bridge, "mgmt", on_connected);
	bridge->snoop_service = listen_at(bridge, "snoop", on_snooping);
}

static void set_text(char **to, const json_t *map, const char *key)
{
	const char *text = json_string_value(json_object_get(map, key));

	free(*to);
	*to = text && *text ? xstrdup(text) : NULL;
}

bool service_apply(struct bridge *bridge, const struct bridge_config *config)
{
	const json_t *map = config->other_config;

	set_text(&bridge->desc, map, "dp-desc");
	set_text(&bridge->serial, map, "dp-sn");
	bridge->queue_size = config->queue_size;
	limits_apply(bridge, config->tables, config->n_tables);
	return controllers_apply(bridge, config);
}

void service_poll(struct bridge *bridge)
{
	controllers_poll(bridge);
	conns_poll(bridge);
	if (!cds_list_empty(&bridge->conns))
		port_status_check(bridge);
}

void service_stop(struct bridge *bridge)
{
	struct conn *conn, *next;

	controllers_stop(bridge);
	endpoint_close(bridge->service);
	endpoint_close(bridge->snoop_service);
	bridge->service = bridge->snoop_service = NULL;
	snoop_stop(bridge);
	cds_list_for_each_entry_safe(conn, next, &bridge->conns, in_bridge)
		conn_close(conn, "the bridge is gone");
}

void service_forget(struct bridge *bridge)
{
	free(bridge->desc);
	free(bridge->serial);
	port_status_forget(bridge);
}
