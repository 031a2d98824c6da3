/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/spanning/rstp.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

/* A network of bridges and links. Frames go through the codec and wait in one queue; after each of
 * them that was delivered, no loop may exist. */

enum {
	BRIDGES = 8,
	LINKS = 24,
	FRAMES = 4096,
};

struct end {
	struct rstp_port *port;
	unsigned bridge, link;
	bool learning, forwarding;
	unsigned flushes;
	struct rstp_port_config config;
};

struct link {
	struct end ends[2];
	bool up, deaf; /* deaf: up, but no frame gets through */
	bool host; /* no bridge at the second end */
};

static struct rstp *bridges[BRIDGES];
static struct rstp_config configs[BRIDGES];
static unsigned n_bridges, n_links, n_sent;
static struct link links[LINKS];
static struct {
	struct end *to;
	uint8_t bytes[BPDU_FRAME_MIN];
} frames[FRAMES];
static unsigned first_frame, n_frames;

static struct end *other_end(struct end *end)
{
	struct link *link = &links[end->link];

	return end == &link->ends[0] ? &link->ends[1] : &link->ends[0];
}

static void send(void *owner, const struct bpdu *bpdu)
{
	struct end *end = owner;
	struct link *link = &links[end->link];

	n_sent++;
	if (!link->up || link->deaf || link->host)
		return;
	assert_true(n_frames < FRAMES);
	unsigned at = (first_frame + n_frames++) % FRAMES;

	frames[at].to = other_end(end);
	bpdu_encode(bpdu, (struct mac){{2}}, frames[at].bytes);
}

static void flush(void *owner)
{
	((struct end *)owner)->flushes++;
}

static void set_state(void *owner, bool learning, bool forwarding)
{
	struct end *end = owner;

	end->learning = learning;
	end->forwarding = forwarding;
}

static const struct rstp_hooks hooks = {.send = send, .flush = flush, .set_state = set_state};

static bool carries(const struct link *link)
{
	return link->up && !link->host && link->ends[0].forwarding && link->ends[1].forwarding;
}

static unsigned find(unsigned *group, unsigned i)
{
	while (group[i] != i)
		i = group[i];
	return i;
}

/* The number of parts that cannot reach each other; fails on a loop. */
static unsigned count_parts(bool (*use)(const struct link *))
{
	unsigned group[BRIDGES], n = n_bridges;

	for (unsigned i = 0; i < n_bridges; i++)
		group[i] = i;
	for (unsigned i = 0; i < n_links; i++) {
		if (!use(&links[i]))
			continue;
		unsigned a = find(group, links[i].ends[0].bridge);
		unsigned b = find(group, links[i].ends[1].bridge);

		if (use == carries)
			assert_int_not_equal(a, b);
		n -= a != b;
		group[a] = b;
	}
	return n;
}

static bool is_up(const struct link *link)
{
	return link->up && !link->host;
}

static void deliver(void)
{
	while (n_frames) {
		struct end *to = frames[first_frame].to;
		uint8_t bytes[BPDU_FRAME_MIN];
		struct bpdu bpdu;

		memcpy(bytes, frames[first_frame].bytes, sizeof(bytes));
		first_frame = (first_frame + 1) % FRAMES;
		n_frames--;
		if (!links[to->link].up)
			continue;
		if (bpdu_decode(bytes, sizeof(bytes), &bpdu))
			rstp_port_count_error(to->port);
		else
			rstp_port_receive(to->port, &bpdu);
		count_parts(carries);
	}
}

static void pass(unsigned seconds)
{
	while (seconds--) {
		for (unsigned i = 0; i < n_bridges; i++)
			rstp_tick(bridges[i]);
		deliver();
	}
}

static void add_bridge(unsigned priority, bool rapid)
{
	unsigned i = n_bridges++;

	configs[i] = (struct rstp_config){
		.id = (uint64_t)priority << 48 | (i + 1),
		.rapid = rapid,
		.times = {.max_age = 20, .hello = 2, .forward_delay = 15},
		.hold_count = 6,
	};
	bridges[i] = rstp_new(&hooks, &configs[i]);
}

