/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datapath/port.h"
#include "datapath/ports/way.h"

static int request(const struct kernel_device *device, unsigned long what, struct ifreq *ifr)
{
	memcpy(ifr->ifr_name, device->name, sizeof(ifr->ifr_name));
	return ioctl(device->sock, what, ifr) ? -errno : 0;
}

int kernel_open(struct kernel_device *device, const char *name)
{
	if (strlen(name) >= sizeof(device->name))
		return -ENODEV;
	memset(device->name, 0, sizeof(device->name));
	memcpy(device->name, name, strlen(name));
	device->sock = way_open_here();
	return device->sock < 0 ? device->sock : 0;
}

int kernel_open_tap(struct kernel_device *device, int tap_fd)
{
	struct ifreq ifr = {0};

	if (ioctl(tap_fd, TUNGETIFF, &ifr))
		return -errno;
	memcpy(device->name, ifr.ifr_name, sizeof(device->name));
	int there = ioctl(tap_fd, TUNGETDEVNETNS);

	/* Kernels before 5.7 cannot tell: hope that it was not moved. */
	device->sock = there < 0 ? way_open_here() : way_open(there);
	if (there >= 0)
		close(there);
	return device->sock < 0 ? device->sock : 0;
}

void kernel_close(struct kernel_device *device)
{
	close(device->sock);
	device->sock = -1;
}

int kernel_get_index(const struct kernel_device *device, int *index)
{
	struct ifreq ifr = {0};
	int error = request(device, SIOCGIFINDEX, &ifr);

	*index = ifr.ifr_ifindex;
	return error;
}

int kernel_get_mac(const struct kernel_device *device, struct mac *mac)
{
	struct ifreq ifr = {0};
	int error = request(device, SIOCGIFHWADDR, &ifr);

	int type = ifr.ifr_hwaddr.sa_family;

	memcpy(mac->bytes, ifr.ifr_hwaddr.sa_data, sizeof(mac->bytes));
	if (!error && type != ARPHRD_ETHER && type != ARPHRD_LOOPBACK)
		return -EAFNOSUPPORT;
	return error;
}

int kernel_set_mac(const struct kernel_device *device, struct mac mac)
{
	struct ifreq ifr = {.ifr_hwaddr.sa_family = ARPHRD_ETHER};

	memcpy(ifr.ifr_hwaddr.sa_data, mac.bytes, sizeof(mac.bytes));
	return request(device, SIOCSIFHWADDR, &ifr);
}

int kernel_get_mtu(const struct kernel_device *device, uint16_t *mtu)
{
	struct ifreq ifr = {0};
	int error = request(device, SIOCGIFMTU, &ifr);

	*mtu = ifr.ifr_mtu > UINT16_MAX ? UINT16_MAX : ifr.ifr_mtu;
	return error;
}

int kernel_set_mtu(const struct kernel_device *device, uint16_t mtu)
{
	struct ifreq ifr = {.ifr_mtu = mtu};

	return request(device, SIOCSIFMTU, &ifr);
}

void kernel_follow_mtu(const struct kernel_device *device, const struct port *port)
{
	struct port *own = port_by_id(port->id);
	uint16_t mtu;

	if (!own || kernel_get_mtu(device, &mtu) || mtu == own->mtu)
		return;
	own->mtu = mtu;
	port_peer_changed(own);
}

int kernel_get_flags(const struct kernel_device *device, unsigned *flags)
{
	struct ifreq ifr = {0};
	int error = request(device, SIOCGIFFLAGS, &ifr);

	*flags = (unsigned short)ifr.ifr_flags;
	return error;
}

void kernel_add_driver(const struct kernel_device *device, json_t *status)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq ifr = {.ifr_data = (void *)&info};
	int error = request(device, SIOCETHTOOL, &ifr);

	if (error == -ENODEV)
		json_object_set_new(
			status,
			"device",
			json_string("the device is gone: deleted, renamed, or in another network "
				    "namespace; when it is there again the port goes on with it")
		);
	if (error)
		return;
	json_object_set_new(
		status, "driver_name", json_stringn(info.driver, strnlen(info.driver, 32))
	);
	json_object_set_new(
		status, "driver_version", json_stringn(info.version, strnlen(info.version, 32))
	);
	json_object_set_new(
		status,
		"firmware_version",
		json_stringn(info.fw_version, strnlen(info.fw_version, 32))
	);
}

/* What devices can do comes behind the settings, in as many words as the kernel has for it. */
struct link_query {
	struct ethtool_link_settings settings;
	uint32_t modes[3 * 127];
};

uint32_t kernel_get_speed(const struct kernel_device *device)
{
	struct link_query query = {.settings.cmd = ETHTOOL_GLINKSETTINGS};
	struct ifreq ifr = {.ifr_data = (void *)&query};
	int words;

	/* Asked for none, the kernel tells how many words it has, as a negative number. */
	if (request(device, SIOCETHTOOL, &ifr))
		return 0;
	words = -query.settings.link_mode_masks_nwords;
	if (words <= 0)
		return 0;
	query.settings = (struct ethtool_link_settings){
		.cmd = ETHTOOL_GLINKSETTINGS,
		.link_mode_masks_nwords = (int8_t)words,
	};
	if (request(device, SIOCETHTOOL, &ifr) || query.settings.speed == (uint32_t)SPEED_UNKNOWN)
		return 0;
	return query.settings.speed;
}
