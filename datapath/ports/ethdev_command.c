/* SPDX-License-Identifier: Apache-2.0 */

/* Commands about DPDK's Ethernet devices.  */

#include <errno.h>
#include <string.h>

#include <rte_ethdev.h>

#include "datapath/ports/ethdev.h"
#include "lib/command.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"

static uint16_t ethdev_of(const struct port *port)
{
	return container_of(port, struct ethdev, port)->ethdev_id;
}

/* One port by name, or all. */
struct wish {
	const char *name; /* NULL: all */
	bool up;
	unsigned found;
	int error; /* the last device's */
};

static void set_link(struct port *port, void *context)
{
	struct wish *wish = context;
	int error;

	if (port->type != port_type_find("dpdk") || (wish->name && strcmp(port->name, wish->name)))
		return;
	wish->found++;
	error = wish->up ? rte_eth_dev_set_link_up(ethdev_of(port))
			 : rte_eth_dev_set_link_down(ethdev_of(port));
	if (error)
		wish->error = error;
}

static json_t *cmd_set_admin_state(struct command_call *call, struct errbuf *err)
{
	const char *state = call->argv[call->argc - 1];
	struct wish wish = {.name = call->argc == 2 ? call->argv[0] : NULL};

	wish.up = !strcmp(state, "up");
	if (!wish.up && strcmp(state, "down")) {
		errbuf_set(err, -EINVAL, "%s: not 'up' or 'down'", state);
		return NULL;
	}
	port_foreach(set_link, &wish);
	if (wish.name && !wish.found) {
		errbuf_set(
			err, -ENODEV, "%s: there is no port of type dpdk by that name", wish.name
		);
		return NULL;
	}
	if (wish.error) {
		errbuf_set(err, wish.error, "the device refuses: %s", strerror(-wish.error));
		return NULL;
	}
	return json_string("OK");
}

/* A port on that card, if any. */
struct user {
	const struct rte_device *card;
	const struct port *port;
};

static void find_user(struct port *port, void *context)
{
	struct user *user = context;
	struct rte_eth_dev_info info;

	if (port->type == port_type_find("dpdk") && !rte_eth_dev_info_get(ethdev_of(port), &info) &&
	    info.device == user->card)
		user->port = port;
}

static json_t *cmd_detach(struct command_call *call, struct errbuf *err)
{
	const char *name = call->argv[0];
	struct rte_eth_dev_info info;
	struct user user = {.port = NULL};
	uint16_t id;

	if (rte_eth_dev_get_port_by_name(name, &id) || rte_eth_dev_info_get(id, &info)) {
		errbuf_set(err, -ENODEV, "%s: DPDK knows no device by that name", name);
		return NULL;
	}
	user.card = info.device;
	port_foreach(find_user, &user);
	if (user.port) {
		errbuf_set(
			err,
			-EBUSY,
			"%s: port %s is on that card: 'vsctl del-port %s' gives it back first",
			name,
			user.port->name,
			user.port->name
		);
		return NULL;
	}
	epoch_offline();

	int error = ethdev_unplug(info.device);

	epoch_online();
	if (error) {
		errbuf_set(
			err, error, "%s: the device cannot be let go of: %s", name, strerror(-error)
		);
		return NULL;
	}
	return json_sprintf("Device '%s' has been detached", name);
}

MGMT_COMMAND(
	dpdk_set_admin_state,
	"netdev-dpdk/set-admin-state",
	"[PORT] up|down",
	1,
	2,
	cmd_set_admin_state,
	"Switches the link of a port's DPDK device, or of all, on or off."
);
MGMT_COMMAND(
	dpdk_detach,
	"netdev-dpdk/detach",
	"DEVICE",
	1,
	1,
	cmd_detach,
	"Lets go of a DPDK device that is no port, so that it can be pulled out or given to others."
);
