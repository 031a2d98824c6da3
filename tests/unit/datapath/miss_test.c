/* SPDX-License-Identifier: Apache-2.0 */

/* Misses: who floods new flows delays only himself, and nobody is forgotten while translators sleep or
 * nap. Shares are counted, not times.  */

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "datapath/miss_priv.h"
#include "datapath/worker.h"
#include "lib/epoch.h"
#include "lib/types.h"
#include "tests/unit/datapath/fixture.h"

enum {
	FLOODER = 5,
	OTHER = 4000,
	THIRD = 6,
	OWNER = WORKERS_MAX - 1, /* a worker that does not run */
	ONE_BY_ONE = 200,
	FAST = 20000,
	FOR_EVER_MS = 1000000,
	PATIENCE_MS = 10000,
	OFTEN = 10,
	HZ = 1000000000, /* of a clock that counts nanoseconds */
	MS = HZ / 1000,
};

static struct pending_table *table;

/* Returns how many of 'n' misses the port's ring took. */
static unsigned send(uint16_t port, unsigned n)
{
	unsigned sent = 0;

	for (unsigned i = 0; i < n; i++) {
		struct pending *pending = pending_new(table, port << 16 | i, port, 0);

		if (!pending)
			break;
		if (!misses_send(table, &pending, 1)) {
			pending_free(table, pending);
			break;
		}
		sent++;
	}
	return sent;
}

static uint16_t port_of(const struct miss *miss)
{
	return miss->port;
}

/* Takes one miss, charges 'ns' for it and is done with it. Returns its port, 0: there was none. */
static uint16_t serve(int64_t ns_of_flooder, int64_t ns_of_others)
{
	struct miss *miss;

	if (!miss_take(&miss, 1))
		return 0;
	uint16_t port = port_of(miss);

	miss_charge_ns(port, port == FLOODER ? ns_of_flooder : ns_of_others);
	pending_free(table, container_of(miss, struct pending, miss));
	miss_done(table, 1);
	return port;
}

static void serve_all(void)
{
	while (serve(0, 0))
		;
	/* What is owed is paid by turns: until then a port's misses would be counted wrongly. */
	for (unsigned i = 0; i < MISS_DEBT_TURNS + 1; i++) {
		send(FLOODER, 1);
		send(OTHER, 1);
		send(THIRD, 1);
		while (serve(0, 0))
			;
	}
	assert_int_equal(table->n, 0);
}

static int start(void **state)
{
	if (fixture_start(state))
		return -1;
	misses_add_port(FLOODER);
	misses_add_port(OTHER);
	misses_add_port(THIRD);
	table = pending_table_of(OWNER);
	return 0;
}

static void test_ports_take_turns(void **state)
{
	unsigned of_other = 0;

	assert_true(send(FLOODER, 1000) < MISS_PORT_RING);
	assert_int_equal(send(OTHER, 10), 10);
	for (unsigned i = 0; i < 20; i++)
		of_other += serve(100, 100) == OTHER;
	assert_true(of_other >= 9);
	serve_all();
}

static void test_dear_misses_get_fewer_turns(void **state)
{
	unsigned of_flooder = 0, of_other = 0;

	send(FLOODER, 60);
	send(OTHER, 60);
	/* The flooder's take ten times as long. */
	while (of_other < 50) {
		uint16_t port = serve(30000, 3000);

		assert_int_not_equal(port, 0);
		of_flooder += port == FLOODER;
		of_other += port == OTHER;
	}
	assert_in_range(of_flooder, 4, 6);
	serve_all();
}

static void test_what_nobody_else_wants_is_had(void **state)
{
	unsigned n = send(FLOODER, 60);

	/* Dear as they are, no turn is wasted while nobody else waits. */
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(serve(1000000, 0), FLOODER);
	assert_int_equal(serve(0, 0), 0);
	serve_all();
}

