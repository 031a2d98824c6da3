/* SPDX-License-Identifier: Apache-2.0 */

/* A guest that is no friend: whatever it can write, it writes wrongly.
 *
 * usage: nonsense SOCKET KIND [SECONDS]
 *
 * Shakes hands as it should, fills its rings as KIND says, kicks, stays for so long (default 0.3), and
 * vanishes. Without a KIND it prints all there are.  */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/vhost/front_end.h"

enum {
	FRAME = FRONT_HEADER_SIZE + 60,
	CROWD = 20,
	QUESTIONS = 1000,
	FLAWED = 32, /* descriptors of a kind at a time */
	FEATURES_INDIRECT = 28,
	FEATURES_MERGEABLE = 15,
	FEATURES_VERSION_1 = 32,
};

static const uint64_t features =
	1ULL << FEATURES_VERSION_1 | 1ULL << FEATURES_INDIRECT | 1ULL << FEATURES_MERGEABLE;

static const uint8_t ethernet[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 8, 0};

static void must(bool ok)
{
	if (!ok)
		abort();
}

static struct vring_desc good(struct front_end *front, unsigned i)
{
	uint8_t *buffer = front_end_buffer(front, FRONT_SEND, i);

	memset(buffer, 0, FRAME);
	memcpy(buffer + FRONT_HEADER_SIZE, ethernet, sizeof(ethernet));
	return (struct vring_desc){.addr = front_end_address(FRONT_SEND, i), .len = FRAME};
}

static void flaw_address(struct front_end *front, struct vring_desc *desc, unsigned i)
{
	desc->addr = i % 2 ? 0 : ~0ULL - i;
}

static void flaw_length(struct front_end *front, struct vring_desc *desc, unsigned i)
{
	desc->len = i % 2 ? UINT32_MAX : UINT32_MAX / 2;
}

static void flaw_edge(struct front_end *front, struct vring_desc *desc, unsigned i)
{
	desc->addr = FRONT_BASE + FRONT_MEMORY_SIZE - FRAME / 2;
}

static void flaw_loop(struct front_end *front, struct vring_desc *desc, unsigned i)
{
	desc->flags = VRING_DESC_F_NEXT;
	desc->next = i;
}

static void flaw_next(struct front_end *front, struct vring_desc *desc, unsigned i)
{
	desc->flags = VRING_DESC_F_NEXT;
	desc->next = UINT16_MAX - i;
}

static void flaw_short(struct front_end *front, struct vring_desc *desc, unsigned i)
{
	desc->len = i % (FRONT_HEADER_SIZE + 14);
}

static void flaw_write(struct front_end *front, struct vring_desc *desc, unsigned i)
{
	desc->flags = VRING_DESC_F_WRITE;
}

static void flaw_indirect(struct front_end *front, struct vring_desc *desc, unsigned i)
{
	desc->flags = VRING_DESC_F_INDIRECT;
	desc->len = i % 3 ? 16 * i : UINT32_MAX;
	memset(front_end_buffer(front, FRONT_SEND, i), (int)(i * 37), FRONT_BUFFER_SIZE);
}

/* Checksums and segment sizes that cannot be. */
static void flaw_header(struct front_end *front, struct vring_desc *desc, unsigned i)
{
	uint8_t *buffer = front_end_buffer(front, FRONT_SEND, i);

	for (unsigned at = 0; at < FRONT_HEADER_SIZE; at++)
		buffer[at] = random();
	buffer[0] = 1; /* the checksum is to be made */
	buffer[1] = 1 + i % 4; /* and segments, of TCP over IPv4, UDP, TCP over IPv6, or what? */
	for (unsigned at = FRONT_HEADER_SIZE + sizeof(ethernet); at < FRAME; at++)
		buffer[at] = random();
	buffer[FRONT_HEADER_SIZE + sizeof(ethernet)] = 0x45;
}

static void send_flawed(
	struct front_end *front, void (*flaw)(struct front_end *, struct vring_desc *, unsigned)
)
{
	struct front_ring *ring = &front->rings[FRONT_SEND];

	for (unsigned i = 0; i < FLAWED; i++) {
		ring->descs[i] = good(front, i);
		flaw(front, &ring->descs[i], i);
		ring->avail->ring[(ring->next + i) % FRONT_RING_SIZE] = i;
	}
	front_end_publish(front, FRONT_SEND, FLAWED);
}

/* Entries of 'avail' that no descriptor has. */
static void bad_index(struct front_end *front)
{
	struct front_ring *ring = &front->rings[FRONT_SEND];

	for (unsigned i = 0; i < FRONT_RING_SIZE; i++)
		ring->avail->ring[i] = FRONT_RING_SIZE + i * 200;
	front_end_publish(front, FRONT_SEND, FLAWED);
}

