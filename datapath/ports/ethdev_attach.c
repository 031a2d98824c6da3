/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_ethdev.h>

#include "datapath/eal.h"
#include "datapath/ports/devargs.h"
#include "datapath/ports/ethdev.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "lib/xmalloc.h"

/* Devices of open ports by DPDK's number. Devices are opened and closed one at a time. */
static struct ethdev *users[RTE_MAX_ETHPORTS];

static bool is_representor(uint16_t id)
{
	struct rte_eth_dev_info info;

	return !rte_eth_dev_info_get(id, &info) && *info.dev_flags & RTE_ETH_DEV_REPRESENTOR;
}

/* DPDK's number of the device, or RTE_MAX_ETHPORTS. A card's address alone is its first uplink. */
static uint16_t find(const struct devargs *devargs)
{
	struct rte_dev_iterator iterator;
	uint16_t id;

	if (rte_eth_iterator_init(&iterator, devargs->text))
		return RTE_MAX_ETHPORTS;
	do
		id = rte_eth_iterator_next(&iterator);
	while (id != RTE_MAX_ETHPORTS && !devargs->by_class &&
	       is_representor(id) != devargs->is_representor);
	if (id != RTE_MAX_ETHPORTS)
		rte_eth_iterator_cleanup(&iterator);
	return id;
}

static struct rte_device *device_of(uint16_t id)
{
	struct rte_eth_dev_info info;

	return id == RTE_MAX_ETHPORTS || rte_eth_dev_info_get(id, &info) ? NULL : info.device;
}

/* Another port's device on the same card, or NULL. */
static struct ethdev *find_sibling(const struct ethdev *dev)
{
	uint16_t id;

	RTE_ETH_FOREACH_DEV_SIBLING(id, dev->ethdev_id)
	if (users[id] && users[id] != dev)
		return users[id];
	return NULL;
}

/* Representors go before what they stand on. */
int ethdev_unplug(struct rte_device *device)
{
	uint16_t id;

	RTE_ETH_FOREACH_DEV_OF(id, device)
	if (is_representor(id))
		rte_eth_dev_close(id);
	RTE_ETH_FOREACH_DEV_OF(id, device)
	rte_eth_dev_close(id);
	return rte_dev_remove(device);
}

/* The device of the card that 'devargs' name, whichever it is. */
static uint16_t find_card(const struct devargs *devargs)
{
	char *card = xstrndup(devargs->text, strcspn(devargs->text, ","));
	struct rte_dev_iterator iterator;
	uint16_t id = RTE_MAX_ETHPORTS;

	if (!rte_eth_iterator_init(&iterator, card))
		id = rte_eth_iterator_next(&iterator);
	if (id != RTE_MAX_ETHPORTS)
		rte_eth_iterator_cleanup(&iterator);
	free(card);
	return id;
}

static int
probe(struct ethdev *dev, const struct devargs *devargs, const char *name, struct errbuf *err)
{
	bool was_there = find_card(devargs) != RTE_MAX_ETHPORTS;

	eal_forget_error();
	/* Devices may take their time, and virtio-user may even wait for a vhost port of ours. */
	epoch_offline();
	int error = rte_dev_probe(devargs->text);

	epoch_online();
	/* Drivers say -1 for whatever went wrong. */
	if (error)
		return ethdev_explain_probe(name, devargs, error == -1 ? -EIO : error, err);
	dev->was_probed = true;
	dev->ethdev_id = find(devargs);
	if (dev->ethdev_id != RTE_MAX_ETHPORTS)
		return 0;
	struct rte_device *card = was_there ? NULL : device_of(find_card(devargs));

	epoch_offline();
	if (card)
		ethdev_unplug(card);
	epoch_online();
	return ethdev_explain_missing(name, devargs, was_there, err);
}

static int
attach(struct ethdev *dev, const struct devargs *devargs, const char *name, struct errbuf *err)
{
	dev->ethdev_id = find(devargs);
	if (dev->ethdev_id == RTE_MAX_ETHPORTS && devargs->by_class)
		return errbuf_set(
			err,
			-ENODEV,
			"port %s: no device that DPDK has found matches dpdk-devargs=%s: name its card "
			"in other_config:dpdk-extra (-a CARD) or open another port of the card first",
			name,
			devargs->text
		);
	if (dev->ethdev_id == RTE_MAX_ETHPORTS)
		return probe(dev, devargs, name, err);
	const struct ethdev *user = users[dev->ethdev_id];

	if (!user)
		return 0;
	dev->ethdev_id = RTE_MAX_ETHPORTS;
	return errbuf_set(
		err,
		-EBUSY,
		"port %s: the device dpdk-devargs=%s is used by port %s already",
		name,
		devargs->text,
		user->port.name
	);
}

int ethdev_attach(struct ethdev *dev, const char *name, struct errbuf *err)
{
	struct devargs devargs;

	dev->ethdev_id = RTE_MAX_ETHPORTS;
	int error = devargs_parse(dev->devargs, &devargs, err);

	if (error) {
		errbuf_prefix(err, "port %s: ", name);
		return error;
	}
	error = attach(dev, &devargs, name, err);
	if (error)
		return error;
	users[dev->ethdev_id] = dev;
	ethdev_listen(dev);
	return 0;
}

void ethdev_detach(struct ethdev *dev)
{
	if (dev->ethdev_id == RTE_MAX_ETHPORTS)
		return;
	struct rte_device *device = device_of(dev->ethdev_id);
	struct ethdev *sibling = find_sibling(dev);

	epoch_offline();
	ethdev_unlisten(dev);
	ethdev_stop(dev);
	users[dev->ethdev_id] = NULL;
	/* The last port of a card lets go of it; until then a port may come back to this device. */
	if (dev->was_probed && sibling)
		sibling->was_probed = true;
	else if (dev->was_probed && device)
		ethdev_unplug(device);
	epoch_online();
}
