/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/mac_table.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/epoch.h"
#include "ofproto/mac_holds.h"
#include "tests/unit/unit.h"

static struct mac_table *table;
static unsigned n_added, n_moved, n_removed, n_released;

static void count(void *context, const struct mac_entry *entry, enum mac_change change)
{
	n_added += change == MAC_CHANGE_ADDED;
	n_moved += change == MAC_CHANGE_MOVED;
	n_removed += change == MAC_CHANGE_REMOVED;
	n_released += change == MAC_CHANGE_RELEASED;
}

static int setup(void **state)
{
	epoch_register();
	clock_stop();
	n_added = n_moved = n_removed = n_released = 0;
	table = mac_table_new(count, NULL);
	return 0;
}

static int teardown(void **state)
{
	mac_table_free(table);
	epoch_unregister();
	return 0;
}

static struct mac mac_of(unsigned n)
{
	return (struct mac){{2, 0, 0, n >> 16, n >> 8, n}};
}

/* The lport behind the address, 0 if nobody knows. */
static uint32_t where(uint16_t vlan, unsigned n)
{
	const struct mac_entry *entry = mac_table_find(table, vlan, mac_of(n));

	return entry ? entry->lport : 0;
}

static void learn(unsigned n, uint32_t lport)
{
	mac_table_learn(table, 0, mac_of(n), lport, false);
}

static bool is_held(unsigned n, uint32_t lport)
{
	return mac_entry_is_held(mac_table_find(table, 0, mac_of(n)), lport);
}

static unsigned size(void)
{
	struct mac_table_stats stats;

	mac_table_get_stats(table, &stats);
	return stats.n;
}

static void test_mac_table_tells_vlans_apart(void **state)
{
	mac_table_learn(table, 1, mac_of(1), 11, false);
	mac_table_learn(table, 2, mac_of(1), 12, false);
	assert_int_equal(where(1, 1), 11);
	assert_int_equal(where(2, 1), 12);
	assert_int_equal(where(3, 1), 0);
	assert_int_equal(n_added, 2);
}

static void test_mac_table_tells_of_moves_once(void **state)
{
	learn(1, 11);
	learn(1, 11);
	assert_int_equal(n_moved, 0);
	learn(1, 12);
	assert_int_equal(n_moved, 1);
	assert_int_equal(where(0, 1), 12);
	assert_int_equal(size(), 1);
}

static void test_mac_table_holds_what_moves_without_a_pause(void **state)
{
	learn(1, 11);
	for (unsigned i = 0; i < MAC_TABLE_RESTLESS; i++)
		learn(1, 12 - i % 2);
	assert_false(is_held(1, 13));
	learn(1, 12);
	assert_true(is_held(1, 13));
	clock_warp(MAC_HOLDS_MS - 1);
	mac_table_age(table);
	assert_int_equal(n_released, 0);
	clock_warp(1);
	mac_table_age(table);
	mac_table_age(table);
	assert_int_equal(n_released, 1);
	assert_false(is_held(1, 13));
	/* It goes on, and is held at once. */
	learn(1, 11);
	assert_true(is_held(1, 13));
	assert_true(mac_table_del(table, 0, mac_of(1)));
	clock_warp(MAC_HOLDS_MS);
	mac_table_age(table);
	assert_int_equal(n_released, 1);
	/* One that moves with pauses is followed. */
	learn(2, 11);
	for (unsigned i = 0; i < 3 * MAC_TABLE_RESTLESS; i++) {
		clock_warp(2 * MAC_HOLDS_MS);
		learn(2, 12 - i % 2);
		assert_false(is_held(2, 13));
	}
}

static void test_mac_table_lets_who_is_held_go_home(void **state)
{
	learn(1, 11);
	for (unsigned i = 0; i <= MAC_TABLE_RESTLESS; i++)
		learn(1, 12 - i % 2);
	assert_int_equal(where(0, 1), 12);
	assert_true(is_held(1, 13));
	assert_false(is_held(1, 11));
	learn(1, 11);
	assert_int_equal(where(0, 1), 11);
	assert_true(is_held(1, 12));
	assert_true(is_held(1, 13));
}

