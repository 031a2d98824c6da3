/* SPDX-License-Identifier: Apache-2.0 */

/* How long a frame takes through a switch that had nothing to do for a while.
 *
 * usage: latency FROM TO GAP-IN-µs COUNT
 *
 * FROM and TO are ends: "vhost:SOCKET" (this program is the guest) or "device:NAME" (a network
 * device of the switch's, such as an internal port). A frame is sent into FROM and waited for at TO
 * without sleeping, so that only the switch's own waking is measured; then nothing happens for the
 * gap. Prints nanoseconds: the least, the median, the 99th percentile, the longest; and how many
 * were lost.  */

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "tests/vhost/front_end.h"

enum {
	FRAME_SIZE = 60,
	NUMBER_AT = 50, /* where a frame says which it is */
	PATIENCE_S = 20, /* what has not come by then is lost, however busy the machine is */
	TRIES = 200, /* before the first frame arrives: ports come up, flows are made */
};

struct end {
	int sock; /* of a device; -1: 'front' */
	struct front_end front;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_device(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = __builtin_bswap16(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(name),
	};
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);

	if (sock < 0 || bind(sock, (struct sockaddr *)&address, sizeof(address)))
		fail(name);
	return sock;
}

static void end_open(struct end *end, const char *words)
{
	end->sock = -1;
	if (!strncmp(words, "device:", 7))
		end->sock = open_device(words + 7);
	else if (!strncmp(words, "vhost:", 6))
		front_end_open(&end->front, words + 6);
	else
		fail(words);
}

static void end_connect(struct end *end)
{
	if (end->sock >= 0)
		return;
	front_end_accept(&end->front, 1ULL << 32 /* VIRTIO_F_VERSION_1 */);
	front_end_offer(&end->front);
}

static void end_send(struct end *end, const uint8_t *frame)
{
	if (end->sock < 0)
		front_end_send(&end->front, frame, FRAME_SIZE);
	else if (send(end->sock, frame, FRAME_SIZE, 0) < 0)
		fail("send");
}

static size_t end_receive(struct end *end, uint8_t *frame)
{
	if (end->sock < 0)
		return front_end_receive(&end->front, frame, FRONT_BUFFER_SIZE);
	ssize_t n = recv(end->sock, frame, FRONT_BUFFER_SIZE, MSG_DONTWAIT);

	return n < 0 ? 0 : n;
}

/* Nanoseconds until the frame arrived, or -1. */
static int64_t pass(struct end *from, struct end *to, uint32_t number, int64_t patience)
{
	static const uint8_t head[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};
	uint8_t frame[FRAME_SIZE] = {0}, found[FRONT_BUFFER_SIZE];

	memcpy(frame, head, sizeof(head));
	memcpy(frame + NUMBER_AT, &number, sizeof(number));
	int64_t start = now_ns();

	end_send(from, frame);
	while (now_ns() - start < patience)
		if (end_receive(to, found) >= FRAME_SIZE && !memcmp(frame, found, FRAME_SIZE))
			return now_ns() - start;
	return -1;
}

static void wait_gap(int64_t gap)
{
	for (int64_t start = now_ns(); now_ns() - start < gap;)
		;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static struct end ends[2];
	unsigned n = 0, lost = 0;

	if (argc != 5) {
		fprintf(stderr, "usage: %s FROM TO GAP-IN-µs COUNT\n", argv[0]);
		return 1;
	}
	int64_t gap = atoll(argv[3]) * 1000;
	unsigned count = atoi(argv[4]);
	int64_t *times = calloc(count + 1, sizeof(*times));

	if (!times)
		fail("memory");
	for (unsigned i = 0; i < 2; i++)
		end_open(&ends[i], argv[1 + i]);
	for (unsigned i = 0; i < 2; i++)
		end_connect(&ends[i]);
	for (unsigned i = 0; pass(&ends[0], &ends[1], i, 50000000) < 0; i++)
		if (i == TRIES)
			fail("nothing arrives");
	for (unsigned i = 0; i < count; i++) {
		wait_gap(gap);
		times[n] = pass(&ends[0], &ends[1], TRIES + i, PATIENCE_S * 1000000000LL);
		if (times[n] < 0)
			lost++;
		else
			n++;
	}
	qsort(times, n, sizeof(*times), compare);
	printf("%ld %ld %ld %ld %u\n",
	       (long)times[0],
	       (long)times[n / 2],
	       (long)times[n * 99 / 100],
	       (long)times[n ? n - 1 : 0],
	       lost);
	free(times);
	return 0;
}