static void test_entries_are_left_for_others(void **state)
{
	struct pending *taken[PENDING_ENTRIES];
	unsigned n = 0, of_flooder, of_third;

	while ((taken[n] = pending_new(table, n, FLOODER, 0)))
		n++;
	of_flooder = n;
	assert_int_equal(of_flooder, PENDING_ENTRIES / 2);
	while ((taken[n] = pending_new(table, n, THIRD, 0)))
		n++;
	of_third = n - of_flooder;
	assert_int_equal(of_third, PENDING_ENTRIES / 4);
	assert_non_null(taken[n] = pending_new(table, n, OTHER, 0));
	n++;
	while (n)
		pending_free(table, taken[--n]);
	assert_int_equal(table->n, 0);
}

/* A translator that answers all there are, until one comes from THIRD. */
static void *translate(void *unused)
{
	struct miss *misses[8];
	bool ends = false;

	epoch_register();
	while (!ends) {
		unsigned n = miss_take(misses, ARRAY_LENGTH(misses));

		for (unsigned i = 0; i < n; i++)
			ends |= port_of(misses[i]) == THIRD;
		misses_answer(misses, n);
		epoch_quiesce();
		if (!n)
			miss_wait(FOR_EVER_MS);
	}
	epoch_unregister();
	return NULL;
}

/* Takes what was answered. Returns how many that were. */
static unsigned take_answers(void)
{
	struct pending *pendings[BATCH_SIZE];
	unsigned n = misses_take_answers(table, pendings, BATCH_SIZE);

	for (unsigned i = 0; i < n; i++)
		pending_free(table, pendings[i]);
	miss_done(table, n);
	return n;
}

static void wait_for_answers(unsigned n)
{
	while (n) {
		n -= take_answers();
		sched_yield();
	}
}

/* Whether misses come one by one or fast, none is overslept: nothing but a miss ends the waiting. */
static void test_translators_sleep_and_nap(void **state)
{
	pthread_t thread;
	unsigned sent = 0;

	epoch_offline();
	assert_int_equal(pthread_create(&thread, NULL, translate, NULL), 0);
	epoch_online();
	for (unsigned i = 0; i < ONE_BY_ONE; i++) {
		assert_int_equal(send(FLOODER, 1), 1);
		wait_for_answers(1);
	}
	for (unsigned answered = 0; answered < FAST;) {
		unsigned n = FAST - sent < BATCH_SIZE ? FAST - sent : BATCH_SIZE;

		sent += send(FLOODER, n);
		n = take_answers();
		answered += n;
		if (!n)
			sched_yield();
		epoch_quiesce();
	}
	for (unsigned i = 0; i < ONE_BY_ONE; i++) {
		assert_int_equal(send(OTHER, 1), 1);
		wait_for_answers(1);
	}
	assert_int_equal(send(THIRD, 1), 1);
	epoch_offline();
	pthread_join(thread, NULL);
	epoch_online();
	wait_for_answers(1);
	assert_int_equal(miss_in_flight(), 0);
}

static struct {
	pid_t id;
	unsigned n; /* times it has waited */
	bool ends;
} waiter;

static void *wait_again_and_again(void *unused)
{
	epoch_register();
	__atomic_store_n(&waiter.id, gettid(), __ATOMIC_RELEASE);
	while (!__atomic_load_n(&waiter.ends, __ATOMIC_ACQUIRE)) {
		miss_wait(FOR_EVER_MS);
		__atomic_fetch_add(&waiter.n, 1, __ATOMIC_RELEASE);
		epoch_quiesce();
	}
	epoch_unregister();
	return NULL;
}

static unsigned count_waits(void)
{
	return __atomic_load_n(&waiter.n, __ATOMIC_ACQUIRE);
}

