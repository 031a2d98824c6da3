/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Submission rings (io_uring): many reads or writes of a descriptor by one system call.
 *
 * What a worker asks for stands in memory that it shares with the kernel. Each worker has a ring of
 * its own; they are made at start, before the daemon gives up the right to make any, and let nothing
 * through but reads and writes. Where there are none (an old kernel, kernel.io_uring_disabled, a
 * container), the same functions make one system call for each read or write.  */

#include <stdint.h>
#include <sys/uio.h>

#include "datapath/batch.h"

struct uring;

/* One readv() or writev(). */
struct uring_call {
	struct iovec *iov;
	unsigned n_iov;
	ssize_t result; /* bytes, or -errno */
};

/* Main thread. */

/* Makes a ring for each of 'n' workers; what cannot be made is done without. They stay until the
 * process ends. */
void urings_open(unsigned n);
/* Tells the log when there are fewer than were wanted. Returns how many there are. */
unsigned urings_report(void);

/* Any thread. */

/* The worker's of that index, which alone may use it; or NULL. */
struct uring *uring_of(int worker);

/* Workers. */

/* Does up to BATCH_SIZE calls, in order, none of which waits. 'uring' may be NULL. A call behind one
 * that failed may be left undone, with the same result. */
void uring_read(struct uring *uring, int fd, struct uring_call *calls, unsigned n);
void uring_write(struct uring *uring, int fd, struct uring_call *calls, unsigned n);
