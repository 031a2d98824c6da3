/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the datapath's tests stand on: a datapath without hugepages, ports the test feeds and
 * drains, frames, and short ways to make flows.  */

#include <stdint.h>

#include <rte_mbuf.h>

#include "datapath/flow.h"
#include "datapath/port.h"
#include "lib/flow/key.h"

struct miss;
struct program;
struct worker;

/* For cmocka_run_group_tests(). */
int fixture_start(void **state);
int fixture_stop(void **state);

/* One worker, and ports that take what the test gives and keep what is sent. */
void fixture_start_workers(unsigned n);
struct port *fixture_port(const char *name);
/* Three such ports and one worker, for tests listed as FIXTURE_TEST(). */
extern struct port *fixture_a, *fixture_b, *fixture_c;
int fixture_open_ports(void **state);
int fixture_close_ports(void **state);
#define FIXTURE_TEST(test)                                                                         \
	cmocka_unit_test_setup_teardown(test, fixture_open_ports, fixture_close_ports)
/* Puts a frame where the port's worker will find it. */
void fixture_receive(struct port *port, const void *frame, unsigned length);
void fixture_receive_packet(struct port *port, struct rte_mbuf *take_pkt);
/* Waits until the worker has nothing to do. */
void fixture_settle(void);
/* The next packet the port has sent, or NULL; the caller frees it. */
struct rte_mbuf *fixture_sent(struct port *port);
unsigned fixture_n_sent(struct port *port);
/* The port takes no more than n packets at a time from now on (UINT_MAX: any number). */
void fixture_limit_tx(struct port *port, unsigned n);

/* A worker without a thread, as the first one is, for tests that call what workers do. */
struct worker *fixture_worker_new(void);
void fixture_worker_free(struct worker *worker);

/* An empty packet. */
struct rte_mbuf *fixture_packet(void);

/* A UDP frame of 60 bytes. */
struct frame {
	uint8_t bytes[60];
};
struct frame fixture_udp(uint32_t src, uint32_t dst, uint16_t sport, uint16_t dport);

/* A mask of all bits of in_port and the recirculation point. */
void fixture_mask_port(struct key *mask);
/* Interned programs, one reference each. */
struct program *fixture_output(struct port *port);
struct program *fixture_outputs(struct port *a, struct port *b);
/* Adds the flow that all packets of 'from' hit. */
struct flow *fixture_port_flow(struct port *from, struct program *take_program);

/* Takes a miss as translators do; there must be one soon. */
struct miss *fixture_take_miss(void);
/* The mask of everything a UDP packet is told apart by. */
void fixture_mask_udp(struct key *mask);
uint64_t fixture_count_drops(const struct port *port, const char *name);
/* Packets of the first worker that waited for others' answers, or were lost. */
uint64_t fixture_count_set_aside(void);
void fixture_wait_until_set_aside(uint64_t n);
