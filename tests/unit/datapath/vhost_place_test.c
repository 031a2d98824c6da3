/* SPDX-License-Identifier: Apache-2.0 */

/* A guest's driver and a device that play with a packed ring; at any moment the device may forget where
 * it was.  */

#include "datapath/ports/vhost_place.h"

#include <linux/virtio_ring.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

enum {
	N = 8,
	AVAILABLE = 1 << VRING_PACKED_DESC_F_AVAIL,
	USED = 1 << VRING_PACKED_DESC_F_USED,
	WRAP = 1 << 15,
	FRESH = WRAP, /* what a device is told of a ring that is new */
};

struct side {
	uint16_t at;
	bool lap;
};

struct ring {
	struct vring_packed_desc slots[N];
	struct side driver, device;
	struct side seen; /* up to where the driver has taken buffers back */
	uint16_t offered; /* slots, not yet used */
	uint16_t room; /* slots that the driver may fill */
	uint16_t free[N], n_free; /* numbers of buffers; what came back last is taken first */
	uint16_t lengths[N], waiting[N], n_waiting; /* of buffers; those on offer, in order */
};

static struct ring new_ring(void)
{
	struct ring ring = {.driver.lap = true, .device.lap = true, .seen.lap = true, .room = N};

	for (int id = 0; id < N; id++)
		ring.free[ring.n_free++] = (uint16_t)id;
	return ring;
}

static void step(struct side *side, uint16_t n_slots)
{
	side->at += n_slots;
	if (side->at >= N) {
		side->at -= N;
		side->lap = !side->lap;
	}
}

/* A buffer of one slot or more. */
static void offer(struct ring *ring, uint16_t n_slots)
{
	uint16_t id = ring->free[--ring->n_free];

	for (uint16_t i = 0; i < n_slots; i++) {
		ring->slots[ring->driver.at].id = id;
		ring->slots[ring->driver.at].flags = (ring->driver.lap ? AVAILABLE : USED) |
			(i + 1 < n_slots ? VRING_DESC_F_NEXT : 0);
		step(&ring->driver, 1);
	}
	ring->lengths[id] = n_slots;
	ring->waiting[ring->n_waiting++] = id;
	ring->offered += n_slots;
	ring->room -= n_slots;
}

/* The device is done with the first buffer on offer. */
static void use(struct ring *ring)
{
	uint16_t id = ring->waiting[0];

	memmove(ring->waiting, ring->waiting + 1, --ring->n_waiting * sizeof(id));
	ring->slots[ring->device.at].id = id;
	ring->slots[ring->device.at].flags = ring->device.lap ? AVAILABLE | USED : 0;
	step(&ring->device, ring->lengths[id]);
	ring->offered -= ring->lengths[id];
}

/* The driver takes back what was used. */
static void take_back(struct ring *ring)
{
	while (ring->seen.at != ring->device.at || ring->seen.lap != ring->device.lap) {
		uint16_t id = ring->slots[ring->seen.at].id;

		ring->room += ring->lengths[id];
		ring->free[ring->n_free++] = id;
		step(&ring->seen, ring->lengths[id]);
	}
}

/* Any of these, as the dice want it. */
static void play(struct ring *ring, uint16_t n_slots)
{
	if (rand() % 2)
		take_back(ring);
	if (ring->room >= n_slots && (!ring->offered || rand() % 2))
		offer(ring, n_slots);
	else if (ring->offered)
		use(ring);
}

static uint16_t place_of(const struct ring *ring)
{
	return ring->device.at | (ring->device.lap ? WRAP : 0);
}

static void test_place_of_a_fresh_ring(void **state)
{
	struct ring ring = new_ring();

	assert_int_equal(vhost_place_find(ring.slots, N, FRESH), FRESH);
	offer(&ring, 3);
	assert_int_equal(vhost_place_find(ring.slots, N, FRESH), FRESH);
}

static void test_place_is_found_whatever_was_told(void **state)
{
	struct ring ring = new_ring();

	srand(1);
	for (int i = 0; i < 20000; i++) {
		play(&ring, 1);
		/* But for the one slot that could be the rest of the buffer before. */
		uint16_t told = rand() % 2 ? ring.device.at : rand() % N;

		if (told != (ring.device.at + 1) % N)
			assert_int_equal(
				vhost_place_find(ring.slots, N, told | (rand() % 2 ? WRAP : 0)),
				place_of(&ring)
			);
	}
}

static void test_place_behind_a_buffer_of_several_slots_is_as_told(void **state)
{
	struct ring ring = new_ring();

	srand(3);
	for (int i = 0; i < 20000; i++) {
		play(&ring, (uint16_t)(1 + rand() % 3));
		assert_int_equal(vhost_place_find(ring.slots, N, place_of(&ring)), place_of(&ring));
	}
}

/* Told what was true long ago, it can only be found by what buffers leave behind. That is not always
 * enough, but the old way found it in every fifth case. */
