/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/netlink/sriov.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/errbuf.h"

enum {
	FUNCTIONS_MAX = 256
};

/* -1: it cannot be read. */
static int read_int(const char *root, const char *nic, const char *name)
{
	char path[PATH_MAX];
	int number = -1;
	FILE *file;

	snprintf(path, sizeof(path), "%s/sys/class/net/%s/device/%s", root, nic, name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC), error = 0;

	if (fd < 0)
		return -errno;
	/* One write: sysfs takes it whole, or says why not. */
	if (write(fd, text, strlen(text)) < 0)
		error = -errno;
	close(fd);
	return error;
}

/* The last part of what a link leads to. */
static void read_link(const char *path, char name[SRIOV_NAME_SIZE])
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	const char *slash;

	target[n > 0 ? n : 0] = '\0';
	slash = strrchr(target, '/');
	snprintf(name, SRIOV_NAME_SIZE, "%.63s", slash ? slash + 1 : target);
}

/* sriov_numvfs, which says it too, is not to be read while functions come and go. */
int sriov_count(const char *root, const char *nic, int *max)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *folder;
	int n = 0;

	*max = read_int(root, nic, "sriov_totalvfs");
	snprintf(path, sizeof(path), "%s/sys/class/net/%s/device", root, nic);
	folder = *max < 0 ? NULL : opendir(path);
	if (!folder)
		return -1;
	while ((entry = readdir(folder)))
		n += !strncmp(entry->d_name, "virtfn", strlen("virtfn"));
	closedir(folder);
	return n;
}

void sriov_find(const char *root, const char *nic, unsigned index, char address[SRIOV_NAME_SIZE])
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sys/class/net/%s/device/virtfn%u", root, nic, index);
	read_link(path, address);
}

void sriov_get_driver(const char *root, const char *address, char driver[SRIOV_NAME_SIZE])
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/driver", root, address);
	read_link(path, driver);
}

/* The first entry of the folder that is not hidden, "" if there is none. */
static void first_entry(const char *path, char name[SRIOV_NAME_SIZE])
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	*name = '\0';
	while (folder && !*name && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			snprintf(name, SRIOV_NAME_SIZE, "%.63s", entry->d_name);
	if (folder)
		closedir(folder);
}

int sriov_find_owner(
	const char *root, const char *address, char nic[SRIOV_NAME_SIZE], unsigned *index
)
{
	char path[PATH_MAX], found[SRIOV_NAME_SIZE];

	if (!*address || strchr(address, '/') || *address == '.')
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/physfn/net", root, address);
	first_entry(path, nic);
	for (*index = 0; *nic && *index < FUNCTIONS_MAX; ++*index) {
		sriov_find(root, nic, *index, found);
		if (!strcmp(found, address))
			return 0;
	}
	return -ENOENT;
}

int sriov_create(const char *root, const char *nic, int n, struct errbuf *err)
{
	char path[PATH_MAX], text[16];
	int max = read_int(root, nic, "sriov_totalvfs");
	int now = max < 0 ? -1 : read_int(root, nic, "sriov_numvfs"), error;

	if (now == n)
		return 0;
	if (now < 0)
		return errbuf_set(
			err, -ENOTSUP, "%s has no virtual functions (SR-IOV) to be made", nic
		);
	if (n > max)
		return errbuf_set(
			err, -ERANGE, "%s can have %d virtual functions, not %d", nic, max, n
		);
	if (now && n)
		return errbuf_set(
			err,
			-EBUSY,
			"%s has %d virtual functions; their number changes only from and to 0: set "
			"sriov-vfs=0 first, which takes them from who uses them",
			nic,
			now
		);
	snprintf(path, sizeof(path), "%s/sys/class/net/%s/device/sriov_numvfs", root, nic);
	snprintf(text, sizeof(text), "%d", n);
	error = write_text(path, text);
	if (error)
		return errbuf_set(
			err,
			error,
			"%s: the kernel does not make %d virtual functions: %s%s",
			nic,
			n,
			strerror(-error),
			error == -ENOMEM || error == -ENODEV
				? " (is SR-IOV switched on in the firmware?)"
				: ""
		);
	return 0;
}

static int
refused(struct errbuf *err, int error, const char *address, const char *driver, const char *what)
{
	return errbuf_set(
		err,
		error,
		"%s cannot be given to the driver %s: %s: %s",
		address,
		driver,
		what,
		strerror(-error)
	);
}

int sriov_bind(const char *root, const char *address, const char *driver, struct errbuf *err)
{
	char path[PATH_MAX], now[SRIOV_NAME_SIZE];
	int error;

	sriov_get_driver(root, address, now);
	if (!strcmp(now, driver))
		return 0;
	snprintf(path, sizeof(path), "%s/sys/bus/pci/drivers/%s", root, driver);
	if (access(path, F_OK))
		return errbuf_set(
			err,
			-ENOENT,
			"%s cannot be given to the driver %s, which is not loaded: modprobe %s",
			address,
			driver,
			driver
		);
	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/driver_override", root, address);
	error = write_text(path, driver);
	if (error)
		return refused(err, error, address, driver, "driver_override");
	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/driver/unbind", root, address);
	error = *now ? write_text(path, address) : 0;
	if (error)
		return refused(err, error, address, driver, "unbind");
	snprintf(path, sizeof(path), "%s/sys/bus/pci/drivers_probe", root);
	error = write_text(path, address);
	if (error)
		return refused(err, error, address, driver, "drivers_probe");
	sriov_get_driver(root, address, now);
	/* A tree of files binds nothing by itself. */
	if (!*root && strcmp(now, driver))
		return refused(err, -ENODEV, address, driver, "it did not take it");
	return 0;
}
