/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/pages.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	LARGE_PAGE = 2 << 20
};

static size_t round_up(size_t size)
{
	return (size + LARGE_PAGE - 1) & ~(size_t)(LARGE_PAGE - 1);
}

void *pages_map(size_t size, bool hot)
{
	size_t rounded = round_up(size);
	size_t reserved = rounded + LARGE_PAGE;
	uint8_t *p =
		mmap(NULL,
		     reserved,
		     PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		     -1,
		     0);

	if (p == MAP_FAILED) {
		fputs("out of address space; is 'ulimit -v' set?\n", stderr);
		abort();
	}
	/* Large pages only form on their own alignment: give back what sticks out. */
	uint8_t *aligned = (uint8_t *)round_up((uintptr_t)p);

	if (aligned > p)
		munmap(p, aligned - p);
	munmap(aligned + rounded, reserved - rounded - (aligned - p));
	madvise(aligned, rounded, hot ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	return aligned;
}

void pages_fill(void *pages, size_t size)
{
	/* A kernel that cannot (before 5.14) finds it page by page, later. */
	madvise(pages, size, MADV_POPULATE_WRITE);
}

void pages_unmap(void *pages, size_t size)
{
	if (pages)
		munmap(pages, round_up(size));
}
