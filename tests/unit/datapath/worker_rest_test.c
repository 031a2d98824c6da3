/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_ring.h>

#include "datapath/miss_priv.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/xmalloc.h"
#include "tests/unit/unit.h"

enum {
	HZ = 1000000000, /* as the worker believes */
	PAUSE_MS = 10,
	RING = 2,
};

/* A queue that has packets, and whether it was asked. */
static bool was_asked;

static bool has_packets(struct port_rxq *rxq, bool enable)
{
	was_asked |= enable;
	return enable;
}

static const struct port_type type = {.name = "busy", .rx_wait = has_packets};
static struct port port = {.type = &type};
static struct port_rxq rxq = {.port = &port};
static struct rxq_load load;
static struct worker *worker;
static struct plan *plan;

static int setup(void **state)
{
	epoch_register();
	load = (struct rxq_load){0};
	was_asked = false;
	rxq.wait_fd = eventfd(0, EFD_NONBLOCK);
	plan = xcalloc(1, sizeof(*plan) + sizeof(plan->rxqs[0]));
	plan->number = 1;
	plan->n_rxqs = 1;
	plan->can_wait = true;
	plan->rxqs[0] = (struct plan_rxq){.rxq = &rxq, .load = &load};
	worker = xalloc_aligned(CACHE_LINE, sizeof(*worker));
	worker->index = 1;
	worker->state = WORKER_RUNNING;
	worker->plan = plan;
	worker->hz = HZ;
	worker->event_fd = eventfd(0, EFD_NONBLOCK);
	worker->event_set = -1;
	worker->pending = pending_table_of(worker->index);
	worker->handed = xalloc_aligned(CACHE_LINE, rte_ring_get_memsize(RING));
	rte_ring_init(worker->handed, "handed", RING, 0);
	return 0;
}

static int teardown(void **state)
{
	close(worker->event_fd);
	close(worker->event_set);
	close(rxq.wait_fd);
	free(worker->handed);
	free(worker);
	free(plan);
	epoch_unregister();
	return 0;
}

/* Nothing has come for long. */
static void rest(void)
{
	worker_rest(worker, plan, 2);
}

static void test_rest_is_not_disturbed_by_a_queue_that_pauses(void **state)
{
	uint64_t until = rte_rdtsc() + HZ / 1000 * PAUSE_MS;

	load.paused_until = worker->paused_until = until;
	rest();
	assert_int_equal(worker->stats.sleeps, 1);
	assert_false(was_asked);
}

static void test_rest_ends_with_the_pause(void **state)
{
	uint64_t until = rte_rdtsc() + HZ / 1000 * PAUSE_MS;

	load.paused_until = worker->paused_until = until;
	while (rte_rdtsc() < until)
		rest();
	rest();
	assert_true(was_asked);
}

/* Its worker would have known when its pause ends. */
static void test_rest_asks_a_queue_that_paused_with_another_worker(void **state)
{
	load.paused_until = rte_rdtsc() + HZ * 10ULL;
	rest();
	assert_true(was_asked);
	assert_int_equal(worker->stats.sleeps, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_rest_is_not_disturbed_by_a_queue_that_pauses),
		TEST(test_rest_ends_with_the_pause),
		TEST(test_rest_asks_a_queue_that_paused_with_another_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
