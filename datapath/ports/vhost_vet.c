/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost_vet.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <rte_vhost.h>

#include "lib/types.h"

/* Kinds of file systems (statfs(2)) whose files the kernel has in memory or on a disk. */
static bool is_kept_by_kernel(int fd)
{
	static const uint32_t kinds[] = {
		0x01021994, /* tmpfs, memfd */
		0x958458f6, /* hugetlbfs, memfd */
		0x858458f6, /* ramfs, devtmpfs: DAX devices */
		0xef53, /* ext2 to ext4 */
		0x58465342, /* XFS */
		0x9123683e, /* btrfs */
		0xf2f52010, /* F2FS */
		0x2fc12fc1, /* ZFS */
	};
	struct statfs kind;

	if (fstatfs(fd, &kind))
		return false;
	for (unsigned i = 0; i < ARRAY_LENGTH(kinds); i++)
		if ((uint32_t)kind.f_type == kinds[i])
			return true;
	return false;
}

/* A worker that waits for the lock of a ring goes on with what is mapped then. */
static void put_memory_over(void *at, size_t size)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;

	if (mmap(at, size, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED)
		munmap(at, size);
}

static bool is_memory_fit(int vid)
{
	struct rte_vhost_memory *memory = NULL;
	bool is_fit = true;

	if (rte_vhost_get_mem_table(vid, &memory))
		return false;
	for (uint32_t i = 0; i < memory->nregions; i++) {
		const struct rte_vhost_mem_region *region = &memory->regions[i];

		if (is_kept_by_kernel(region->fd))
			continue;
		is_fit = false;
		put_memory_over(region->mmap_addr, region->mmap_size);
	}
	free(memory);
	return is_fit;
}

bool vhost_vet_is_eventfd(int fd)
{
	static const char wanted[] = "anon_inode:[eventfd]";
	char link[32], name[sizeof(wanted)] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return readlink(link, name, sizeof(name) - 1) > 0 && !strcmp(name, wanted);
}

/* The guest's side can make it block again: see vhost_wary.h. */
static void make_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && !(flags & O_NONBLOCK))
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static bool are_calls_fit(int vid)
{
	uint16_t n = rte_vhost_get_vring_num(vid);

	for (uint16_t i = 0; i < n; i++) {
		struct rte_vhost_vring ring;

		if (rte_vhost_get_vhost_vring(vid, i, &ring) || ring.callfd < 0)
			continue;
		if (!vhost_vet_is_eventfd(ring.callfd))
			return false;
		make_nonblocking(ring.callfd);
	}
	return true;
}

/* The device that the kernel keeps the pages of each memfd on. */
static bool find_memfd_device(unsigned *major_, unsigned *minor_)
{
	int fd = memfd_create("weir-vet", MFD_CLOEXEC);
	struct stat info;
	bool found = fd >= 0 && !fstat(fd, &info);

	if (fd >= 0)
		close(fd);
	if (found) {
		*major_ = major(info.st_dev);
		*minor_ = minor(info.st_dev);
	}
	return found;
}

bool vhost_vet_find_mapping(FILE *maps, uint64_t at, struct vhost_mapping *found)
{
	static const char format[] = "%" SCNx64 "-%" SCNx64 " %*s %*s %x:%x";
	char part[512];
	bool begins = true, is_found = false;

	/* What stands behind the first part of a long line is of the name of a file, which is anybody's. */
	while (!is_found && fgets(part, sizeof(part), maps)) {
		is_found = begins &&
			sscanf(part,
			       format,
			       &found->begin,
			       &found->end,
			       &found->major,
			       &found->minor) == 4 &&
			at >= found->begin && at < found->end;
		begins = strchr(part, '\n');
	}
	return is_found;
}

/* Where migrations note what has changed; the library has closed the descriptor it came with. */
static bool is_log_fit(int vid)
{
	uint64_t at = 0, size = 0;
	unsigned wanted_major, wanted_minor;
	struct vhost_mapping mapping;
	bool is_fit = false;

	if (rte_vhost_get_log_base(vid, &at, &size) || !at || !size)
		return true;
	FILE *maps = find_memfd_device(&wanted_major, &wanted_minor)
		? fopen("/proc/self/maps", "re")
		: NULL;

	if (maps && vhost_vet_find_mapping(maps, at, &mapping)) {
		is_fit = mapping.major == wanted_major && mapping.minor == wanted_minor;
		if (!is_fit)
			put_memory_over((void *)mapping.begin, mapping.end - mapping.begin);
	}
	if (maps)
		fclose(maps);
	return is_fit;
}

bool vhost_vet_guest(int vid)
{
	return is_memory_fit(vid) && is_log_fit(vid) && are_calls_fit(vid);
}
