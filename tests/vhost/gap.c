/* SPDX-License-Identifier: Apache-2.0 */

/* How long two guests do not hear each other while their switch is restarted.
 *
 * usage: gap FROM-SOCKET TO-SOCKET
 *
 * This program is both guests and makes the sockets, as QEMU does for vhost-user in server mode: it
 * meets the switch again as often as that comes. A frame is sent each millisecond. Says "up" when
 * the first one arrives; for each line it reads it then says, in milliseconds, the longest silence
 * since the line before, but waits with that until frames arrive again.  */

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/vhost/front_end.h"

enum {
	FRAME_SIZE = 60,
	EVERY_NS = 1000000,
	PAUSE_US = 100,
};

struct guest {
	struct front_end front;
	bool connected;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static bool is_readable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, 0) > 0;
}

/* Meets the switch when it comes, and notices when it goes. */
static void keep_connected(struct guest *guest)
{
	struct front_end *front = &guest->front;
	char byte;

	if (guest->connected) {
		if (!is_readable(front->connection) ||
		    recv(front->connection, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
			return;
		front_end_close(front);
		front->connection = -1;
		guest->connected = false;
	}
	if (!is_readable(front->listener))
		return;
	front_end_accept(front, 1ULL << 32 /* VIRTIO_F_VERSION_1 */);
	front_end_offer(front);
	guest->connected = true;
}

static void send_frame(struct guest *guest)
{
	static const uint8_t head[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};
	uint8_t frame[FRAME_SIZE] = {0};

	memcpy(frame, head, sizeof(head));
	if (guest->connected)
		front_end_send(&guest->front, frame, FRAME_SIZE);
}

static bool receive_any(struct guest *guest)
{
	uint8_t frame[FRONT_BUFFER_SIZE];
	bool any = false;

	while (guest->connected && front_end_receive(&guest->front, frame, sizeof(frame)))
		any = true;
	return any;
}

int main(int argc, char **argv)
{
	static struct guest guests[2];
	int64_t sent = 0, heard = 0, longest = 0;
	char line[64];

	if (argc != 3) {
		fprintf(stderr, "usage: %s FROM-SOCKET TO-SOCKET\n", argv[0]);
		return 1;
	}
	setbuf(stdout, NULL);
	for (unsigned i = 0; i < 2; i++)
		front_end_open(&guests[i].front, argv[1 + i]);
	for (;;) {
		for (unsigned i = 0; i < 2; i++)
			keep_connected(&guests[i]);
		if (now_ns() - sent >= EVERY_NS) {
			send_frame(&guests[0]);
			sent = now_ns();
		}
		if (receive_any(&guests[1])) {
			int64_t now = now_ns();

			if (!heard)
				puts("up");
			else if (now - heard > longest)
				longest = now - heard;
			heard = now;
		}
		if (heard && now_ns() - heard < 10 * EVERY_NS && is_readable(STDIN_FILENO)) {
			if (!fgets(line, sizeof(line), stdin))
				return 0;
			printf("%.1f\n", (double)longest / 1e6);
			longest = 0;
		}
		usleep(PAUSE_US);
	}
}