/* More packets than the ring has room for. */
static void bad_jump(struct front_end *front)
{
	for (unsigned i = 0; i < FRONT_RING_SIZE; i++)
		front->rings[FRONT_SEND].descs[i] = good(front, i);
	front_end_publish(front, FRONT_SEND, 30000);
}

/* Packets of a megabyte, all of the same pieces. */
static void bad_long(struct front_end *front)
{
	struct front_ring *ring = &front->rings[FRONT_SEND];

	for (unsigned i = 0; i < FRONT_RING_SIZE - 1; i++)
		ring->descs[i] = (struct vring_desc){
			.addr = FRONT_BASE,
			.len = 2 * FRONT_BUFFER_SIZE,
			.flags = i + 2 < FRONT_RING_SIZE ? VRING_DESC_F_NEXT : 0,
			.next = i + 1,
		};
	for (unsigned i = 0; i < FRONT_RING_SIZE; i++)
		ring->avail->ring[i] = i % FLAWED;
	for (unsigned i = 0; i < 100; i++) {
		front_end_publish(front, FRONT_SEND, FLAWED);
		usleep(5000);
	}
}

/* Buffers to receive into that are nowhere. */
static void bad_receive(struct front_end *front)
{
	struct front_ring *ring = &front->rings[FRONT_RECEIVE];

	for (unsigned i = 0; i < FRONT_RING_SIZE; i++) {
		ring->descs[i] = (struct vring_desc){
			.addr = i % 2 ? ~0ULL - i : FRONT_BASE + FRONT_MEMORY_SIZE - 4,
			.len = FRONT_BUFFER_SIZE,
			.flags = VRING_DESC_F_WRITE,
		};
		ring->avail->ring[i] = i;
	}
	front_end_publish(front, FRONT_RECEIVE, FRONT_RING_SIZE);
}

/* Everything the switch shares with us. */
static void bad_noise(struct front_end *front)
{
	for (unsigned round = 0; round < 200; round++) {
		for (unsigned i = 0; i < FRONT_RINGS; i++) {
			struct front_ring *ring = &front->rings[i];

			for (unsigned at = 0; at < FRONT_RING_SIZE * sizeof(ring->descs[0]); at++)
				((uint8_t *)ring->descs)[at] = random();
			for (unsigned at = 0; at < FRONT_RING_SIZE; at++)
				ring->avail->ring[at] = random();
			front_end_publish(front, i, random());
		}
		usleep(1000);
	}
}

/* Messages that the protocol does not know, or that say what cannot be. */
static void bad_messages(struct front_end *front)
{
	uint32_t message[16];

	for (unsigned i = 0; i < 64; i++) {
		for (unsigned at = 0; at < 16; at++)
			message[at] = random();
		message[0] = i;
		message[1] = 1;
		message[2] = 52;
		if (send(front->connection, message, sizeof(message), MSG_NOSIGNAL) < 0)
			return;
	}
}

enum {
	STRANGE_MESSAGES = 300,
	STRANGE_REQUESTS = 45, /* more than there are */
	STRANGE_WORDS = 20,
};

/* Sends a message with a descriptor, or without (-1). Returns false when nobody listens any more. */
static bool tell_strange(int connection, const uint32_t *message, size_t size, int fd)
{
	struct iovec iov = {(void *)message, size};
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.head = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct msghdr head = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
		head.msg_control = &control;
		head.msg_controllen = sizeof(control);
	}
	return sendmsg(connection, &head, MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
}

/* Messages of the protocol in any order, with numbers that are nearly right, and descriptors of the
 * wrong kind: another sequence with each run. */
static void bad_strange(struct front_end *front)
{
	static const uint32_t sizes[] = {0, 4, 8, 8, 8, 12, 16, 40, 40, 48, 80};
	static const uint32_t likely[] = {
		0, 1, 2, 3, 255, 256, 32768, FRONT_BASE, FRONT_MEMORY_SIZE};
	const int fds[] = {-1, -1, front->memory_fd, front->rings[0].kick, front->connection};
	uint32_t message[3 + STRANGE_WORDS];
	uint8_t answer[256];

	srandom((unsigned)getpid());
	for (unsigned i = 0; i < STRANGE_MESSAGES; i++) {
		message[0] = random() % STRANGE_REQUESTS;
		message[1] = random() % 4 ? 1 : 9; /* an answer is wanted */
		message[2] = sizes[random() % (sizeof(sizes) / sizeof(sizes[0]))];
		for (unsigned at = 3; at < 3 + STRANGE_WORDS; at++)
			message[at] = random() % 4
				? likely[random() % (sizeof(likely) / sizeof(likely[0]))]
				: (uint32_t)random() * 2;
		if (!tell_strange(front->connection, message, 12 + message[2], fds[random() % 5]))
			return;
		while (recv(front->connection, answer, sizeof(answer), MSG_DONTWAIT) > 0)
			continue;
	}
}

