/* SPDX-License-Identifier: Apache-2.0 */

/* Two guests on vhost-user sockets whose addresses stay or move: so many frames a second in all, from
 * so many addresses. At first each guest has its own; SIGUSR1 makes them send from the same ones in
 * turn, so that every frame is one of an address that has moved, and the next one each from its own.
 *
 *	build/tests/perf/mover SOCKET SOCKET RATE ADDRESSES DESTINATION [KNOWN]
 *
 * With KNOWN the guests send burst by burst in turn: at first from so many of the addresses, that all
 * have been seen soon; SIGUSR2 makes them go on with the others, and the next one return.
 *
 * It waits for the switch to come to its sockets and says "sending" then.  */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

enum {
	BURST = 32,
	FRAME_SIZE = 60,
	RING_SIZE = 256,
};

struct sender {
	struct rte_mempool *pool;
	uint8_t destination[6];
	uint32_t n_addresses, rate;
	uint32_t n_known; /* 0: all frames are of the one kind */
	uint64_t next; /* number of the next frame */
	uint64_t n_bursts;
	uint64_t refused;
};

static volatile sig_atomic_t moves, strangers, stopped;

static void on_signal(int number)
{
	if (number == SIGUSR1)
		moves = !moves;
	else if (number == SIGUSR2)
		strangers = !strangers;
	else
		stopped = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static void start_eal(char *program, char *const sockets[2])
{
	static char devices[2][300];
	char *argv[] = {
		program,
		"-l",
		"0",
		"--no-pci",
		"--in-memory",
		"--single-file-segments",
		"--file-prefix",
		"weir-mover",
		"--vdev",
		devices[0],
		"--vdev",
		devices[1],
	};

	for (int i = 0; i < 2; i++)
		snprintf(
			devices[i],
			sizeof(devices[i]),
			"net_virtio_user%d,path=%s,server=1,queue_size=%d,mrg_rxbuf=1",
			i,
			sockets[i],
			RING_SIZE
		);
	if (rte_eal_init(sizeof(argv) / sizeof(argv[0]), argv) < 0)
		die("DPDK does not start");
}

static void start_port(uint16_t port, struct rte_mempool *pool)
{
	struct rte_eth_conf conf = {0};

	if (rte_eth_dev_configure(port, 1, 1, &conf) ||
	    rte_eth_rx_queue_setup(port, 0, RING_SIZE, 0, NULL, pool) ||
	    rte_eth_tx_queue_setup(port, 0, RING_SIZE, 0, NULL) || rte_eth_dev_start(port))
		die("a port does not start");
}

static bool is_up(uint16_t port)
{
	struct rte_eth_link link;

	return !rte_eth_link_get_nowait(port, &link) && link.link_status;
}

static void sleep_us(long us)
{
	struct timespec time = {.tv_nsec = us * 1000};

	nanosleep(&time, NULL);
}

/* Rounds of all addresses, in one round by one guest, in the next by the other. */
static uint32_t next_address(struct sender *sender, unsigned i)
{
	if (sender->n_known && !strangers)
		return (sender->n_bursts * BURST + i) % sender->n_known;
	return sender->next++ % sender->n_addresses;
}

static struct rte_mbuf *make_frame(struct sender *sender, uint16_t port, uint32_t number)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(sender->pool);

	if (!packet)
		die("no packets are left");
	uint8_t *bytes = (uint8_t *)rte_pktmbuf_append(packet, FRAME_SIZE);

	memset(bytes, 0, FRAME_SIZE);
	memcpy(bytes, sender->destination, 6);
	bytes[6] = 2;
	bytes[7] = 0xaa;
	bytes[8] = !moves && port ? 1 : 0;
	bytes[9] = number >> 16;
	bytes[10] = number >> 8;
	bytes[11] = number;
	bytes[12] = 0x88;
	bytes[13] = 0xb5; /* for local experiments */
	return packet;
}

static void send_burst(struct sender *sender)
{
	uint16_t port =
		(sender->n_known ? sender->n_bursts : sender->next / sender->n_addresses) % 2;
	struct rte_mbuf *packets[BURST];

	for (int i = 0; i < BURST; i++)
		packets[i] = make_frame(sender, port, next_address(sender, i));
	sender->n_bursts++;
	for (int i = rte_eth_tx_burst(port, 0, packets, BURST); i < BURST; i++) {
		rte_pktmbuf_free(packets[i]);
		sender->refused++;
	}
	for (uint16_t i = 0; i < 2; i++) {
		uint16_t n = rte_eth_rx_burst(i, 0, packets, BURST);

		rte_pktmbuf_free_bulk(packets, n);
	}
}

/* As many frames as are due, at most a hundredth of a second's. */
static void send_due(struct sender *sender, uint64_t start, uint64_t *sent)
{
	uint64_t due = (double)(rte_rdtsc() - start) / rte_get_tsc_hz() * sender->rate;

	if (due > *sent + sender->rate / 100)
		*sent = due - sender->rate / 100;
	while (*sent < due) {
		send_burst(sender);
		*sent += BURST;
	}
}

int main(int argc, char **argv)
{
	struct sender sender = {0};
	unsigned b[6];

	if (argc < 6 || argc > 7 ||
	    sscanf(argv[5], "%x:%x:%x:%x:%x:%x", b, b + 1, b + 2, b + 3, b + 4, b + 5) != 6)
		die("usage: mover SOCKET SOCKET RATE ADDRESSES DESTINATION [KNOWN]");
	sender.rate = strtoul(argv[3], NULL, 10);
	/* Whole bursts, so that a burst is of one guest. */
	sender.n_addresses = (strtoul(argv[4], NULL, 10) + BURST - 1) / BURST * BURST;
	sender.n_known = argc > 6 ? strtoul(argv[6], NULL, 10) : 0;
	for (int i = 0; i < 6; i++)
		sender.destination[i] = b[i];
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	signal(SIGTERM, on_signal);
	start_eal(argv[0], argv + 1);
	sender.pool = rte_pktmbuf_pool_create("packets", 4095, 64, 0, 2048 + 128, SOCKET_ID_ANY);
	if (!sender.pool)
		die("no memory for packets");
	for (uint16_t i = 0; i < 2; i++)
		start_port(i, sender.pool);
	while (!stopped && !(is_up(0) && is_up(1)))
		sleep_us(10000);
	puts("sending");
	fflush(stdout);
	uint64_t start = rte_rdtsc(), sent = 0;

	while (!stopped) {
		send_due(&sender, start, &sent);
		sleep_us(100);
	}
	printf("sent %lu, refused %lu\n", sender.next, sender.refused);
	return 0;
}
