/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/uring.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "datapath/worker.h"
#include "lib/log.h"
#include "lib/types.h"

LOG_TOPIC(uring);

struct uring {
	alignas(CACHE_LINE) int fd;
	bool refused; /* the kernel does not do it for these descriptors */
	struct io_uring_sqe *asked;
	const struct io_uring_cqe *answers;
	uint32_t asked_mask, answers_mask;
	uint32_t *asked_head, *asked_tail; /* kernel writes the head, the worker the tail */
	uint32_t *answers_head, *answers_tail; /* the other way round */
};

enum {
	WORTH_A_RING = 6, /* for fewer calls the ordinary way is shorter: tests/perf/taps.c */
};

/* One kind of call, in both ways. */
struct verb {
	uint8_t opcode;
	ssize_t (*alone)(int fd, const struct iovec *iov, int n);
};

static const struct verb verb_read = {.opcode = IORING_OP_READV, .alone = readv};
static const struct verb verb_write = {.opcode = IORING_OP_WRITEV, .alone = writev};

static struct uring urings[WORKERS_MAX];
static unsigned n_urings; /* main writes once, before there are workers */
static unsigned n_wanted;
static int open_error; /* why there are fewer */

static int enter(const struct uring *uring, unsigned n, unsigned least, unsigned flags)
{
	return (int)syscall(SYS_io_uring_enter, uring->fd, n, least, flags, NULL, 0);
}

/* Whoever takes over the process finds a ring that reads and writes, which is no more than it has. */
static int limit(int fd)
{
	const struct io_uring_restriction allowed[] = {
		{.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_READV},
		{.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_WRITEV},
	};

	return syscall(SYS_io_uring_register, fd, IORING_REGISTER_RESTRICTIONS, allowed, 2) ||
			syscall(SYS_io_uring_register, fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0)
		? -errno
		: 0;
}

static void *map(int fd, size_t size, off_t what)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, what);
}

static int map_rings(struct uring *uring, const struct io_uring_params *params)
{
	size_t asked_size = params->sq_off.array + params->sq_entries * sizeof(uint32_t);
	size_t answers_size =
		params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
	/* Both stand in one piece of memory (IORING_FEAT_SINGLE_MMAP). */
	size_t size = asked_size > answers_size ? asked_size : answers_size;
	char *rings = map(uring->fd, size, IORING_OFF_SQ_RING);

	if (rings == MAP_FAILED)
		return -errno;
	uring->asked = map(uring->fd, params->sq_entries * sizeof(*uring->asked), IORING_OFF_SQES);
	if (uring->asked == MAP_FAILED)
		return -errno;
	for (uint32_t i = 0; i < params->sq_entries; i++)
		((uint32_t *)(rings + params->sq_off.array))[i] = i;
	uring->asked_mask = params->sq_entries - 1;
	uring->asked_head = (uint32_t *)(rings + params->sq_off.head);
	uring->asked_tail = (uint32_t *)(rings + params->sq_off.tail);
	uring->answers_mask = params->cq_entries - 1;
	uring->answers_head = (uint32_t *)(rings + params->cq_off.head);
	uring->answers_tail = (uint32_t *)(rings + params->cq_off.tail);
	uring->answers = (const struct io_uring_cqe *)(rings + params->cq_off.cqes);
	return 0;
}

static int uring_open(struct uring *uring)
{
	struct io_uring_params params = {.flags = IORING_SETUP_R_DISABLED};

	uring->fd = (int)syscall(SYS_io_uring_setup, BATCH_SIZE, &params);
	if (uring->fd < 0)
		return -errno;
	int error = params.features & IORING_FEAT_SINGLE_MMAP ? 0 : -ENOTSUP;

	if (!error)
		error = fcntl(uring->fd, F_SETFD, FD_CLOEXEC) ? -errno : 0;
	if (!error)
		error = limit(uring->fd);
	if (!error)
		error = map_rings(uring, &params);
	if (error)
		close(uring->fd);
	return error;
}

void urings_open(unsigned n)
{
	n_wanted = n < WORKERS_MAX ? n : WORKERS_MAX;
	while (n_urings < n_wanted && !open_error) {
		open_error = uring_open(&urings[n_urings]);
		if (!open_error)
			n_urings++;
	}
}