/* Interrupts that block: nobody empties the counters, which are full. Whoever makes them not block is
 * undone by a process of its own, which ends with this one. */
static void bad_bell(struct front_end *front)
{
	const uint64_t full = UINT64_MAX - 1;

	for (unsigned i = 0; i < FRONT_RINGS; i++) {
		must(write(front->rings[i].call, &full, sizeof(full)) == sizeof(full));
		front->rings[i].avail->flags = 0;
	}
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;; usleep(200))
			for (unsigned i = 0; i < FRONT_RINGS; i++)
				fcntl(front->rings[i].call, F_SETFL, O_RDWR);
	}
	usleep(2000);
	front_end_offer(front);
}

/* Says where its memory is again and again, and each time another size of it, or nobody would map it anew. */
static void bad_moves(struct front_end *front)
{
	front_end_offer(front);
	for (unsigned i = 0; i < 5; i++) {
		front_end_tell_memory(front, FRONT_MEMORY_SIZE - (i + 1) * 4096);
		usleep(40000);
	}
}

/* Asks for answers and reads none, until nobody listens any more. */
static void bad_unread(struct front_end *front)
{
	static const uint32_t message[] = {3 /* whose it is */, 9, 0};

	front_end_offer(front);
	while (send(front->connection, message, sizeof(message), MSG_NOSIGNAL) > 0)
		continue;
}

/* Asks what the switch can do, far more often than there is room for answers, and reads none. */
static void bad_questions(struct front_end *front)
{
	static const uint32_t message[] = {1, 1, 0};
	unsigned n = 0;

	front_end_offer(front);
	while (n < QUESTIONS && send(front->connection, message, sizeof(message), MSG_NOSIGNAL) > 0)
		n++;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	must(connection >= 0 && !connect(connection, (struct sockaddr *)&address, sizeof(address)));
	return connection;
}

/* Leaves an idle connection whose descriptor is likely to be above the next one's at the other end. */
static void crowd(const char *path)
{
	int below = connect_to(path);

	usleep(100000);
	connect_to(path);
	usleep(100000);
	close(below);
	usleep(100000);
}

/* What changes of its memory shall be noted in a file. */
static void bad_log(struct front_end *front)
{
	static const uint32_t message[] = {6, 1, 16, 4096, 0, 0, 0};
	char name[] = "/tmp/weir-log-XXXXXX";
	int fd = mkstemp(name);

	must(fd >= 0 && !unlink(name) && !ftruncate(fd, 4096));
	front_end_offer(front);
	must(tell_strange(front->connection, message, sizeof(message), fd));
}

/* Interrupts by a pipe, once another connection is there that the port takes for its guest's. */
static void bad_pipe_beside(struct front_end *front)
{
	static const uint32_t message[] = {13, 1, 8, FRONT_RECEIVE, 0};
	struct sockaddr_un address = {0};
	socklen_t size = sizeof(address);
	struct pollfd set = {.events = POLLIN};
	int ends[2];

	must(!getpeername(front->connection, (struct sockaddr *)&address, &size) && !pipe(ends));
	front->rings[FRONT_RECEIVE].avail->flags = 0;
	front_end_offer(front);
	usleep(200000);
	connect_to(address.sun_path);
	usleep(200000);
	must(tell_strange(front->connection, message, sizeof(message), ends[1]));
	set.fd = ends[0];
	must(!poll(&set, 1, 1000));
}

/* A second guest comes while the first one runs, and is to be interrupted by pipes. */
static void bad_pipe_second(struct front_end *front)
{
	static struct front_end second = {.is_piped = true};
	struct sockaddr_un address = {0};
	socklen_t size = sizeof(address);
	int n_written = 0;

	must(!getpeername(front->connection, (struct sockaddr *)&address, &size));
	front_end_offer(front);
	usleep(200000);
	front_end_open(&second, address.sun_path);
	front_end_accept(&second, features);
	for (unsigned i = 0; i < FRONT_RINGS; i++)
		second.rings[i].avail->flags = 0;
	front_end_offer(&second);
	usleep(1000000);
	for (unsigned i = 0; i < FRONT_RINGS; i++)
		must(!ioctl(second.rings[i].call, FIONREAD, &n_written) && !n_written);
}

/* Connects far more often than a guest does, and asks one question at most: most of these are turned away, and what the
 * port has with this guest stays. */
