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
	uint16_t offered; /* slots, not yet used */
};

static struct ring new_ring(void)
{
	return (struct ring){.driver.lap = true, .device.lap = true};
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
	for (uint16_t i = 0; i < n_slots; i++) {
		ring->slots[ring->driver.at].flags = (ring->driver.lap ? AVAILABLE : USED) |
			(i + 1 < n_slots ? VRING_DESC_F_NEXT : 0);
		step(&ring->driver, 1);
	}
	ring->offered += n_slots;
}

static void use(struct ring *ring, uint16_t n_slots)
{
	ring->slots[ring->device.at].flags = ring->device.lap ? AVAILABLE | USED : 0;
	step(&ring->device, n_slots);
	ring->offered -= n_slots;
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
		if (ring.offered < N && (!ring.offered || rand() % 2))
			offer(&ring, 1);
		else
			use(&ring, 1);
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

	for (int i = 0; i < 100; i++) {
		offer(&ring, 3);
		offer(&ring, 3);
		use(&ring, 3);
		assert_int_equal(vhost_place_find(ring.slots, N, place_of(&ring)), place_of(&ring));
		use(&ring, 3);
		assert_int_equal(vhost_place_find(ring.slots, N, place_of(&ring)), place_of(&ring));
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
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place_of_a_fresh_ring),
		cmocka_unit_test(test_place_is_found_whatever_was_told),
		cmocka_unit_test(test_place_behind_a_buffer_of_several_slots_is_as_told),
		cmocka_unit_test(test_place_in_nonsense_is_in_the_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