static void test_place_behind_a_buffer_of_several_slots_is_found(void **state)
{
	struct ring ring = new_ring();
	int n_found = 0;

	srand(4);
	for (int i = 0; i < 20000; i++) {
		play(&ring, 2);
		uint16_t told = (uint16_t)(rand() % N) | WRAP;

		n_found += vhost_place_find(ring.slots, N, told) == place_of(&ring);
	}
	assert_true(n_found > 20000 * 8 / 10);
}

/* Where the driver comes to by the marks alone. */
static struct side seen_by_marks(const struct ring *ring)
{
	struct side seen = ring->seen;

	for (int i = 0; i < N; i++) {
		uint16_t flags = ring->slots[seen.at].flags;
		bool is_used = (bool)(flags & AVAILABLE) == (bool)(flags & USED);

		if (!is_used || (bool)(flags & AVAILABLE) != seen.lap)
			break;
		step(&seen, 1);
	}
	return seen;
}

/* The first of several is marked last, and the device is killed before that. */
static void test_place_behind_a_burst_that_was_cut_short(void **state)
{
	struct ring ring = new_ring();
	int n_cut = 0;

	srand(5);
	for (int i = 0; i < 20000; i++) {
		play(&ring, 1);
		uint16_t n = (uint16_t)(2 + rand() % 3), first = ring.device.at;

		if (ring.offered < n)
			continue;
		uint16_t flags = ring.slots[first].flags;

		while (n--)
			use(&ring);
		ring.slots[first].flags = flags;
		ring.slots[first].len = 1500;
		assert_int_equal(vhost_place_find(ring.slots, N, rand() % N), place_of(&ring));
		assert_int_equal(vhost_place_mend(ring.slots, N, place_of(&ring)), 1);
		assert_int_equal(seen_by_marks(&ring).at, ring.device.at);
		assert_int_equal(ring.slots[first].len, 0);
		n_cut++;
	}
	assert_true(n_cut > 1000);
}

/* QEMU drops what is on offer from the ring's first slot on, although there is more before that. */
static void test_place_behind_slots_that_another_took(void **state)
{
	struct ring ring = new_ring();
	int n_taken = 0;

	srand(8);
	for (int i = 0; i < 20000; i++) {
		play(&ring, 1);
		struct ring copy = ring;

		if (!ring.offered || !ring.driver.at || ring.device.lap == ring.driver.lap)
			continue;
		uint16_t n = (uint16_t)(1 + rand() % ring.driver.at);

		for (uint16_t k = 0; k < n; k++)
			copy.slots[k].flags = ring.driver.lap ? AVAILABLE | USED : 0;
		uint16_t place = vhost_place_find(copy.slots, N, n | WRAP);

		assert_int_equal(place, n | (ring.driver.lap ? WRAP : 0));
		assert_int_equal(vhost_place_mend(copy.slots, N, place), N - ring.device.at);
		assert_int_equal(seen_by_marks(&copy).at, n);
		n_taken++;
	}
	assert_true(n_taken > 1000);
}

static void test_nothing_is_mended_where_nothing_was_cut(void **state)
{
	struct ring ring = new_ring();

	srand(6);
	for (int i = 0; i < 20000; i++) {
		play(&ring, 1);
		assert_int_equal(vhost_place_mend(ring.slots, N, place_of(&ring)), 0);
	}
}

/* What buffers of several slots leave behind is marked too, and the driver does not mind. */
static void test_driver_goes_on_after_rests_are_marked(void **state)
{
	struct ring ring = new_ring();

	srand(7);
	for (int i = 0; i < 20000; i++) {
		play(&ring, (uint16_t)(1 + rand() % 3));
		vhost_place_mend(ring.slots, N, place_of(&ring));
		assert_int_equal(vhost_place_find(ring.slots, N, place_of(&ring)), place_of(&ring));
		for (uint16_t k = 0, at = ring.device.at; k < ring.offered;
		     k++, at = (at + 1) % N) {
			uint16_t flags = ring.slots[at].flags;

			assert_true((bool)(flags & AVAILABLE) != (bool)(flags & USED));
		}
	}
}

static void test_place_in_nonsense_is_in_the_ring(void **state)
{
	struct vring_packed_desc slots[N];

	srand(2);
	for (int i = 0; i < 20000; i++) {
		for (int k = 0; k < N; k++)
			slots[k].flags = (uint16_t)rand();
		assert_true((vhost_place_find(slots, N, (uint16_t)rand()) & ~WRAP) < N);
		assert_true(vhost_place_mend(slots, N, (uint16_t)(rand() % N)) <= N);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place_of_a_fresh_ring),
		cmocka_unit_test(test_place_is_found_whatever_was_told),
		cmocka_unit_test(test_place_behind_a_buffer_of_several_slots_is_as_told),
		cmocka_unit_test(test_place_behind_a_buffer_of_several_slots_is_found),
		cmocka_unit_test(test_place_behind_a_burst_that_was_cut_short),
		cmocka_unit_test(test_place_behind_slots_that_another_took),
		cmocka_unit_test(test_nothing_is_mended_where_nothing_was_cut),
		cmocka_unit_test(test_driver_goes_on_after_rests_are_marked),
		cmocka_unit_test(test_place_in_nonsense_is_in_the_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