static void bad_crowd(struct front_end *front)
{
	struct sockaddr_un address = {0};
	socklen_t size = sizeof(address);
	static const uint32_t question[] = {1, 1, 0};
	struct pollfd others[CROWD];
	unsigned n_closed = 0;

	must(!getpeername(front->connection, (struct sockaddr *)&address, &size));
	front_end_offer(front);
	for (unsigned i = 0; i < CROWD; i++) {
		others[i] = (struct pollfd){connect_to(address.sun_path), POLLRDHUP, 0};
		usleep(10000);
	}
	must(send(others[0].fd, question, sizeof(question), MSG_NOSIGNAL) == sizeof(question));
	usleep(200000);
	must(poll(others, CROWD, 0) >= 0);
	for (unsigned i = 0; i < CROWD; i++) {
		n_closed += others[i].revents != 0;
		close(others[i].fd);
	}
	must(n_closed >= CROWD / 2 && n_closed < CROWD);
	usleep(200000);
}

static void bad_nothing(struct front_end *front) {}

/* Takes its memory away while the switch sends it packets, and tells it that there are more. */
static void bad_cut(struct front_end *front)
{
	uint64_t one = 1;

	front_end_offer(front);
	usleep(50000);
	must(!ftruncate(front->memory_fd, 0));
	for (unsigned i = 0; i < 100; i++) {
		for (unsigned ring = 0; ring < FRONT_RINGS; ring++)
			must(write(front->rings[ring].kick, &one, sizeof(one)) == sizeof(one));
		usleep(1000);
	}
}

/* Goes away while the switch takes its packets, which are of three pieces each, and sends it others. */
static void bad_vanish(struct front_end *front)
{
	struct front_ring *ring = &front->rings[FRONT_SEND];
	uint16_t taken = __atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE);

	front_end_offer(front);
	for (unsigned i = 0; i + 2 < FRONT_RING_SIZE; i += 3) {
		for (unsigned part = 0; part < 3; part++) {
			ring->descs[i + part] = good(front, i + part);
			ring->descs[i + part].flags = part < 2 ? VRING_DESC_F_NEXT : 0;
			ring->descs[i + part].next = i + part + 1;
		}
		ring->avail->ring[i / 3] = i;
	}
	front_end_publish(front, FRONT_SEND, FRONT_RING_SIZE / 3);
	while (__atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE) == taken)
		;
	_exit(0);
}

static const struct kind {
	const char *name;
	void (*flaw)(struct front_end *front, struct vring_desc *desc, unsigned i);
	void (*act)(struct front_end *front);
} kinds[] = {
	{"address", flaw_address, NULL},
	{"length", flaw_length, NULL},
	{"edge", flaw_edge, NULL},
	{"loop", flaw_loop, NULL},
	{"next", flaw_next, NULL},
	{"short", flaw_short, NULL},
	{"write", flaw_write, NULL},
	{"indirect", flaw_indirect, NULL},
	{"header", flaw_header, NULL},
	{"index", NULL, bad_index},
	{"jump", NULL, bad_jump},
	{"long", NULL, bad_long},
	{"receive", NULL, bad_receive},
	{"noise", NULL, bad_noise},
	{"messages", NULL, bad_messages},
	{"strange", NULL, bad_strange},
	/* Never gives a buffer to receive into. */
	{"deaf", NULL, bad_nothing},
	{"bell", NULL, bad_bell},
	{"moves", NULL, bad_moves},
	{"unread", NULL, bad_unread},
	{"unread-beside", NULL, bad_unread},
	{"questions", NULL, bad_questions},
	{"log", NULL, bad_log},
	{"vanish", NULL, bad_vanish},
	{"cut", NULL, bad_cut},
	{"cut-early", NULL, bad_nothing},
	{"pipe", NULL, bad_nothing},
	{"crowd", NULL, bad_crowd},
	{"pipe-beside", NULL, bad_pipe_beside},
	{"pipe-second", NULL, bad_pipe_second},
};

int main(int argc, char **argv)
{
	static struct front_end front;
	const unsigned n_kinds = sizeof(kinds) / sizeof(kinds[0]);

	for (unsigned i = 0; i < n_kinds; i++) {
		if (argc < 3)
			printf("%s\n", kinds[i].name);
		else if (!strcmp(kinds[i].name, argv[2])) {
			front.is_piped = !strcmp(argv[2], "pipe");
			front.is_cut = !strcmp(argv[2], "cut-early");
			if (!strcmp(argv[2], "unread-beside"))
				crowd(argv[1]);
			front_end_open(&front, argv[1]);
			front_end_accept(&front, features);
			usleep(200000); /* the switch sets up what it was told */
			if (kinds[i].flaw)
				send_flawed(&front, kinds[i].flaw);
			else
				kinds[i].act(&front);
			usleep(argc > 3 ? atoi(argv[3]) * 1000000 : 300000);
			return 0;
		}
	}
	return argc < 3 ? 0 : 1;
}