static void set_link(unsigned i, bool up)
{
	links[i].up = up;
	for (unsigned e = 0; e < (links[i].host ? 1U : 2U); e++) {
		struct end *end = &links[i].ends[e];

		end->config.link_up = up;
		rstp_port_configure(end->port, &end->config);
	}
	deliver();
}

static unsigned add_link(unsigned a, unsigned b)
{
	unsigned i = n_links++, at[] = {a, b};

	links[i] = (struct link){.host = a == b};
	for (unsigned e = 0; e < (links[i].host ? 1U : 2U); e++) {
		struct end *end = &links[i].ends[e];

		end->bridge = at[e];
		end->link = i;
		end->config = (struct rstp_port_config){
			.id = (uint16_t)(0x8000 | (2 * i + e + 1)),
			.cost = 20000,
			.two_ends = true,
			.detect_edge = true,
		};
		end->port = rstp_port_new(bridges[at[e]], end, &end->config);
	}
	set_link(i, true);
	return i;
}

static int setup(void **state)
{
	n_bridges = n_links = n_frames = n_sent = 0;
	return 0;
}

static int teardown(void **state)
{
	for (unsigned i = 0; i < n_bridges; i++)
		rstp_free(bridges[i]);
	return 0;
}

static void make_ring(bool rapid)
{
	for (unsigned i = 0; i < 3; i++)
		add_bridge(0x8000, rapid);
	for (unsigned i = 0; i < 3; i++)
		add_link(i, (i + 1) % 3);
}

static enum rstp_role role_of(unsigned link, unsigned end)
{
	struct rstp_port_status status;

	rstp_port_get_status(links[link].ends[end].port, &status);
	return status.role;
}

static void test_a_ring_converges_at_once(void **state)
{
	make_ring(true);
	pass(1);
	assert_int_equal(count_parts(carries), 1);
	assert_int_equal(role_of(0, 0), RSTP_ROLE_DESIGNATED);
	assert_int_equal(role_of(0, 1), RSTP_ROLE_ROOT);
	assert_int_equal(role_of(1, 0), RSTP_ROLE_DESIGNATED);
	assert_int_equal(role_of(1, 1), RSTP_ROLE_ALTERNATE);
	assert_int_equal(role_of(2, 0), RSTP_ROLE_ROOT);
}

static void test_a_cut_is_mended_at_once(void **state)
{
	make_ring(true);
	pass(5);
	unsigned flushes = links[1].ends[0].flushes;

	set_link(0, false);
	pass(1);
	assert_int_equal(count_parts(carries), 1);
	assert_int_equal(role_of(1, 0), RSTP_ROLE_ROOT);
	assert_true(links[1].ends[0].flushes + links[2].ends[0].flushes > flushes);
	set_link(0, true);
	pass(1);
	assert_int_equal(count_parts(carries), 1);
	assert_int_equal(role_of(0, 1), RSTP_ROLE_ROOT);
}

static void test_the_best_bridge_is_the_root(void **state)
{
	struct rstp_status status;

	make_ring(true);
	pass(3);
	rstp_get_status(bridges[2], &status);
	assert_true(status.root.root == configs[0].id);
	assert_int_equal(status.root.cost, 20000);
	configs[2].id = 0x1000ULL << 48 | 3;
	rstp_configure(bridges[2], &configs[2]);
	pass(3);
	rstp_get_status(bridges[0], &status);
	assert_true(status.root.root == configs[2].id);
	assert_int_equal(count_parts(carries), 1);
}

static void test_a_silent_root_is_given_up(void **state)
{
	struct rstp_status status;

	make_ring(true);
	pass(5);
	links[0].deaf = links[2].deaf = true;
	pass(8);
	rstp_get_status(bridges[2], &status);
	assert_true(status.root.root == configs[1].id);
}

static void test_plain_neighbours_are_waited_for(void **state)
{
	make_ring(false);
	pass(25);
	assert_int_equal(count_parts(carries), 3);
	pass(10);
	assert_int_equal(count_parts(carries), 1);
	set_link(0, false);
	pass(52);
	assert_int_equal(count_parts(carries), 1);
}

