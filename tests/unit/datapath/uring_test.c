/* SPDX-License-Identifier: Apache-2.0 */

/* Reads and writes that are made together do what they would do one by one.  */

#include "datapath/ports/uring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

enum {
	WORKERS = 2
};

static int ends[2];
static uint8_t bytes[BATCH_SIZE];
static struct iovec iov[BATCH_SIZE];
static struct uring_call calls[BATCH_SIZE];

static int make_ends(void **state)
{
	return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends);
}

static int close_ends(void **state)
{
	return close(ends[0]) | close(ends[1]);
}

static void make_calls(void)
{
	for (unsigned i = 0; i < BATCH_SIZE; i++) {
		iov[i] = (struct iovec){.iov_base = &bytes[i], .iov_len = 1};
		calls[i] = (struct uring_call){.iov = &iov[i], .n_iov = 1};
	}
}

/* Reads and writes of this process that were system calls of their own; -1: the kernel does not say. */
static long count_calls(void)
{
	FILE *file = fopen("/proc/self/io", "re");
	long n_reads = -1, n_writes = 0;

	if (!file)
		return -1;
	if (fscanf(file, "rchar: %*u wchar: %*u syscr: %ld syscw: %ld", &n_reads, &n_writes) != 2)
		n_reads = -1;
	fclose(file);
	return n_reads < 0 ? -1 : n_reads + n_writes;
}

/* Sends 'n' messages of a byte and receives as many as there are. */
static void goes_through_in_order(struct uring *uring, unsigned n)
{
	make_calls();
	for (unsigned i = 0; i < n; i++)
		bytes[i] = (uint8_t)(i + 1);
	uring_write(uring, ends[0], calls, n);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(calls[i].result, 1);
	memset(bytes, 0, sizeof(bytes));
	uring_read(uring, ends[1], calls, BATCH_SIZE);
	for (unsigned i = 0; i < BATCH_SIZE; i++) {
		assert_int_equal(calls[i].result, i < n ? 1 : -EAGAIN);
		assert_int_equal(bytes[i], i < n ? i + 1 : 0);
	}
}

/* A socket of datagrams holds ten of them at least. */
static void test_uring_does_the_same_with_and_without_rings(void **state)
{
	for (int worker = -1; worker < WORKERS; worker++)
		for (unsigned n = 0; n <= 8; n++)
			goes_through_in_order(uring_of(worker), n);
}

static void test_uring_stops_when_there_is_no_room(void **state)
{
	int least = 1;

	assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)), 0);
	for (int worker = -1; worker < WORKERS; worker++) {
		unsigned n = 0;

		make_calls();
		uring_write(uring_of(worker), ends[0], calls, BATCH_SIZE);
		while (n < BATCH_SIZE && calls[n].result == 1)
			n++;
		assert_in_range(n, 1, BATCH_SIZE - 1);
		for (unsigned i = n; i < BATCH_SIZE; i++)
			assert_int_equal(calls[i].result, -EAGAIN);
		uring_read(uring_of(worker), ends[1], calls, BATCH_SIZE);
		assert_int_equal(calls[n - 1].result, 1);
		assert_int_equal(calls[n].result, -EAGAIN);
	}
}

static void test_uring_tells_what_went_wrong(void **state)
{
	for (int worker = -1; worker < WORKERS; worker++) {
		make_calls();
		calls[1].n_iov = 0;
		uring_write(uring_of(worker), ends[0], calls, 3);
		assert_int_equal(calls[0].result, 1);
		assert_int_equal(calls[2].result, 1);
		uring_read(uring_of(worker), ends[1], calls, BATCH_SIZE);
		make_calls();
		uring_write(uring_of(worker), -1, calls, 2);
		assert_int_equal(calls[0].result, -EBADF);
		assert_int_equal(calls[1].result, -EBADF);
	}
}

static void test_uring_makes_no_calls_of_their_own(void **state)
{
	if (!uring_of(0) || count_calls() < 0)
		skip();
	long before = count_calls();
	long asking = count_calls() - before;

	before = count_calls();
	goes_through_in_order(uring_of(0), 8);
	assert_int_equal(count_calls() - before, asking);
	before = count_calls();
	goes_through_in_order(NULL, 8);
	assert_int_equal(count_calls() - before, asking + 8 + 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_uring_does_the_same_with_and_without_rings, make_ends, close_ends
		),
		cmocka_unit_test_setup_teardown(
			test_uring_stops_when_there_is_no_room, make_ends, close_ends
		),
		cmocka_unit_test_setup_teardown(
			test_uring_tells_what_went_wrong, make_ends, close_ends
		),
		cmocka_unit_test_setup_teardown(
			test_uring_makes_no_calls_of_their_own, make_ends, close_ends
		),
	};

	urings_open(WORKERS);
	urings_report();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
