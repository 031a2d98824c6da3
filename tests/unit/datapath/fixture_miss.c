/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "datapath/drop.h"
#include "datapath/miss_priv.h"
#include "datapath/worker_priv.h"
#include "tests/unit/datapath/fixture.h"

struct miss *fixture_take_miss(void)
{
	struct miss *miss;

	for (unsigned i = 0; i < 1000; i++) {
		if (miss_take(&miss, 1))
			return miss;
		miss_wait(10);
	}
	fail_msg("no miss came");
	return NULL;
}

/* The mask of everything a UDP packet is told apart by. */
void fixture_mask_udp(struct key *mask)
{
	fixture_mask_port(mask);
	mask->base.eth_type = UINT16_MAX;
	mask->base.ip_src = UINT32_MAX;
	mask->base.ip_dst = UINT32_MAX;
	mask->base.ip_proto = UINT8_MAX;
	mask->base.l4_src = UINT16_MAX;
	mask->base.l4_dst = UINT16_MAX;
}

uint64_t fixture_count_drops(const struct port *port, const char *name)
{
	REGISTRY_FOREACH(drop_reason, reason)
		if (!strcmp(reason->name, name))
			return drop_count(port->id, reason);
	fail_msg("there is no drop reason '%s'", name);
	return 0;
}

uint64_t fixture_count_set_aside(void)
{
	const struct worker_stats *stats = &workers[0]->stats;

	return __atomic_load_n(&stats->waited, __ATOMIC_RELAXED) +
		__atomic_load_n(&stats->lost, __ATOMIC_RELAXED);
}

void fixture_wait_until_set_aside(uint64_t n)
{
	for (unsigned i = 0; i < 10000 && fixture_count_set_aside() < n; i++)
		usleep(1000);
	assert_int_equal(fixture_count_set_aside(), n);
}
