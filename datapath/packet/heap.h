/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where packets live when there are no hugepages.
 *
 * EAL keeps a record of 48 bytes for each page of the memory it starts with, and writes all of them
 * at start: 12 MB for a gigabyte of ordinary pages. So it starts with little, for the drivers and
 * the first pools, and is given a heap of ours when further pools need it, in units of 2 MB.  */

#include <stdbool.h>
#include <stddef.h>

struct errbuf;

/* Main thread. */

/* From now on there may be a heap of our own, of up to 'mb'. */
void heap_start(unsigned mb);
/* Makes room for 'size' bytes of packets. 'socket' is where they are wanted, and on return where
 * there is room; with hugepages that is the same. */
int heap_reserve(size_t size, int *socket, struct errbuf *err);
/* Whether there is such memory. Other processes cannot share it. */
bool heap_is_used(void);
