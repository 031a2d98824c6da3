/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Pages: large, sparsely used tables (per port, per flow, per worker).
 *
 * The memory is reserved at once and costs nothing until it is touched; it starts as zeros. Hot
 * tables ask for large pages, which the kernel gives when it can: walks of 4 kB page tables cost
 * up to 15 cycles per packet with 100,000 flows.  */

#include <stdbool.h>
#include <stddef.h>

/* Main thread. */

/* Never fails: a process that cannot reserve address space ends. */
void *pages_map(size_t size, bool hot);
void pages_unmap(void *pages, size_t size); /* NULL is fine */

/* Any thread. */

/* Has the kernel find memory for 'size' bytes from the start on, which stay as they are. Who touches a
 * page first waits for that, and where a large page needs others to be moved, or room is to be made, it
 * takes milliseconds, once a tenth of a second: no time to have packets wait.  */
void pages_fill(void *pages, size_t size);
