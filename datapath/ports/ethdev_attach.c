/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bus_pci.h>
#include <rte_dev.h>
#include <rte_ethdev.h>

#include "datapath/eal.h"
#include "datapath/ports/ethdev.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "lib/xmalloc.h"

struct search {
	const struct ethdev *dev;
	const struct port *user;
	bool shared; /* another port's device sits on the same hardware */
};

static bool is_class_string(const char *devargs)
{
	return !strncmp(devargs, "class=", 6);
}

/* DPDK's number of the device, or RTE_MAX_ETHPORTS. */
static uint16_t find(const char *devargs)
{
	struct rte_dev_iterator iterator;
	uint16_t id;

	if (rte_eth_iterator_init(&iterator, devargs))
		return RTE_MAX_ETHPORTS;
	id = rte_eth_iterator_next(&iterator);
	if (id != RTE_MAX_ETHPORTS)
		rte_eth_iterator_cleanup(&iterator);
	return id;
}

static struct rte_device *device_of(uint16_t id)
{
	struct rte_eth_dev_info info;

	return rte_eth_dev_info_get(id, &info) ? NULL : info.device;
}

static void visit(struct port *port, void *context)
{
	struct search *search = context;
	const struct ethdev *other = container_of(port, struct ethdev, port);

	/* Only this type uses these devices, and only it has this function. */
	if (port->type->get_status != ethdev_get_status || other == search->dev)
		return;
	if (other->ethdev_id == search->dev->ethdev_id)
		search->user = port;
	else if (device_of(other->ethdev_id) == device_of(search->dev->ethdev_id))
		search->shared = true;
}

static bool is_pci_address(const char *devargs)
{
	struct rte_pci_addr address;
	char name[32];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(devargs, ","), devargs);
	return !rte_pci_addr_parse(name, &address);
}

static int explain_probe(const char *name, const char *devargs, int error, struct errbuf *err)
{
	const char *why = eal_first_error();

	/* What EAL says when the driver said nothing. */
	if (!why[0] || !strncmp(why, "EAL: Driver cannot attach", 25))
		why = "it does not know these parameters, or the device does not answer";
	if (is_pci_address(devargs) && !eal_state()->pci)
		return errbuf_set(
			err,
			-EPERM,
			"port %s: PCI devices cannot be used (dpdk-devargs=%s): run as root, and "
			"without --no-pci in dpdk-extra",
			name,
			devargs
		);
	if (error == -EFAULT)
		return errbuf_set(
			err,
			-EINVAL,
			"port %s: dpdk-devargs=%s: neither a PCI address (like 0000:01:00.0) nor a "
			"device DPDK has a driver for (like net_pcap0)",
			name,
			devargs
		);
	if (error == -ENODEV)
		return errbuf_set(
			err,
			error,
			"port %s: dpdk-devargs=%s: there is no such device, or it is not bound to "
			"vfio-pci (see dpdk-devbind.py -s)",
			name,
			devargs
		);
	return errbuf_set(
		err, error, "port %s: dpdk-devargs=%s: the driver refused: %s", name, devargs, why
	);
}

static int probe(struct ethdev *dev, const char *name, struct errbuf *err)
{
	eal_forget_error();
	/* Devices may take their time, and virtio-user may even wait for a vhost port of ours. */
	epoch_offline();
	int error = rte_dev_probe(dev->devargs);

	epoch_online();

	/* Drivers say -1 for whatever went wrong. */
	if (error == -1)
		error = -EIO;
	if (!error) {
		dev->was_probed = true;
		dev->ethdev_id = find(dev->devargs);
		if (dev->ethdev_id == RTE_MAX_ETHPORTS)
			error = -ENODEV;
	}
	return error ? explain_probe(name, dev->devargs, error, err) : 0;
}

static int attach(struct ethdev *dev, const char *name, struct errbuf *err)
{
	struct search search = {.dev = dev};

	if (dev->devargs[0] == '\0')
		return errbuf_set(err, -EINVAL, "port %s: options:dpdk-devargs is empty", name);
	dev->ethdev_id = find(dev->devargs);
	if (dev->ethdev_id == RTE_MAX_ETHPORTS && is_class_string(dev->devargs))
		return errbuf_set(
			err,
			-ENODEV,
			"port %s: no device that DPDK has found matches dpdk-devargs=%s",
			name,
			dev->devargs
		);
	if (dev->ethdev_id == RTE_MAX_ETHPORTS)
		return probe(dev, name, err);
	port_foreach(visit, &search);
	if (!search.user)
		return 0;
	dev->ethdev_id = RTE_MAX_ETHPORTS;
	return errbuf_set(
		err,
		-EBUSY,
		"port %s: the device dpdk-devargs=%s is used by port %s already",
		name,
		dev->devargs,
		search.user->name
	);
}

int ethdev_attach(struct ethdev *dev, const char *name, struct errbuf *err)
{
	int error = attach(dev, name, err);

	if (!error)
		ethdev_listen(dev);
	return error;
}

void ethdev_detach(struct ethdev *dev)
{
	struct search search = {.dev = dev};

	if (dev->ethdev_id == RTE_MAX_ETHPORTS)
		return;
	struct rte_device *device = device_of(dev->ethdev_id);

	port_foreach(visit, &search);
	epoch_offline();
	ethdev_unlisten(dev);
	ethdev_stop(dev);
	if (dev->was_probed && !is_class_string(dev->devargs)) {
		rte_eth_dev_close(dev->ethdev_id);
		if (device && !search.shared)
			rte_dev_remove(device);
	}
	epoch_online();
}