/* As the kernel has it: 'S' for one that waits. */
static char state_of_waiter(void)
{
	char path[64], stat[256] = "";
	FILE *file;

	snprintf(
		path,
		sizeof(path),
		"/proc/self/task/%d/stat",
		__atomic_load_n(&waiter.id, __ATOMIC_ACQUIRE)
	);
	file = fopen(path, "r");
	if (!file)
		return 0;
	size_t n = fread(stat, 1, sizeof(stat) - 1, file);

	fclose(file);
	const char *name_ends = n ? strrchr(stat, ')') : NULL;

	return name_ends ? name_ends[2] : 0;
}

/* Naps end before that, and are counted. */
static bool waiter_sleeps(void)
{
	unsigned before = count_waits();

	if (state_of_waiter() != 'S')
		return false;
	usleep(1000);
	return state_of_waiter() == 'S' && count_waits() == before;
}

/* So many misses come, and are served, that this thread naps when it waits, but the other one, which sees
 * that no more come, sleeps. */
static void begin_to_nap(void)
{
	miss_wait(0);
	for (unsigned sent = 0; sent < FAST; sent += BATCH_SIZE) {
		send(FLOODER, BATCH_SIZE);
		while (serve(0, 0))
			;
	}
	epoch_offline();
	for (unsigned ms = 0; ms < PATIENCE_MS && !waiter_sleeps(); ms++)
		usleep(1000);
	epoch_online();
	assert_true(waiter_sleeps());
	miss_wait(0);
}

/* What was rung for another one that sleeps is heard while this one naps. Then it is rung for again. */
static bool wakes_in_the_end(void)
{
	unsigned before;

	begin_to_nap();
	before = count_waits();
	miss_wait_end();
	miss_wait(0);
	miss_wait_end();
	epoch_offline();
	for (unsigned ms = 0; ms < PATIENCE_MS && count_waits() == before; ms++)
		usleep(1000);
	epoch_online();
	return count_waits() != before;
}

static void test_naps_do_not_silence_the_bell(void **state)
{
	pthread_t thread;

	epoch_offline();
	assert_int_equal(pthread_create(&thread, NULL, wait_again_and_again, NULL), 0);
	epoch_online();
	for (unsigned i = 0; i < OFTEN; i++)
		assert_true(wakes_in_the_end());
	__atomic_store_n(&waiter.ends, true, __ATOMIC_RELEASE);
	miss_wake();
	epoch_offline();
	pthread_join(thread, NULL);
	epoch_online();
}

static void test_naps_begin_when_misses_come_often(void **state)
{
	struct miss_pace pace = {.since = 0};

	/* Nobody knows how many came in which time: the first look is a beginning. */
	assert_false(miss_wait_come_often(&pace, 5ULL * HZ, HZ, 1000000));
	/* 100 in 2 ms are 50,000 a second. */
	assert_false(miss_wait_come_often(&pace, 5ULL * HZ + MS, HZ, 1000090));
	assert_true(miss_wait_come_often(&pace, 5ULL * HZ + 2 * MS, HZ, 1000100));
	/* That holds until it is looked at again. */
	assert_true(miss_wait_come_often(&pace, 5ULL * HZ + 3 * MS, HZ, 1000100));
	/* 10 in 2 ms are 5,000. */
	assert_false(miss_wait_come_often(&pace, 5ULL * HZ + 4 * MS, HZ, 1000110));
	/* Counts go on at zero. */
	pace.seen = UINT32_MAX;
	assert_true(miss_wait_come_often(&pace, 5ULL * HZ + 6 * MS, HZ, 99));
	/* Many that came over a long time did not come often. */
	assert_false(miss_wait_come_often(&pace, 7ULL * HZ, HZ, 1000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports_take_turns),
		cmocka_unit_test(test_dear_misses_get_fewer_turns),
		cmocka_unit_test(test_what_nobody_else_wants_is_had),
		cmocka_unit_test(test_entries_are_left_for_others),
		cmocka_unit_test(test_translators_sleep_and_nap),
		cmocka_unit_test(test_naps_do_not_silence_the_bell),
		cmocka_unit_test(test_naps_begin_when_misses_come_often),
	};

	return cmocka_run_group_tests(tests, start, fixture_stop);
}