static void test_old_and_new_get_along(void **state)
{
	for (unsigned i = 0; i < 3; i++)
		add_bridge(0x8000, i != 1);
	for (unsigned i = 0; i < 3; i++)
		add_link(i, (i + 1) % 3);
	pass(40);
	assert_int_equal(count_parts(carries), 1);
	/* Between the two that can, it was fast. */
	assert_int_equal(role_of(2, 0), RSTP_ROLE_ROOT);
}

static void test_hosts_are_let_in_after_a_while(void **state)
{
	add_bridge(0x8000, true);
	unsigned i = add_link(0, 0);

	pass(1);
	assert_false(links[i].ends[0].forwarding);
	pass(4);
	assert_true(links[i].ends[0].forwarding);
	/* A host that comes is no change of the topology. */
	assert_int_equal(links[i].ends[0].flushes, 0);
}

static void test_an_edge_forwards_at_once(void **state)
{
	add_bridge(0x8000, true);
	unsigned i = add_link(0, 0);
	struct end *end = &links[i].ends[0];

	set_link(i, false);
	end->config.edge = true;
	set_link(i, true);
	assert_true(end->forwarding);
	set_link(i, false);
	assert_false(end->forwarding);
}

static void test_two_links_between_two_bridges(void **state)
{
	add_bridge(0x8000, true);
	add_bridge(0x8000, true);
	add_link(0, 1);
	add_link(0, 1);
	pass(2);
	assert_int_equal(count_parts(carries), 1);
	assert_int_equal(role_of(1, 1), RSTP_ROLE_ALTERNATE);
}

static void test_a_link_to_itself_is_blocked(void **state)
{
	add_bridge(0x8000, true);
	unsigned i = add_link(0, 0);
	struct link *link = &links[i];

	/* Both ends are ports of the one bridge. */
	link->host = false;
	link->ends[1] = link->ends[0];
	link->ends[1].config.id++;
	link->ends[1].port = rstp_port_new(bridges[0], &link->ends[1], &link->ends[1].config);
	pass(40);
	assert_false(link->ends[0].forwarding && link->ends[1].forwarding);
	assert_int_equal(role_of(i, 1), RSTP_ROLE_BACKUP);
}

static void test_frames_are_held_back(void **state)
{
	make_ring(true);
	pass(10);
	n_sent = 0;
	/* An offer that changes all the time must not make a storm. */
	for (unsigned i = 0; i < 100; i++) {
		configs[0].id ^= 1ULL << 60;
		rstp_configure(bridges[0], &configs[0]);
		deliver();
	}
	assert_true(n_sent <= 6 * 6);
}

static void test_random_networks_never_loop(void **state)
{
	unsigned seed = 20240607;

	srandom(seed);
	print_message("seed %u\n", seed);
	for (unsigned round = 0; round < 60; round++) {
		setup(state);
		for (unsigned i = 0; i < BRIDGES; i++)
			add_bridge((unsigned)(random() % 16) << 12, random() % 8);
		for (unsigned i = 0; i < LINKS; i++) {
			unsigned a = (unsigned)random() % BRIDGES;

			add_link(a, (a + 1 + (unsigned)random() % (BRIDGES - 1)) % BRIDGES);
		}
		for (unsigned i = 0; i < 50; i++) {
			set_link((unsigned)random() % n_links, random() % 3);
			pass((unsigned)random() % 4);
		}
		pass(80);
		assert_int_equal(count_parts(carries), count_parts(is_up));
		teardown(state);
	}
	setup(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_ring_converges_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_cut_is_mended_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_best_bridge_is_the_root, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_silent_root_is_given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_plain_neighbours_are_waited_for, setup, teardown
		),
		cmocka_unit_test_setup_teardown(test_old_and_new_get_along, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_hosts_are_let_in_after_a_while, setup, teardown
		),
		cmocka_unit_test_setup_teardown(test_an_edge_forwards_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_two_links_between_two_bridges, setup, teardown
		),
		cmocka_unit_test_setup_teardown(test_a_link_to_itself_is_blocked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_frames_are_held_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random_networks_never_loop, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
