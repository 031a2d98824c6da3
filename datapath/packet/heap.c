/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/packet/heap.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#include "lib/errbuf.h"
#include "lib/types.h"

enum {
	UNIT = 2 << 20,
	STEP = 8 << 20, /* EAL keeps a list of pieces, which must not get long */
};

static const char name[] = "packets";
static size_t limit, n_taken; /* bytes; no limit: no heap */
static int number = -1;

/* Shared memory, so that what packets take is told apart from what the process keeps. */
static void *map(size_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	void *memory = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, (off_t)size))
		memory =
			mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (fd >= 0)
		close(fd);
	return memory;
}

/* The part of 'memory', which is a unit larger than 'size', that begins on a unit. */
static void *align(void *memory, size_t size)
{
	char *start = memory;
	size_t before = (UNIT - (uintptr_t)start % UNIT) % UNIT;

	if (before)
		munmap(start, before);
	munmap(start + before + size, UNIT - before);
	return start + before;
}

static int grow(size_t size, struct errbuf *err)
{
	void *memory = map(size + UNIT);

	if (memory == MAP_FAILED)
		return errbuf_set(
			err,
			-ENOMEM,
			"%zu MB of ordinary memory for packets cannot be mapped: reserve "
			"hugepages (vm.nr_hugepages) or close ports",
			size >> 20
		);
	memory = align(memory, size);
	if ((number < 0 && rte_malloc_heap_create(name)) ||
	    rte_malloc_heap_memory_add(name, memory, size, NULL, 0, UNIT)) {
		int error = -rte_errno;

		munmap(memory, size);
		return errbuf_set(
			err,
			error,
			"DPDK does not take %zu MB more of ordinary memory (%s): reserve "
			"hugepages (vm.nr_hugepages) or close ports",
			size >> 20,
			strerror(-error)
		);
	}
	number = rte_malloc_heap_get_socket(name);
	n_taken += size;
	return 0;
}

bool heap_is_used(void)
{
	return number >= 0;
}

void heap_start(unsigned mb)
{
	limit = (size_t)mb << 20;
}

static size_t largest_free(int socket)
{
	struct rte_malloc_socket_stats stats = {0};

	return rte_malloc_get_socket_stats(socket, &stats) ? 0 : stats.greatest_free_size;
}

int heap_reserve(size_t size, int *socket, struct errbuf *err)
{
	size_t step = size < STEP ? STEP : (size + UNIT - 1) / UNIT * UNIT;
	int error = 0;

	/* EAL lays one packet on each ordinary page, if they are of the usual size. */
	if (!limit || largest_free((int)rte_socket_id()) > 2 * size)
		return 0;
	if (number < 0 || largest_free(number) < size) {
		if (n_taken + step > limit)
			return errbuf_set(
				err,
				-ENOMEM,
				"packets have all %zu MB that they may have without hugepages: "
				"raise other_config:dpdk-socket-mem or reserve hugepages "
				"(vm.nr_hugepages)",
				limit >> 20
			);
		error = grow(step, err);
	}
	if (!error)
		*socket = number;
	return error;
}
