/* SPDX-License-Identifier: Apache-2.0 */

/* A guest's side of a vhost-user port that says and writes anything, over the real socket, while the
 * port is polled and sent to. The library that understands it is not compiled by us, so the fuzzer is
 * guided by what our own files make of it; crashes are seen wherever they are.
 *
 * The input is a program for the guest: a byte that says what, one that says how much, then as many
 * bytes.  */

#include <linux/sockios.h>
#include <linux/virtio_ring.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "datapath/ports/vhost.h"
#include "tests/fuzz/worker.h"
#include "tests/vhost/protocol.h"

enum {
	BASE = 0x100000, /* the guest's address of its memory */
	MEMORY = 64 << 10,
	RING_SPACE = 8 << 10, /* of the memory, for each of two rings */
	AVAIL_AT = 4 << 10,
	USED_AT = 6 << 10,
	RING_SIZE = 64,
	STEPS_MAX = 64,
	PATIENCE = 2000, /* looks, each 50 µs apart */
};

struct message {
	uint32_t request, flags, size;
	union {
		uint64_t numbers[6];
		uint8_t bytes[256];
	};
} __attribute__((packed));

enum {
	HEAD = offsetof(struct message, numbers),
};

struct guest {
	int connection, memory_fd, kick;
	uint8_t *memory;
};

static struct vhost_port *port;
static char path[64];

static void remove_socket(void)
{
	unlink(path);
}

static void start(void)
{
	char name[40];
	struct errbuf err;

	fuzz_start_worker();
	workers[0] = fuzz_worker;
	snprintf(name, sizeof(name), "weir-vhost-fuzz-%d", (int)getpid());
	snprintf(path, sizeof(path), "/tmp/%s", name);
	errbuf_init(&err);
	struct port *opened = port_open(name, "dpdkvhostuser", NULL, &err);

	if (!opened)
		abort();
	port = vhost_of(opened);
	atexit(remove_socket);
}

/* Lets the library's thread go on, which may be waiting for us. */
static void let_go(void)
{
	epoch_offline();
	usleep(50);
	epoch_online();
}

static void wait_for(enum vhost_stage stage)
{
	for (unsigned i = 0;; i++) {
		if (__atomic_load_n(&port->stage, __ATOMIC_ACQUIRE) == stage)
			return;
		if (i == PATIENCE * 100)
			abort();
		let_go();
	}
}

static void guest_open(struct guest *guest)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	guest->connection = socket(AF_UNIX, SOCK_STREAM, 0);
	guest->memory_fd = memfd_create("guest", MFD_CLOEXEC);
	guest->kick = eventfd(0, EFD_NONBLOCK);
	if (ftruncate(guest->memory_fd, MEMORY) ||
	    connect(guest->connection, (struct sockaddr *)&address, sizeof(address)))
		abort();
	guest->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, guest->memory_fd, 0);
	if (guest->memory == MAP_FAILED)
		abort();
	wait_for(VHOST_NEGOTIATING);
}

static void guest_close(struct guest *guest)
{
	close(guest->connection);
	wait_for(VHOST_WAITING);
	close(guest->kick);
	munmap(guest->memory, MEMORY);
	close(guest->memory_fd);
}

