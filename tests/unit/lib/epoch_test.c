/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/epoch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/xmalloc.h"
#include "tests/unit/unit.h"

static _Atomic int freed;
static _Atomic int phase;

static void count_free(void *obj)
{
	atomic_fetch_add(&freed, 1);
	free(obj);
}

/* Phase 1: the reader is online and has not quiesced. Phase 2: the test lets it go on. */
static void *reader(void *arg)
{
	epoch_register();
	atomic_store(&phase, 1);
	while (atomic_load(&phase) == 1)
		usleep(1000);
	epoch_quiesce();
	epoch_offline();
	while (atomic_load(&phase) == 2)
		usleep(1000);
	epoch_online();
	epoch_unregister();
	return NULL;
}

static void test_epoch_free_waits_for_every_reader(void **state)
{
	pthread_t thread;

	pthread_create(&thread, NULL, reader, NULL);
	while (!atomic_load(&phase))
		usleep(1000);
	epoch_free(xmalloc(8), count_free);
	epoch_free(NULL, count_free);
	usleep(50000);
	assert_int_equal(atomic_load(&freed), 0);
	atomic_store(&phase, 2);
	epoch_drain();
	assert_int_equal(atomic_load(&freed), 1);
	atomic_store(&phase, 3);
	pthread_join(thread, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_epoch_free_waits_for_every_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
