/* SPDX-License-Identifier: Apache-2.0 */

/* Two guests that talk all the time, and notice when a frame is missing.
 *
 * usage: steady FROM-SOCKET TO-SOCKET FRAMES-PER-SECOND SECONDS
 *
 * Numbered frames go into one socket and must come out of the other, in order. No more of them are on
 * their way than the receiver's ring holds, so a frame that does not arrive was lost by the switch,
 * however busy the machine is. SIGTERM ends it early. Prints how many were sent, how many were lost,
 * how many came out of order, and the longest time a frame took, in µs.  */

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/vhost/front_end.h"

enum {
	FRAME_SIZE = 60,
	NUMBER_AT = 14,
	TIME_AT = 18,
	WINDOW = 128,
	START_MS = 20000, /* for the first frame to arrive */
	DRAIN_MS = 5000,
	PAUSE_NS = 200000,
};

struct count {
	uint32_t sent, next; /* the number that should come next */
	uint32_t received, lost, late;
	int64_t worst_ns;
};

static volatile sig_atomic_t ended;

static void on_signal(int number)
{
	ended = 1;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void pause_briefly(void)
{
	struct timespec pause = {.tv_nsec = PAUSE_NS};

	nanosleep(&pause, NULL);
}

/* Nobody else's frames begin like this. */
static const uint8_t head[NUMBER_AT] = {2, 0, 0, 0, 0, 0x72, 2, 0, 0, 0, 0, 0x71, 0x88, 0xb5};

static bool send_next(struct front_end *from, struct count *count)
{
	uint8_t frame[FRAME_SIZE] = {0};
	int64_t now = now_ns();

	memcpy(frame, head, sizeof(head));
	memcpy(frame + NUMBER_AT, &count->sent, sizeof(count->sent));
	memcpy(frame + TIME_AT, &now, sizeof(now));
	if (front_end_send(from, frame, sizeof(frame)))
		return false;
	count->sent++;
	return true;
}

static void receive_all(struct front_end *to, struct count *count)
{
	uint8_t frame[FRONT_BUFFER_SIZE];
	size_t size;

	while ((size = front_end_receive(to, frame, sizeof(frame)))) {
		uint32_t number;
		int64_t sent_ns;

		if (size < FRAME_SIZE || memcmp(frame, head, sizeof(head)))
			continue;
		memcpy(&number, frame + NUMBER_AT, sizeof(number));
		memcpy(&sent_ns, frame + TIME_AT, sizeof(sent_ns));
		count->received++;
		if (now_ns() - sent_ns > count->worst_ns)
			count->worst_ns = now_ns() - sent_ns;
		if ((int32_t)(number - count->next) < 0) {
			count->late++;
			continue;
		}
		count->lost += number - count->next;
		count->next = number + 1;
	}
}

/* Until the ports are up and the flow is made, frames may go astray. */
static bool begin(struct front_end *ends, struct count *count)
{
	for (int64_t start = now_ns(); now_ns() - start < START_MS * 1000000LL; pause_briefly()) {
		if (count->sent - count->received < WINDOW)
			send_next(&ends[0], count);
		receive_all(&ends[1], count);
		if (count->received >= WINDOW)
			break;
	}
	for (int64_t start = now_ns(); now_ns() - start < 300000000LL; pause_briefly())
		receive_all(&ends[1], count);
	bool arrived = count->received > 0;

	*count = (struct count){.sent = count->sent, .next = count->sent};
	return arrived;
}

static void talk(struct front_end *ends, struct count *count, int64_t gap_ns, int64_t end)
{
	int64_t due = now_ns();

	while (!ended && now_ns() < end) {
		receive_all(&ends[1], count);
		if (now_ns() < due || count->sent - count->next >= WINDOW) {
			pause_briefly();
			continue;
		}
		if (send_next(&ends[0], count))
			due += gap_ns;
		/* What was missed while we had no core is not made up for in one burst. */
		if (now_ns() - due > 100000000)
			due = now_ns();
	}
	for (int64_t start = now_ns();
	     now_ns() - start < DRAIN_MS * 1000000LL && count->next != count->sent;
	     pause_briefly())
		receive_all(&ends[1], count);
	count->lost += count->sent - count->next;
}

int main(int argc, char **argv)
{
	static struct front_end ends[2];
	struct count count = {0};

	if (argc != 5 || atoi(argv[3]) <= 0) {
		fprintf(stderr, "usage: %s FROM TO FRAMES-PER-SECOND SECONDS\n", argv[0]);
		return 2;
	}
	signal(SIGTERM, on_signal);
	for (unsigned i = 0; i < 2; i++)
		front_end_open(&ends[i], argv[1 + i]);
	for (unsigned i = 0; i < 2; i++) {
		front_end_accept(&ends[i], 1ULL << 32 /* VIRTIO_F_VERSION_1 */);
		front_end_offer(&ends[i]);
	}
	if (!begin(ends, &count)) {
		fprintf(stderr, "nothing arrives\n");
		return 2;
	}
	printf("ready\n");
	fflush(stdout);
	uint32_t first = count.sent;

	talk(ends, &count, 1000000000LL / atoi(argv[3]), now_ns() + atoi(argv[4]) * 1000000000LL);
	printf("sent %u lost %u late %u worst-us %ld\n",
	       count.sent - first,
	       count.lost,
	       count.late,
	       (long)(count.worst_ns / 1000));
	return count.lost || count.late;
}
