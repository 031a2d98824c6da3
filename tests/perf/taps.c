/* SPDX-License-Identifier: Apache-2.0 */

/* What packets from and to a tap device cost, by how many there are at once, and with one system call
 * for all of them (io_uring) or one for each. Nanoseconds for a packet, the least of many tries; the
 * kernel's part, which is most of it, included; and for packets as long as TCP makes them, what reading
 * them costs. Needs root.
 *
 *	build/tests/perf/taps [TRIES]  */

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/datapath.h"
#include "datapath/pool.h"
#include "datapath/ports/tap_queue.h"
#include "datapath/ports/tap_stray.h"
#include "datapath/ports/uring.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "lib/types.h"

enum {
	FRAME_SIZE = 64,
	LONG_SIZE = 65000,
	MOST_LONG = 8, /* at once */
};

static const char device[] = "perf0";
static const uint8_t frame[LONG_SIZE] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};

static struct tap_queue queue;
static int sock; /* the host's side of the device */
static unsigned n_tries = 2000;
static ssize_t size = FRAME_SIZE;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* A network in which the kernel does not talk by itself. */
static void enter_new_network(void)
{
	if (unshare(CLONE_NEWNET))
		die("unshare");
	FILE *file = fopen("/proc/sys/net/ipv6/conf/default/disable_ipv6", "we");

	if (!file)
		return;
	fputs("1", file);
	fclose(file);
}

static void bring_up(void)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET};
	struct ifreq ifr = {.ifr_flags = IFF_UP};

	sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	memcpy(ifr.ifr_name, device, sizeof(device));
	if (sock < 0 || ioctl(sock, SIOCSIFFLAGS, &ifr))
		die("the device cannot be brought up");
	address.sll_ifindex = (int)if_nametoindex(device);
	if (bind(sock, (struct sockaddr *)&address, sizeof(address)))
		die("bind");
	ifr.ifr_mtu = LONG_SIZE;
	if (ioctl(sock, SIOCSIFMTU, &ifr))
		die("the device carries no long packets");
}

/* What the worker finds when it reads. */
static void give(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (send(sock, frame, size, 0) != size)
			die("send");
}

static uint64_t time_read(struct uring *uring, unsigned n)
{
	struct batch batch;

	give(n);
	uint64_t start = rte_rdtsc_precise();

	tap_queue_read(&queue, uring, &batch);
	uint64_t took = rte_rdtsc_precise() - start;

	if (batch.n != n)
		die("packets are missing");
	rte_pktmbuf_free_bulk(batch.pkts, batch.n);
	return took;
}

static void fail(struct tap_sender *sender, struct rte_mbuf *packet, int error)
{
	die("a packet could not be written");
}

static uint64_t time_write(struct uring *uring, unsigned n)
{
	struct tap_sender sender = {.uring = uring, .fail = fail};
	struct rte_mbuf *pkts[BATCH_SIZE];

	for (unsigned i = 0; i < n; i++) {
		pkts[i] = rte_pktmbuf_alloc(queue.pool);
		memcpy(rte_pktmbuf_append(pkts[i], FRAME_SIZE), frame, FRAME_SIZE);
	}
	uint64_t start = rte_rdtsc_precise();
	unsigned sent = tap_queue_write(&queue, &sender, pkts, n);
	uint64_t took = rte_rdtsc_precise() - start;

	if (sent != n)
		die("packets were not taken");
	rte_pktmbuf_free_bulk(pkts, n);
	return took;
}

static double least_ns(uint64_t (*once)(struct uring *, unsigned), struct uring *uring, unsigned n)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < n_tries; i++) {
		uint64_t took = once(uring, n);

		least = took < least ? took : least;
	}
	return least * 1e9 / rte_get_tsc_hz() / n;
}

int main(int argc, char **argv)
{
	struct datapath_config config = {.no_hugepages = true, .memory_mb = 128};
	struct errbuf err;

	if (argc > 1)
		n_tries = (unsigned)atoi(argv[1]);
	urings_open(1);
	epoch_register();
	if (datapath_start(&config, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (!urings_report())
		return 1;
	enter_new_network();
	int fd = tap_stray_open(device);

	if (fd < 0 || tap_queue_init(&queue, fd, pool_default()))
		die("no tap device");
	bring_up();
	printf("%-10s %10s %10s %10s %10s\n", "at once", "read", "by ring", "write", "by ring");
	for (unsigned n = 1; n <= BATCH_SIZE; n *= 2)
		printf("%-10u %10.0f %10.0f %10.0f %10.0f\n",
		       n,
		       least_ns(time_read, NULL, n),
		       least_ns(time_read, uring_of(0), n),
		       least_ns(time_write, NULL, n),
		       least_ns(time_write, uring_of(0), n));
	size = LONG_SIZE;
	printf("%-10s %10s\n", "long", "read");
	for (unsigned n = 1; n <= MOST_LONG; n *= 2)
		printf("%-10u %10.0f\n", n, least_ns(time_read, NULL, n));
	tap_queue_fini(&queue);
	close(fd);
	close(sock);
	datapath_stop();
	return 0;
}