/* Of very many that keep moving to an lport, so many a second do; each gets its turn. */
static void test_mac_table_spreads_moves_over_time(void **state)
{
	const unsigned n = 3 * MAC_HOLDS_BURST_MS;
	unsigned n_held = 0, moved;

	mac_table_configure(table, 2 * n, 0);
	for (unsigned i = 0; i < n; i++)
		learn(i, 11);
	/* The first move of each is nothing strange, nor is the way back. */
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < n; i++) {
			learn(i, round ? 11 : 12);
			assert_false(is_held(i, 13));
		}
		clock_warp(3000);
	}
	for (unsigned i = 0; i < n; i++) {
		learn(i, 12);
		n_held += is_held(i, 13);
	}
	assert_in_range(n_held, n - MAC_HOLDS_BURST_MS, n - MAC_HOLDS_BURST_MS + 1);
	moved = n_moved;
	for (unsigned i = 0; i < n; i++)
		learn(i, 11); /* home: at once */
	assert_int_equal(n_moved - moved, n);
	for (unsigned second = 0; second < n / 1000; second++) {
		clock_warp(1000);
		mac_table_age(table);
	}
	assert_int_equal(n_released, n_held);
	/* Another lport is not charged for it. */
	learn(1, 14);
	assert_false(is_held(1, 13));
}

static void test_mac_table_ages_by_use(void **state)
{
	mac_table_configure(table, 100, 20000);
	learn(1, 11);
	learn(2, 11);
	clock_warp(15000);
	mac_entry_set_used(mac_table_find(table, 0, mac_of(1)), clock_ms());
	learn(3, 11);
	clock_warp(10000);
	mac_table_age(table);
	assert_int_equal(where(0, 1), 11);
	assert_int_equal(where(0, 2), 0);
	assert_int_equal(where(0, 3), 11);
	clock_warp(10000);
	mac_table_age(table);
	assert_int_equal(size(), 0);
	assert_int_equal(n_removed, 3);
}

/* One port's flood of addresses pushes out its own, never the other ports'. */
static void test_mac_table_evicts_from_the_greediest_lport(void **state)
{
	struct mac_table_stats stats;

	mac_table_configure(table, 100, 0);
	for (unsigned n = 0; n < 10; n++)
		learn(n, 11);
	for (unsigned n = 1000; n < 2000; n++)
		learn(n, 12);
	for (unsigned n = 0; n < 10; n++)
		assert_int_equal(where(0, n), 11);
	assert_int_equal(where(0, 1999), 12);
	assert_int_equal(where(0, 1000), 0);
	mac_table_get_stats(table, &stats);
	assert_int_equal(stats.n, 100);
	assert_int_equal(stats.evicted, 910);
}

static void test_mac_table_shrinks(void **state)
{
	for (unsigned n = 0; n < 50; n++)
		learn(n, 11);
	mac_table_configure(table, 20, 0);
	assert_int_equal(size(), 20);
}

static void test_mac_table_keeps_what_was_fixed(void **state)
{
	mac_table_configure(table, 10, 20000);
	mac_table_fix(table, 0, mac_of(1), 11);
	learn(1, 12);
	assert_int_equal(where(0, 1), 11);
	for (unsigned n = 100; n < 200; n++)
		learn(n, 11);
	clock_warp(30000);
	mac_table_age(table);
	mac_table_flush(table);
	assert_int_equal(where(0, 1), 11);
	assert_int_equal(size(), 1);
	assert_true(mac_table_del(table, 0, mac_of(1)));
	assert_false(mac_table_del(table, 0, mac_of(1)));
}

static void test_mac_table_says_only_what_changes(void **state)
{
	mac_table_fix(table, 0, mac_of(1), 11);
	assert_int_equal(n_added, 1);
	mac_table_fix(table, 0, mac_of(1), 11);
	assert_int_equal(n_added + n_moved + n_removed, 1);
	mac_table_fix(table, 0, mac_of(1), 12);
	assert_int_equal(where(0, 1), 12);
	assert_int_equal(n_moved, 1);
	assert_int_equal(n_added + n_removed, 1);
	/* What was learned there is something else now: it does not age. */
	learn(2, 11);
	mac_table_fix(table, 0, mac_of(2), 11);
	assert_int_equal(n_removed, 1);
	assert_int_equal(n_added, 3);
	mac_table_forget_lport(table, 12);
	assert_int_equal(size(), 1);
}

static void test_mac_table_evicts_beside_what_was_fixed(void **state)
{
	mac_table_configure(table, 10, 0);
	for (unsigned n = 100; n < 200; n++)
		mac_table_fix(table, 0, mac_of(n), 11);
	for (unsigned n = 0; n < 50; n++)
		learn(n, 11);
	assert_int_equal(size(), 110);
	assert_int_equal(where(0, 39), 0);
	assert_int_equal(where(0, 40), 11);
	assert_int_equal(where(0, 100), 11);
	mac_table_flush_lport(table, 11);
	assert_int_equal(size(), 100);
}

