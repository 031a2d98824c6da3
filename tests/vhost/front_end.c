/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vhost/front_end.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/vhost/protocol.h"

/* Of the vhost-user protocol. */
enum {
	VERSION = 1,
};

enum {
	RING_SPACE = 64 << 10, /* of the memory, for each ring */
	AVAIL_AT = 8 << 10,
	USED_AT = 16 << 10,
	BUFFERS_AT = 1 << 20,
};

struct message {
	uint32_t request, flags, size;
	union {
		uint64_t number;
		struct {
			uint32_t index, value;
		} state;
		struct {
			uint32_t index, flags;
			uint64_t descs, used, avail, log;
		} address;
		struct {
			uint32_t n, padding;
			uint64_t guest, size, user, offset;
		} memory;
	};
} __attribute__((packed));

enum {
	MESSAGE_HEAD = offsetof(struct message, number)
};

static void must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static void tell(const struct front_end *front, struct message *message, int fd)
{
	struct iovec iov = {message, MESSAGE_HEAD + message->size};
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {
		.head = {
			.cmsg_len = CMSG_LEN(sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		}};
	struct msghdr head = {.msg_iov = &iov, .msg_iovlen = 1};

	message->flags = VERSION;
	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
		head.msg_control = &control;
		head.msg_controllen = sizeof(control);
	}
	must(sendmsg(front->connection, &head, MSG_NOSIGNAL) == (ssize_t)iov.iov_len, "handshake");
}

static void tell_number(const struct front_end *front, uint32_t request, uint64_t number, int fd)
{
	struct message message = {.request = request, .size = 8, .number = number};

	tell(front, &message, fd);
}

static void tell_state(const struct front_end *front, uint32_t request, uint32_t i, uint32_t value)
{
	struct message message = {.request = request, .size = 8, .state = {i, value}};

	tell(front, &message, -1);
}

void front_end_tell_memory(const struct front_end *front, uint64_t size)
{
	struct message message = {
		.request = SET_MEM_TABLE,
		.size = sizeof(message.memory),
		.memory =
			{
				.n = 1,
				.guest = FRONT_BASE,
				.size = size,
				.user = (uintptr_t)front->memory,
			},
	};

	tell(front, &message, front->memory_fd);
}

static void tell_ring(const struct front_end *front, uint32_t i)
{
	const struct front_ring *ring = &front->rings[i];
	struct message address = {
		.request = SET_VRING_ADDR,
		.size = sizeof(address.address),
		.address =
			{
				.index = i,
				.descs = (uintptr_t)ring->descs,
				.used = (uintptr_t)ring->used,
				.avail = (uintptr_t)ring->avail,
			},
	};

	tell_state(front, SET_VRING_NUM, i, FRONT_RING_SIZE);
	tell_state(front, SET_VRING_BASE, i, 0);
	tell(front, &address, -1);
	tell_number(front, SET_VRING_CALL, i, ring->call);
	tell_number(front, SET_VRING_KICK, i, ring->kick);
}

void front_end_open(struct front_end *front, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	front->connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(front->connection >= 0, "socket");
	if (!connect(front->connection, (struct sockaddr *)&address, sizeof(address)))
		return;
	close(front->connection);
	front->connection = -1;
	unlink(path);
	front->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(front->listener >= 0, "socket");
	must(!bind(front->listener, (struct sockaddr *)&address, sizeof(address)), path);
	must(!listen(front->listener, 1), path);
}

/* The end that is written to; nobody reads from the other. */
static int open_pipe(void)
{
	int ends[2];

	must(!pipe(ends), "pipe");
	return ends[1];
}

static void make_memory(struct front_end *front)
{
	front->memory_fd = memfd_create("guest", MFD_CLOEXEC);
	must(front->memory_fd >= 0, "memfd");
	must(!ftruncate(front->memory_fd, FRONT_MEMORY_SIZE), "memory");
	front->memory =
		mmap(NULL,
		     FRONT_MEMORY_SIZE,
		     PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_POPULATE,
		     front->memory_fd,
		     0);
	must(front->memory != MAP_FAILED, "memory");
	for (unsigned i = 0; i < FRONT_RINGS; i++) {
		uint8_t *at = front->memory + (size_t)i * RING_SPACE;

		front->rings[i] = (struct front_ring){
			.descs = (void *)at,
			.avail = (void *)(at + AVAIL_AT),
			.used = (void *)(at + USED_AT),
			.kick = eventfd(0, EFD_NONBLOCK),
			.call = front->is_piped ? open_pipe() : eventfd(0, EFD_NONBLOCK),
		};
		/* We look often enough. */
		front->rings[i].avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	}
}

