/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Kernel devices: questions and orders about a network device of the host, by ioctl.
 *
 * The device is looked for in the network namespace it is in now: a tap of ours stays ours when the
 * user moves it into a container, and is found there by its open descriptor.  */

#include <net/if.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/types.h"

struct port;

struct kernel_device {
	int sock; /* in the device's namespace */
	char name[IFNAMSIZ]; /* its name there */
};

/* Main thread. All return 0 or -errno. */

/* The device of that name in our own namespace. Does not check that it exists. */
int kernel_open(struct kernel_device *device, const char *name);
/* The device behind an open /dev/net/tun, wherever it is. -EPERM when it was moved and we may not
 * enter its namespace. */
int kernel_open_tap(struct kernel_device *device, int tap_fd);
void kernel_close(struct kernel_device *device);

int kernel_get_index(const struct kernel_device *device, int *index);
/* -EAFNOSUPPORT when the device is not an Ethernet. */
int kernel_get_mac(const struct kernel_device *device, struct mac *mac);
int kernel_set_mac(const struct kernel_device *device, struct mac mac);
int kernel_get_mtu(const struct kernel_device *device, uint16_t *mtu);
int kernel_set_mtu(const struct kernel_device *device, uint16_t mtu);
/* Takes over what others have made of its MTU, for the port that stands on it. */
void kernel_follow_mtu(const struct kernel_device *device, const struct port *port);
/* IFF_UP, IFF_RUNNING and the like. */
int kernel_get_flags(const struct kernel_device *device, unsigned *flags);
/* Of the link, in Mbit/s; 0: the device cannot tell, or has no link. */
uint32_t kernel_get_speed(const struct kernel_device *device);
/* Adds driver_name, driver_version and firmware_version to a status object; or that the device is gone. */
void kernel_add_driver(const struct kernel_device *device, json_t *status);
