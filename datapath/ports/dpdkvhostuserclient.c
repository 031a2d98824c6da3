/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost.h"
#include "datapath/report/losses.h"

static const struct option options[] = {
	{
		.name = "vhost-server-path",
		.apply = OPTION_REOPEN,
		.required = true,
		.help = "The socket QEMU listens on (chardev socket with server=on). It need not "
			"exist yet; the port connects when it does, and again when it comes back.",
	},
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
	{
		.name = "vhost-max-queue-pairs",
		.kind = OPTION_INT,
		.apply = OPTION_IGNORED,
		.help = "Only for VDUSE.",
	},
};

static struct port *client_open(const char *name, const json_t *map, struct errbuf *err)
{
	return vhost_open(name, option_get_string(map, "vhost-server-path", ""), true, err);
}

static const struct port_type port_type_vhost_client = {
	.name = "dpdkvhostuserclient",
	.slow_close = true,
	.steers = true,
	.help = "A guest's network card, by vhost-user; the guest's side makes the socket.",
	.options = options,
	.n_options = ARRAY_LENGTH(options),
	.sends_mtu = true,
	.open = client_open,
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
REGISTRY_ADD(port_type, port_type_vhost_client);