void front_end_accept(struct front_end *front, uint64_t features)
{
	struct message answer;

	make_memory(front);
	if (front->connection < 0)
		front->connection = accept(front->listener, NULL, NULL);
	must(front->connection >= 0, "accept");
	tell(front, &(struct message){.request = SET_OWNER}, -1);
	tell(front, &(struct message){.request = GET_FEATURES}, -1);
	must(recv(front->connection, &answer, MESSAGE_HEAD + 8, MSG_WAITALL) == MESSAGE_HEAD + 8,
	     "features");
	tell_number(front, SET_FEATURES, answer.number & features, -1);
	front_end_tell_memory(front, FRONT_MEMORY_SIZE);
	if (front->is_cut)
		must(!ftruncate(front->memory_fd, 0), "cut");
	for (uint32_t i = 0; i < FRONT_RINGS; i++)
		tell_ring(front, i);
}

void front_end_close(struct front_end *front)
{
	close(front->connection);
	for (unsigned i = 0; i < FRONT_RINGS; i++) {
		close(front->rings[i].kick);
		close(front->rings[i].call);
	}
	munmap(front->memory, FRONT_MEMORY_SIZE);
	close(front->memory_fd);
}

static size_t buffer_at(enum front_ring_number ring, unsigned buffer)
{
	return BUFFERS_AT + ((size_t)ring * FRONT_RING_SIZE + buffer) * FRONT_BUFFER_SIZE;
}

uint64_t front_end_address(enum front_ring_number ring, unsigned buffer)
{
	return FRONT_BASE + buffer_at(ring, buffer);
}

uint8_t *front_end_buffer(struct front_end *front, enum front_ring_number ring, unsigned buffer)
{
	return front->memory + buffer_at(ring, buffer);
}

void front_end_publish(struct front_end *front, enum front_ring_number number, uint16_t n)
{
	struct front_ring *ring = &front->rings[number];
	uint64_t one = 1;

	ring->next += n;
	__atomic_store_n(&ring->avail->idx, ring->next, __ATOMIC_RELEASE);
	/* Pairs with the switch's: it asks for kicks before it looks a last time. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!(__atomic_load_n(&ring->used->flags, __ATOMIC_RELAXED) & VRING_USED_F_NO_NOTIFY))
		must(write(ring->kick, &one, sizeof(one)) == sizeof(one), "kick");
}

static void offer(struct front_end *front, unsigned buffer)
{
	struct front_ring *ring = &front->rings[FRONT_RECEIVE];

	ring->descs[buffer] = (struct vring_desc){
		.addr = front_end_address(FRONT_RECEIVE, buffer),
		.len = FRONT_BUFFER_SIZE,
		.flags = VRING_DESC_F_WRITE,
	};
	ring->avail->ring[ring->next % FRONT_RING_SIZE] = buffer;
	front_end_publish(front, FRONT_RECEIVE, 1);
}

void front_end_offer(struct front_end *front)
{
	for (unsigned i = 0; i < FRONT_RING_SIZE; i++)
		offer(front, i);
}

int front_end_send(struct front_end *front, const void *frame, size_t size)
{
	struct front_ring *ring = &front->rings[FRONT_SEND];
	unsigned i = ring->next % FRONT_RING_SIZE;
	uint8_t *buffer = front_end_buffer(front, FRONT_SEND, i);

	ring->seen = __atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE);
	if ((uint16_t)(ring->next - ring->seen) >= FRONT_RING_SIZE)
		return -1;
	memset(buffer, 0, FRONT_HEADER_SIZE);
	memcpy(buffer + FRONT_HEADER_SIZE, frame, size);
	ring->descs[i] = (struct vring_desc){
		.addr = front_end_address(FRONT_SEND, i),
		.len = FRONT_HEADER_SIZE + size,
	};
	ring->avail->ring[i] = i;
	front_end_publish(front, FRONT_SEND, 1);
	return 0;
}

size_t front_end_receive(struct front_end *front, void *frame, size_t size)
{
	struct front_ring *ring = &front->rings[FRONT_RECEIVE];

	if (ring->seen == __atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE))
		return 0;
	struct vring_used_elem used = ring->used->ring[ring->seen++ % FRONT_RING_SIZE];
	size_t n = used.len - FRONT_HEADER_SIZE;

	if (n > size)
		n = size;
	memcpy(frame, front_end_buffer(front, FRONT_RECEIVE, used.id) + FRONT_HEADER_SIZE, n);
	offer(front, used.id);
	return n;
}