static void test_mac_table_forgets_lports(void **state)
{
	learn(1, 11);
	learn(2, 12);
	mac_table_fix(table, 0, mac_of(3), 11);
	mac_table_fix(table, 0, mac_of(4), 12);
	learn(5, 11);
	mac_table_flush_lport(table, 11);
	assert_int_equal(where(0, 1), 0);
	assert_int_equal(where(0, 2), 12);
	assert_int_equal(where(0, 3), 11);
	assert_int_equal(where(0, 5), 0);
	mac_table_flush_lport(table, 11);
	assert_int_equal(where(0, 3), 11);
	mac_table_forget_lport(table, 11);
	assert_int_equal(where(0, 3), 0);
	assert_int_equal(where(0, 4), 12);
	mac_table_flush_lport(table, 11);
	assert_int_equal(size(), 2);
}

static void test_mac_table_locks_for_five_seconds(void **state)
{
	mac_table_learn(table, 0, mac_of(1), 11, true);
	assert_int_equal(
		mac_table_find(table, 0, mac_of(1))->locked_until_ms, clock_ms() + MAC_TABLE_LOCK_MS
	);
	/* The end is told: translations that it stood against are to be made again. */
	clock_warp(MAC_TABLE_LOCK_MS - 1000);
	mac_table_age(table);
	assert_true(mac_entry_is_locked(mac_table_find(table, 0, mac_of(1))));
	assert_int_equal(n_released, 0);
	clock_warp(1000);
	mac_table_age(table);
	assert_false(mac_entry_is_locked(mac_table_find(table, 0, mac_of(1))));
	assert_int_equal(n_released, 1);
	mac_table_age(table);
	assert_int_equal(n_released, 1);
	/* Who goes while locked is not spoken of later. */
	mac_table_learn(table, 0, mac_of(1), 11, true);
	mac_table_del(table, 0, mac_of(1));
	clock_warp(MAC_TABLE_LOCK_MS);
	mac_table_age(table);
	assert_int_equal(n_released, 1);
}

static void test_mac_table_knows_a_return(void **state)
{
	const struct mac_entry *entry;

	learn(1, 11);
	learn(1, 12);
	entry = mac_table_find(table, 0, mac_of(1));
	assert_false(entry->returned);
	learn(1, 13);
	assert_false(entry->returned);
	learn(1, 12);
	assert_true(entry->returned);
	assert_int_equal(entry->moved_from, 13);
	clock_warp(60000);
	learn(1, 13);
	assert_false(entry->returned);
}

static void test_mac_table_holds_half_a_million(void **state)
{
	const unsigned n = 500000;

	mac_table_configure(table, n, 20000);
	for (unsigned i = 0; i < n; i++)
		mac_table_learn(table, i & 1, mac_of(i / 2), 11 + i % 100, false);
	assert_int_equal(size(), n);
	assert_int_equal(where(1, n / 2 - 1), 11 + (n - 1) % 100);
	/* Half of them are in use; the others go, some at a time. */
	clock_warp(20000);
	for (unsigned i = 0; i < n; i += 2)
		mac_entry_set_used(mac_table_find(table, 0, mac_of(i / 2)), clock_ms());
	for (unsigned i = 0; i < 100; i++)
		mac_table_age(table);
	assert_int_equal(size(), n / 2);
	assert_int_equal(where(1, 0), 0);
	assert_int_equal(where(0, 0), 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_mac_table_tells_vlans_apart),
		TEST(test_mac_table_tells_of_moves_once),
		TEST(test_mac_table_holds_what_moves_without_a_pause),
		TEST(test_mac_table_lets_who_is_held_go_home),
		TEST(test_mac_table_spreads_moves_over_time),
		TEST(test_mac_table_ages_by_use),
		TEST(test_mac_table_evicts_from_the_greediest_lport),
		TEST(test_mac_table_shrinks),
		TEST(test_mac_table_keeps_what_was_fixed),
		TEST(test_mac_table_says_only_what_changes),
		TEST(test_mac_table_evicts_beside_what_was_fixed),
		TEST(test_mac_table_forgets_lports),
		TEST(test_mac_table_locks_for_five_seconds),
		TEST(test_mac_table_knows_a_return),
		TEST(test_mac_table_holds_half_a_million),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