unsigned urings_report(void)
{
	if (open_error)
		log_info(
			"%u of %u workers can move several packets of tap devices by one system "
			"call (io_uring: %s): for the others it is one each",
			n_urings,
			n_wanted,
			strerror(-open_error)
		);
	return n_urings;
}

struct uring *uring_of(int worker)
{
	return worker >= 0 && (unsigned)worker < n_urings ? &urings[worker] : NULL;
}

static void ask(struct uring *uring, uint8_t opcode, int fd, struct uring_call *calls, unsigned n)
{
	uint32_t tail = *uring->asked_tail;

	for (unsigned i = 0; i < n; i++)
		uring->asked[(tail + i) & uring->asked_mask] = (struct io_uring_sqe){
			.opcode = opcode,
			.fd = fd,
			.addr = (uintptr_t)calls[i].iov,
			.len = calls[i].n_iov,
			.rw_flags = RWF_NOWAIT,
			.user_data = i,
		};
	/* Pairs with the kernel's reading of the tail. */
	__atomic_store_n(uring->asked_tail, tail + n, __ATOMIC_RELEASE);
}

static unsigned take_answers(struct uring *uring, struct uring_call *calls, unsigned n)
{
	uint32_t head = *uring->answers_head;
	/* Pairs with the kernel's writing of it, behind the answers. */
	uint32_t count = __atomic_load_n(uring->answers_tail, __ATOMIC_ACQUIRE) - head;

	for (uint32_t i = 0; i < count; i++) {
		const struct io_uring_cqe *answer =
			&uring->answers[(head + i) & uring->answers_mask];

		if (answer->user_data < n)
			calls[answer->user_data].result = answer->res;
	}
	__atomic_store_n(uring->answers_head, head + count, __ATOMIC_RELEASE);
	return count;
}

/* Takes back what the kernel did not look at. */
static unsigned take_back(struct uring *uring)
{
	uint32_t head = __atomic_load_n(uring->asked_head, __ATOMIC_ACQUIRE);
	unsigned n = *uring->asked_tail - head;

	__atomic_store_n(uring->asked_tail, head, __ATOMIC_RELEASE);
	return n;
}

/* False when nothing was done, and never will be for descriptors of this kind. */
static bool
together(struct uring *uring, const struct verb *verb, int fd, struct uring_call *calls, unsigned n)
{
	unsigned asked = 0, answered;
	int last = 0;

	for (unsigned i = 0; i < n; i++)
		calls[i].result = -EAGAIN;
	ask(uring, verb->opcode, fd, calls, n);
	while (asked < n && (last = enter(uring, n - asked, 0, 0)) > 0)
		asked += last;
	if (asked < n) {
		uring->refused = last < 0 && errno != EINTR && errno != EAGAIN && errno != EBUSY;
		n -= take_back(uring);
		if (!n && uring->refused)
			return false;
	}
	/* As a rule all answers are there. Until they are, the kernel uses our memory. */
	answered = take_answers(uring, calls, n);
	while (answered < n) {
		if (enter(uring, 0, n - answered, IORING_ENTER_GETEVENTS) < 0 && errno != EINTR) {
			uring->refused = true;
			break;
		}
		answered += take_answers(uring, calls, n);
	}
	uring->refused |= n && calls[0].result == -EOPNOTSUPP;
	return !n || calls[0].result != -EOPNOTSUPP;
}

static void one_by_one(const struct verb *verb, int fd, struct uring_call *calls, unsigned n)
{
	ssize_t result = 0;

	for (unsigned i = 0; i < n; i++) {
		if (result != -EAGAIN) {
			result = verb->alone(fd, calls[i].iov, (int)calls[i].n_iov);
			if (result < 0)
				result = -errno;
		}
		calls[i].result = result;
	}
}

static void
run(struct uring *uring, const struct verb *verb, int fd, struct uring_call *calls, unsigned n)
{
	if (!uring || uring->refused || n < WORTH_A_RING || !together(uring, verb, fd, calls, n))
		one_by_one(verb, fd, calls, n);
}

void uring_read(struct uring *uring, int fd, struct uring_call *calls, unsigned n)
{
	run(uring, &verb_read, fd, calls, n);
}

void uring_write(struct uring *uring, int fd, struct uring_call *calls, unsigned n)
{
	run(uring, &verb_write, fd, calls, n);
}
