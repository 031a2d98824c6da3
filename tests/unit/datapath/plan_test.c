/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "datapath/batch.h"
#include "datapath/port_priv.h"
#include "datapath/worker.h"
#include "lib/errbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"
#include "tests/unit/datapath/fixture.h"

enum {
	PORTS = 32,
	ROUNDS = 40,
};

/* There is always a packet in each of its queues. */
struct busy_port {
	struct port port;
	struct port_rxq rxqs[PORT_QUEUES];
};

static struct port *busy_open(const char *name, const json_t *options, struct errbuf *err)
{
	struct busy_port *busy = xalloc_aligned(CACHE_LINE, sizeof(*busy));

	for (unsigned i = 0; i < PORT_QUEUES; i++) {
		busy->rxqs[i] =
			(struct port_rxq){.port = &busy->port, .index = (uint16_t)i, .wait_fd = -1};
		busy->port.rxqs[i] = &busy->rxqs[i];
	}
	busy->port.n_rxqs = PORT_QUEUES;
	busy->port.mtu = 1500;
	return &busy->port;
}

static void busy_close(struct port *port)
{
	free(container_of(port, struct busy_port, port));
}

static uint16_t busy_rx(struct port_rxq *rxq, struct batch *batch)
{
	batch->pkts[0] = fixture_packet();
	return batch->pkts[0] != NULL;
}

static const struct port_type port_type_busy = {
	.name = "busy",
	.help = "empty packets for a unit test",
	.test_only = true,
	.open = busy_open,
	.close = busy_close,
	.rx = busy_rx,
};
REGISTRY_ADD(port_type, port_type_busy);

/* What a worker counts for a queue is there as long as its plan is, however long that is. A sanitizer sees
 * it when it is not. */
static void test_plan_keeps_what_workers_count_by(void **state)
{
	struct port *ports[PORTS];

	fixture_start_workers(2);
	for (unsigned i = 0; i < PORTS; i++) {
		json_t *options = json_object();
		char name[16];
		struct errbuf err;

		snprintf(name, sizeof(name), "busy%u", i);
		ports[i] = port_open(name, "busy", options, &err);
		assert_non_null(ports[i]);
		json_decref(options);
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		plan_add_ports(ports, PORTS);
		usleep(3000 + i % 10 * 1000);
		plan_del_ports(ports, PORTS);
	}
	for (unsigned i = 0; i < PORTS; i++)
		port_close(ports[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_keeps_what_workers_count_by),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
