/* SPDX-License-Identifier: Apache-2.0 */

/* The handler runs on whatever thread touched the memory: it calls nothing but the kernel, and writes
 * nothing but the mapping and 'lost'.  */

#include "datapath/ports/vhost_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_memory.h>
#include <rte_vhost.h>

#include "lib/control/coverage.h"
#include "lib/types.h"

enum {
	LOST_MAX = 64, /* what is remembered */
	PART = 4096, /* of /proc/self/maps */
};

struct mapping {
	uintptr_t start, end;
	bool is_writable, is_shared;
};

static struct {
	uint32_t n; /* any thread counts up: handlers may meet */
	uintptr_t at[LOST_MAX]; /* any thread writes, main reads */
} lost;

/* A line of /proc/self/maps, as it comes byte by byte: "7f00-7fff rw-s …". */
struct line {
	struct mapping mapping;
	unsigned blanks, column; /* blanks before this word, bytes of it */
	bool is_end; /* of the two addresses */
};

static void take_byte(struct line *line, char c)
{
	struct mapping *mapping = &line->mapping;
	uintptr_t *number = line->is_end ? &mapping->end : &mapping->start;

	if (c == ' ') {
		line->blanks++;
		line->column = 0;
		return;
	}
	if (line->blanks == 0) {
		if (c == '-')
			line->is_end = true;
		else
			*number = *number << 4 | (uintptr_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	} else if (line->blanks == 1) {
		mapping->is_writable |= line->column == 1 && c == 'w';
		mapping->is_shared |= line->column == 3 && c == 's';
	}
	line->column++;
}

static bool find_mapping(uintptr_t address, struct mapping *found)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	struct line line = {.is_end = false};
	char part[PART];
	bool is_found = false;
	ssize_t n;

	while (fd >= 0 && !is_found && (n = read(fd, part, sizeof(part))) > 0) {
		for (ssize_t i = 0; i < n && !is_found; i++) {
			if (part[i] != '\n') {
				take_byte(&line, part[i]);
				continue;
			}
			*found = line.mapping;
			is_found = address >= found->start && address < found->end;
			line = (struct line){.is_end = false};
		}
	}
	if (fd >= 0)
		close(fd);
	return is_found;
}

/* False: it is no guest's memory. Packet memory of ours is shared, too, but known to EAL. */
static bool replace(uintptr_t address)
{
	struct mapping mapping;

	if (rte_mem_virt2memseg_list((void *)address) || !find_mapping(address, &mapping))
		return false;
	/* Another thread may have been here first. */
	if (!mapping.is_shared)
		return mapping.is_writable;
	if (!mapping.is_writable ||
	    mmap((void *)mapping.start,
		 mapping.end - mapping.start,
		 PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
		 -1,
		 0) == MAP_FAILED)
		return false;
	uint32_t i = __atomic_fetch_add(&lost.n, 1, __ATOMIC_ACQ_REL);

	__atomic_store_n(&lost.at[i % LOST_MAX], mapping.start, __ATOMIC_RELEASE);
	return true;
}

static void handle(int number, siginfo_t *info, void *context)
{
	int error = errno;

	/* Back to what it was about to do; if we could not help it, it dies of the next one. */
	if (info->si_code != BUS_ADRERR || !replace((uintptr_t)info->si_addr))
		signal(number, SIG_DFL);
	errno = error;
}

void vhost_memory_init(void)
{
	const struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};

	sigaction(SIGBUS, &action, NULL);
}

/* What was lost long ago may have been somebody else's. */
static bool is_region_lost(uintptr_t start, uint64_t size)
{
	struct mapping mapping;

	for (unsigned i = 0; i < LOST_MAX; i++) {
		uintptr_t at = __atomic_load_n(&lost.at[i], __ATOMIC_ACQUIRE);

		if (at && at < start + size && at + PART > start && find_mapping(start, &mapping))
			return !mapping.is_shared;
	}
	return false;
}

bool vhost_memory_is_lost(int vid)
{
	struct rte_vhost_memory *memory = NULL;
	bool is_lost = false;

	if (!__atomic_load_n(&lost.n, __ATOMIC_ACQUIRE) || rte_vhost_get_mem_table(vid, &memory))
		return false;
	for (uint32_t i = 0; i < memory->nregions && !is_lost; i++)
		is_lost = is_region_lost(
			(uintptr_t)memory->regions[i].mmap_addr, memory->regions[i].mmap_size
		);
	free(memory);
	return is_lost;
}

static void report_coverage(json_t *counts)
{
	coverage_add(counts, "vhost_memory_lost", __atomic_load_n(&lost.n, __ATOMIC_RELAXED));
}
COVERAGE_REPORTER(vhost_memory, report_coverage);
