/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jsonrpc/remote.h"

#include <stdlib.h>

#include "lib/stream/endpoint.h"
#include "lib/xmalloc.h"

enum {
	DEFAULT_PORT = 6640
};

struct remote {
	struct endpoint *endpoint;
	struct remote_config config;
};

static void stream_up(void *context, struct stream *stream)
{
	struct remote *remote = context;
	const struct remote_config *config = &remote->config;
	struct jsonrpc *conn = jsonrpc_new(stream, config->limits);

	jsonrpc_set_handler(conn, config->handler, config->connected(config->context, conn));
}

struct remote *remote_open(
	struct uv_loop_s *loop,
	const char *name,
	const struct remote_config *config,
	struct errbuf *err
)
{
	struct remote *remote = XNEW(struct remote);
	const struct endpoint_config endpoint_config = {
		.connected = stream_up,
		.context = remote,
		.tls = config->tls,
		.default_port = DEFAULT_PORT,
		.max_streams = config->max_connections,
	};

	remote->config = *config;
	remote->endpoint = endpoint_open(loop, name, &endpoint_config, err);
	if (!remote->endpoint) {
		free(remote);
		return NULL;
	}
	return remote;
}

void remote_close(struct remote *remote)
{
	if (!remote)
		return;
	endpoint_close(remote->endpoint);
	free(remote);
}

void remote_get_status(const struct remote *remote, struct remote_status *status)
{
	struct endpoint_status endpoint;

	endpoint_get_status(remote->endpoint, &endpoint);
	*status = (struct remote_status){
		.connected = endpoint.state == ENDPOINT_ACTIVE || endpoint.n_streams > 0,
		.n_connections = endpoint.n_streams,
		.state = endpoint_state_name(endpoint.state),
		.last_error = endpoint.last_error,
		.since_ms = endpoint.since_ms,
		.connected_ms = endpoint.connected_ms,
		.disconnected_ms = endpoint.disconnected_ms,
		.bound_port = endpoint.bound_port,
	};
}

const char *remote_name(const struct remote *remote)
{
	return endpoint_name(remote->endpoint);
}

void remote_set_probe(struct remote *remote, unsigned probe_ms)
{
	endpoint_set_probe(remote->endpoint, probe_ms);
}

void remote_set_dscp(struct remote *remote, unsigned dscp)
{
	endpoint_set_dscp(remote->endpoint, dscp);
}

void remote_set_max_backoff(struct remote *remote, unsigned backoff_ms)
{
	endpoint_set_max_backoff(remote->endpoint, backoff_ms);
}
