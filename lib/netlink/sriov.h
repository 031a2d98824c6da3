/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* SR-IOV through sysfs: making virtual functions, finding them, and giving them to drivers.
 *
 * 'root' stands in front of /sys; tests bring a tree of their own, "" is the real one. Drivers take
 * their time, up to seconds: what changes something is for a thread that may wait.  */

#include <stddef.h>

struct errbuf;

enum {
	SRIOV_NAME_SIZE = 64
};

/* Any thread. */

/* Returns at once, whatever drivers are doing. */

/* How many functions the NIC (a network device's name) has, and can have. -1: it can have none. */
int sriov_count(const char *root, const char *nic, int *max);
/* The PCI address of function 'index', "" if there is none. */
void sriov_find(const char *root, const char *nic, unsigned index, char address[SRIOV_NAME_SIZE]);
/* The NIC and the index of the function at a PCI address. -ENOENT: it is not one of a NIC's. */
int sriov_find_owner(
	const char *root, const char *address, char nic[SRIOV_NAME_SIZE], unsigned *index
);
/* The driver that has the device, "" if none does. */
void sriov_get_driver(const char *root, const char *address, char driver[SRIOV_NAME_SIZE]);

/* Threads that may wait: the kernel does while a function that is to go is in use. */

/* Makes 'n' functions. The kernel changes their number only from and to none. */
int sriov_create(const char *root, const char *nic, int n, struct errbuf *err);
/* Takes the device from its driver and gives it to this one, which must be loaded. */
int sriov_bind(const char *root, const char *address, const char *driver, struct errbuf *err);
