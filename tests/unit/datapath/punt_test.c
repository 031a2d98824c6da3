/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/punt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <rte_mbuf.h>
#include <uv.h>

#include "lib/types.h"
#include "tests/unit/datapath/fixture.h"

enum {
	FLOODING = 7, /* ports */
	QUIET = 8,
};

static struct punt_line *line;
static unsigned n_received;

static void receive(const uint8_t *note, const uint8_t *packet, uint32_t n, uint32_t total)
{
	assert_int_equal(total, 60);
	n_received++;
}

static struct punt_target target = {.name = "test", .receive = receive};

static void wake(void) {}

static int setup(void **state)
{
	line = punt_line_new("test", wake);
	target.line = line;
	n_received = 0;
	punts_start();
	return 0;
}

static int teardown(void **state)
{
	punts_stop();
	uv_run(uv_default_loop(), UV_RUN_NOWAIT);
	punt_line_free(line);
	return 0;
}

/* One packet that came in through the port: whether there was room for it. */
static bool punt_from(uint16_t port)
{
	struct rte_mbuf *pkt = fixture_packet();
	struct punt_head *head;
	bool sent;

	assert_non_null(pkt);
	pkt->port = port;
	head = (void *)rte_pktmbuf_append(pkt, sizeof(*head));
	head->to = &target;
	head->total = 60;
	head->n_more = 0;
	sent = punt_send(pkt);
	if (!sent)
		rte_pktmbuf_free(pkt);
	return sent;
}

/* As many as go. */
static unsigned flood(uint16_t port)
{
	unsigned n = 0;

	while (punt_from(port))
		n++;
	return n;
}

static void deliver_all(void)
{
	while (punt_line_deliver(line))
		;
}

static void test_punt_line_gives_what_came_to_its_target(void **state)
{
	assert_true(punt_from(QUIET));
	assert_true(punt_from(QUIET));
	assert_int_equal(punt_line_deliver(line), 2);
	assert_int_equal(n_received, 2);
	assert_int_equal(punt_line_deliver(line), 0);
}

static void test_punt_line_has_room_for_others_when_a_port_floods_it(void **state)
{
	unsigned n = flood(FLOODING);

	assert_true(n > 100);
	for (unsigned i = 0; i < n / 2; i++)
		assert_true(punt_from(QUIET));
	assert_false(punt_from(FLOODING));
	deliver_all();
	assert_int_equal(n_received, n + n / 2);
	/* What was delivered counts no more. */
	assert_int_equal(flood(FLOODING), n);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_punt_line_gives_what_came_to_its_target),
		TEST(test_punt_line_has_room_for_others_when_a_port_floods_it),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