/* Sends a message, and waits until the library has taken it. */
static void say(const struct guest *guest, const struct message *message, int fd)
{
	struct iovec iov = {(void *)message, HEAD + message->size};
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.head = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct msghdr head = {.msg_iov = &iov, .msg_iovlen = 1};
	char answer[512];
	int left = 0;

	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
		head.msg_control = &control;
		head.msg_controllen = sizeof(control);
	}
	if (sendmsg(guest->connection, &head, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
	for (unsigned i = 0; i < PATIENCE; i++) {
		if (ioctl(guest->connection, SIOCOUTQ, &left) || !left)
			break;
		let_go();
	}
	while (recv(guest->connection, answer, sizeof(answer), MSG_DONTWAIT) > 0)
		;
}

static void say_numbers(
	const struct guest *guest,
	enum vhost_request request,
	const uint64_t *numbers,
	unsigned n,
	int fd
)
{
	struct message message = {.request = request, .flags = 1, .size = n * 8};

	for (unsigned i = 0; i < n; i++)
		message.numbers[i] = numbers[i];
	say(guest, &message, fd);
}

static void set_up_ring(const struct guest *guest, uint64_t ring)
{
	uint64_t at = (uintptr_t)guest->memory + ring * RING_SPACE;
	const uint64_t address[] = {ring, at, at + USED_AT, at + AVAIL_AT, 0};

	say_numbers(guest, SET_VRING_NUM, &(uint64_t){ring | (uint64_t)RING_SIZE << 32}, 1, -1);
	say_numbers(guest, SET_VRING_BASE, &ring, 1, -1);
	say_numbers(guest, SET_VRING_ADDR, address, 5, -1);
	say_numbers(guest, SET_VRING_CALL, &ring, 1, guest->kick);
	say_numbers(guest, SET_VRING_KICK, &ring, 1, guest->kick);
}

/* As it should be, but for the features, which the input says. */
static void shake_hands(const struct guest *guest, const uint8_t *data, unsigned n)
{
	const uint64_t memory[] = {1, BASE, MEMORY, (uintptr_t)guest->memory, 0};
	uint64_t features = 0;

	memcpy(&features, data, n < sizeof(features) ? n : sizeof(features));
	say_numbers(guest, SET_OWNER, NULL, 0, -1);
	say_numbers(guest, SET_FEATURES, &features, 1, -1);
	say_numbers(guest, SET_MEM_TABLE, memory, 5, guest->memory_fd);
	set_up_ring(guest, 0);
	set_up_ring(guest, 1);
}

static void say_anything(const struct guest *guest, const uint8_t *data, unsigned n)
{
	const int fds[] = {-1, guest->memory_fd, guest->kick, guest->connection};
	struct message message = {.flags = 1};

	if (n < 2)
		return;
	message.request = data[0];
	message.size = n - 2;
	memcpy(message.bytes, data + 2, n - 2);
	say(guest, &message, fds[data[1] & 3]);
}

/* The first two bytes say where. */
static void write_memory(const struct guest *guest, const uint8_t *data, unsigned n)
{
	unsigned at;

	if (n < 2)
		return;
	at = (unsigned)data[0] << 8 | data[1];
	data += 2;
	n -= 2;
	memcpy(guest->memory + at, data, at + n > MEMORY ? MEMORY - at : n);
}

static void receive(void)
{
	struct batch batch = {.n = 0};

	batch.n = vhost_rx(&port->rxqs[0].rxq, &batch);
	for (uint16_t i = 0; i < batch.n; i++)
		fuzz_check(batch.pkts[i]);
	rte_pktmbuf_free_bulk(batch.pkts, batch.n);
	vhost_rx_depth(&port->rxqs[0].rxq);
	vhost_rx_wait(&port->rxqs[0].rxq, true);
}

static void transmit(const uint8_t *data, unsigned n)
{
	struct rte_mbuf *pkt;

	if (n < FRAME_MIN)
		return;
	pkt = fuzz_frame(data, n);
	if (!vhost_tx(&port->port, 0, &pkt, 1))
		rte_pktmbuf_free(pkt);
}

static void step(const struct guest *guest, uint8_t what, const uint8_t *data, unsigned n)
{
	switch (what % 8) {
	case 0:
		shake_hands(guest, data, n);
		break;
	case 1:
		say_anything(guest, data, n);
		break;
	case 2:
	case 3:
		write_memory(guest, data, n);
		break;
	case 4:
	case 5:
		receive();
		break;
	case 6:
		transmit(data, n);
		break;
	default:
		json_decref(port_status(&port->port));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct guest guest;
	unsigned n_steps = 0;

	if (!port)
		start();
	guest_open(&guest);
	for (; size >= 2 && size >= 2U + data[1] && n_steps < STEPS_MAX; n_steps++) {
		step(&guest, data[0], data + 2, data[1]);
		size -= 2U + data[1];
		data += 2U + data[1];
		epoch_quiesce();
	}
	guest_close(&guest);
	return 0;
}
