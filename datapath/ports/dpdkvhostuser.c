/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/ports/vhost.h"
#include "datapath/ports/vhost_settings.h"
#include "datapath/report/losses.h"
#include "lib/errbuf.h"
#include "lib/xmalloc.h"

static const struct option options[] = {
	{
		.name = "tx-retries-max",
		.kind = OPTION_INT,
		.apply = OPTION_IGNORED,
		.max = 32,
		.help = "A full ring is always tried again a bounded number of times.",
	},
	{
		.name = "n_rxq",
		.kind = OPTION_INT,
		.apply = OPTION_IGNORED,
		.help = "The guest says how many queues it has.",
	},
};

static struct port *server_open(const char *name, const json_t *map, struct errbuf *err)
{
	if (strchr(name, '/')) {
		errbuf_set(
			err,
			-EINVAL,
			"port %s: the name is also the socket's, so it cannot contain '/'",
			name
		);
		return NULL;
	}
	char *path = xasprintf("%s/%s", vhost_settings_folder(), name);
	struct port *port = vhost_open(name, path, false, err);

	free(path);
	return port;
}

static const struct port_type port_type_vhost_server = {
	.name = "dpdkvhostuser",
	.slow_close = true,
	.steers = true,
	.help = "A guest's network card, by vhost-user; the switch makes the socket, named after the "
		"port. Prefer dpdkvhostuserclient: there guests survive a restart of the switch.",
	.options = options,
	.n_options = ARRAY_LENGTH(options),
	.sends_mtu = true,
	.open = server_open,
	.close = vhost_close,
	.set_mtu = vhost_set_mtu,
	.set_mac = vhost_set_mac,
	.correct_stats = vhost_correct_stats,
	.add_statistics = losses_add,
	.get_status = vhost_get_status,
	.get_link = vhost_get_link,
	.get_peer_mtu = vhost_get_peer_mtu,
	.rx = vhost_rx,
	.tx = vhost_tx,
	.rx_wait = vhost_rx_wait,
	.rx_depth = vhost_rx_depth,
};
REGISTRY_ADD(port_type, port_type_vhost_server);
