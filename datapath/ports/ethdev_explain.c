/* SPDX-License-Identifier: Apache-2.0 */

/* Why a device of DPDK's could not be had, and what to do about it.  */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_bus_pci.h>
#include <rte_ethdev.h>

#include "datapath/eal.h"
#include "datapath/packet/heap.h"
#include "datapath/ports/devargs.h"
#include "datapath/ports/ethdev.h"
#include "lib/errbuf.h"

static bool is_pci_address(const char *devargs)
{
	struct rte_pci_addr address;
	char name[32];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(devargs, ","), devargs);
	return !rte_pci_addr_parse(name, &address);
}

int ethdev_explain_probe(const char *name, const struct devargs *dev, int error, struct errbuf *err)
{
	const char *devargs = dev->text;
	const char *why = eal_first_error();

	/* What EAL says when the driver said nothing. */
	if (!why[0] || !strncmp(why, "EAL: Driver cannot attach", 25))
		why = "it does not know these parameters, or the device does not answer";
	if (is_pci_address(devargs) && !eal_state()->pci)
		return errbuf_set(
			err,
			-EPERM,
			"port %s: PCI devices cannot be used (dpdk-devargs=%s): run as root, without "
			"--no-hugepages, and without --no-pci in dpdk-extra",
			name,
			devargs
		);
	if (error == -EEXIST && dev->is_representor)
		return errbuf_set(
			err,
			error,
			"port %s: dpdk-devargs=%s: the card is in use without this representor, and its "
			"driver adds none later: name all of them in other_config:dpdk-extra (-a "
			"CARD,representor=[0-3]) and restart the switch",
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

int ethdev_explain_missing(
	const char *name, const struct devargs *devargs, bool was_there, struct errbuf *err
)
{
	if (!devargs->is_representor || was_there)
		return ethdev_explain_probe(name, devargs, was_there ? -EEXIST : -ENODEV, err);
	return errbuf_set(
		err,
		-ENODEV,
		"port %s: dpdk-devargs=%s: the card has no such representor: is there a virtual "
		"function of that number, and the card in switchdev mode (devlink dev eswitch)?",
		name,
		devargs->text
	);
}

int ethdev_check_sharing(const struct ethdev *dev, const char *name, struct errbuf *err)
{
	struct rte_eth_dev_info info;

	if (rte_eth_dev_info_get(dev->ethdev_id, &info) ||
	    strcmp(info.driver_name, "net_virtio_user") != 0 || !heap_is_used())
		return 0;
	return errbuf_set(
		err,
		-ENOMEM,
		"port %s: virtio-user shares all memory of DPDK's with its other end, which cannot be done "
		"with memory that was added without hugepages: open the port before others, or "
		"reserve hugepages (vm.nr_hugepages) and restart the switch",
		name
	);
}
