/* SPDX-License-Identifier: Apache-2.0 */

/* Faults on demand: a library for LD_PRELOAD that lets system calls of the daemon's fail.
 *
 * The file that WEIR_FAULTS names has a line for each fault in force, and is read again whenever it
 * changed:
 *
 *	CALL ERRNO [PATH]   the call fails so; PATH: only for files whose name has this in it
 *	short write PATH    half of it is written, then the disk is full
 *	clock SECONDS       the time of day is off by so much
 *	stall NAME          the thread of that name does nothing
 *	pool empty          nobody gets a packet buffer
 *	slow mmap PATH      mapping takes a third of a second
 *	stuck munmap NAME   unmapping does not end on threads whose name has this in it
 *	slow page           ten times a second a packet waits for a page of a guest's memory
 *	served file PATH    a process serves it (FUSE), or so it seems
 *	no memory NAME      threads of that name are given none by malloc and its like
 *	intrude NAME        the thread of that name tries what only an intruder would want, and
 *	                    what is not refused is written to the file with '.intruded' behind
 *
 * CALL is write, fsync, fdatasync, ftruncate, rename, open, accept, socket, connect or mmap.  */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <rte_mempool.h>
#include <rte_vhost.h>

enum {
	FAULTS = 16,
	WORD = 64,
	LOOK_US = 5000,
	HOARD = 1 << 20, /* buffers */
	SLOW_US = 333000,
	SERVED = 0x65735546, /* the kind of FUSE's file systems */
};

struct fault {
	char call[WORD], how[WORD], path[WORD];
};

/* Written by the thread that watches the file, a whole set at a time. */
static struct fault sets[2][FAULTS];
static unsigned current;

static void *hoard[HOARD];
static struct rte_mempool *hoard_of[HOARD];
static unsigned n_hoard;

#define REAL(name)                                                                                 \
	({                                                                                         \
		static __typeof__(&(name)) real;                                                   \
		if (!real)                                                                         \
			*(void **)&real = dlsym(RTLD_NEXT, #name);                                 \
		real;                                                                              \
	})

static const struct fault *find(const char *call, const char *how)
{
	const struct fault *set = sets[__atomic_load_n(&current, __ATOMIC_ACQUIRE)];

	for (unsigned i = 0; i < FAULTS && set[i].call[0]; i++)
		if (!strcmp(set[i].call, call) && (!how || !strcmp(set[i].how, how)))
			return &set[i];
	return NULL;
}

static void pause_us(unsigned us)
{
	struct timespec pause = {.tv_nsec = us * 1000L};

	nanosleep(&pause, NULL);
}

static int number_of(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} names[] = {
		{"ENOSPC", ENOSPC},
		{"EIO", EIO},
		{"EMFILE", EMFILE},
		{"ENOMEM", ENOMEM},
		{"ENOBUFS", ENOBUFS},
		{"EACCES", EACCES},
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i].name, name))
			return names[i].number;
	return EIO;
}

static bool is_meant(const struct fault *fault, int fd, const char *path)
{
	char link[32], name[512] = "";

	if (!fault)
		return false;
	if (!fault->path[0])
		return true;
	if (path)
		return strstr(path, fault->path);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return readlink(link, name, sizeof(name) - 1) > 0 && strstr(name, fault->path);
}

static bool fails(const char *call, int fd, const char *path)
{
	const struct fault *fault = find(call, NULL);

	if (!is_meant(fault, fd, path))
		return false;
	errno = number_of(fault->how);
	return true;
}

/* What the daemon calls by the names in quotes. */
ssize_t fault_write(int fd, const void *data, size_t size) __asm__("write");
ssize_t fault_writev(int fd, const struct iovec *iov, int n) __asm__("writev");
ssize_t fault_pwrite(int fd, const void *data, size_t size, off_t at) __asm__("pwrite");
ssize_t fault_pwrite64(int fd, const void *data, size_t size, off_t at) __asm__("pwrite64");
int fault_fsync(int fd) __asm__("fsync");
int fault_fdatasync(int fd) __asm__("fdatasync");
int fault_ftruncate(int fd, off_t size) __asm__("ftruncate");
int fault_ftruncate64(int fd, off_t size) __asm__("ftruncate64");
int fault_rename(const char *from, const char *to) __asm__("rename");
int fault_open(const char *path, int flags, ...) __asm__("open");
int fault_open64(const char *path, int flags, ...) __asm__("open64");
int fault_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) __asm__("accept4"
);
int fault_accept(int fd, struct sockaddr *address, socklen_t *length) __asm__("accept");
int fault_socket(int domain, int type, int protocol) __asm__("socket");
int fault_connect(int fd, const struct sockaddr *address, socklen_t length) __asm__("connect");
void *
fault_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) __asm__("mmap");
void *fault_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset) __asm__(
	"mmap64"
);
int fault_munmap(void *at, size_t size) __asm__("munmap");
int fault_clock_gettime(clockid_t clock, struct timespec *now) __asm__("clock_gettime");
int fault_fstatfs(int fd, struct statfs *kind) __asm__("fstatfs");
int fault_fstatfs64(int fd, struct statfs64 *kind) __asm__("fstatfs64");
void *fault_malloc(size_t size) __asm__("malloc");
void *fault_calloc(size_t n, size_t size) __asm__("calloc");
void *fault_realloc(void *p, size_t size) __asm__("realloc");

/* The C library's own, which can be called before anything can be looked up. */
void *libc_malloc(size_t size) __asm__("__libc_malloc");
void *libc_calloc(size_t n, size_t size) __asm__("__libc_calloc");
void *libc_realloc(void *p, size_t size) __asm__("__libc_realloc");

/* The calls. */

ssize_t fault_write(int fd, const void *data, size_t size)
{
	if (size > 1 && is_meant(find("short", "write"), fd, NULL)) {
		if (REAL(write)(fd, data, size / 2) >= 0)
			errno = ENOSPC;
		return -1;
	}
	return fails("write", fd, NULL) ? -1 : REAL(write)(fd, data, size);
}

/* What is left of a short one is written with write(), which then fails. */
ssize_t fault_writev(int fd, const struct iovec *iov, int n)
{
	if (n > 1 && is_meant(find("short", "write"), fd, NULL)) {
		struct iovec half[2] = {iov[0], {iov[1].iov_base, iov[1].iov_len / 2}};

		return REAL(writev)(fd, half, 2);
	}
	return fails("write", fd, NULL) ? -1 : REAL(writev)(fd, iov, n);
}

ssize_t fault_pwrite(int fd, const void *data, size_t size, off_t at)
{
	return fails("write", fd, NULL) ? -1 : REAL(pwrite)(fd, data, size, at);
}

ssize_t fault_pwrite64(int fd, const void *data, size_t size, off_t at)
{
	return pwrite(fd, data, size, at);
}

int fault_fsync(int fd)
{
	return fails("fsync", fd, NULL) ? -1 : REAL(fsync)(fd);
}

int fault_fdatasync(int fd)
{
	return fails("fdatasync", fd, NULL) ? -1 : REAL(fdatasync)(fd);
}

int fault_ftruncate(int fd, off_t size)
{
	return fails("ftruncate", fd, NULL) ? -1 : REAL(ftruncate)(fd, size);
}

int fault_ftruncate64(int fd, off_t size)
{
	return ftruncate(fd, size);
}

int fault_rename(const char *from, const char *to)
{
	return fails("rename", -1, to) ? -1 : REAL(rename)(from, to);
}

int fault_open(const char *path, int flags, ...)
{
	va_list args;

	va_start(args, flags);
	mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return fails("open", -1, path) ? -1 : REAL(open)(path, flags, mode);
}

int fault_open64(const char *path, int flags, ...)
{
	va_list args;

	va_start(args, flags);
	mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open(path, flags, mode);
}

int fault_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	return fails("accept", fd, NULL) ? -1 : REAL(accept4)(fd, address, length, flags);
}

int fault_accept(int fd, struct sockaddr *address, socklen_t *length)
{
	return fails("accept", fd, NULL) ? -1 : REAL(accept)(fd, address, length);
}

int fault_socket(int domain, int type, int protocol)
{
	return fails("socket", -1, "") ? -1 : REAL(socket)(domain, type, protocol);
}

int fault_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	return fails("connect", fd, NULL) ? -1 : REAL(connect)(fd, address, length);
}

void *fault_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (fd >= 0 && is_meant(find("slow", "mmap"), fd, NULL))
		pause_us(SLOW_US);
	return fd >= 0 && fails("mmap", fd, NULL)
		? MAP_FAILED
		: REAL(mmap)(at, size, protection, flags, fd, offset);
}

void *fault_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	return mmap(at, size, protection, flags, fd, offset);
}

static bool is_of_this_thread(const struct fault *fault)
{
	char name[32] = "";

	return fault && !pthread_getname_np(pthread_self(), name, sizeof(name)) &&
		strstr(name, fault->path);
}

/* Memory is short: to find a page takes 2 ms. */
static void find_page(void)
{
	static __thread time_t last;
	struct timespec now;

	REAL(clock_gettime)(CLOCK_MONOTONIC, &now);
	if (last == now.tv_sec * 10 + now.tv_nsec / 100000000)
		return;
	last = now.tv_sec * 10 + now.tv_nsec / 100000000;
	char *page =
		REAL(mmap)(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return;
	*(volatile char *)page = 1;
	pause_us(2000);
	REAL(munmap)(page, 4096);
}

uint16_t rte_vhost_enqueue_burst(int vid, uint16_t queue_id, struct rte_mbuf **pkts, uint16_t count)
{
	if (find("slow", "page"))
		find_page();
	return REAL(rte_vhost_enqueue_burst)(vid, queue_id, pkts, count);
}

int fault_munmap(void *at, size_t size)
{
	while (is_of_this_thread(find("stuck", "munmap")))
		pause_us(LOOK_US);
	return REAL(munmap)(at, size);
}

static bool has_no_memory(void)
{
	if (!is_of_this_thread(find("no", "memory")))
		return false;
	errno = ENOMEM;
	return true;
}

void *fault_malloc(size_t size)
{
	return has_no_memory() ? NULL : libc_malloc(size);
}

void *fault_calloc(size_t n, size_t size)
{
	return has_no_memory() ? NULL : libc_calloc(n, size);
}

void *fault_realloc(void *p, size_t size)
{
	return has_no_memory() ? NULL : libc_realloc(p, size);
}

int fault_clock_gettime(clockid_t clock, struct timespec *now)
{
	const struct fault *fault = find("clock", NULL);
	int error = REAL(clock_gettime)(clock, now);

	if (fault && clock == CLOCK_REALTIME)
		now->tv_sec += atoll(fault->how);
	return error;
}

int fault_fstatfs(int fd, struct statfs *kind)
{
	int error = REAL(fstatfs)(fd, kind);

	if (!error && is_meant(find("served", "file"), fd, NULL))
		kind->f_type = SERVED;
	return error;
}

int fault_fstatfs64(int fd, struct statfs64 *kind)
{
	int error = REAL(fstatfs64)(fd, kind);

	if (!error && is_meant(find("served", "file"), fd, NULL))
		kind->f_type = SERVED;
	return error;
}

/* What goes on by itself. */

/* With arguments that would fail otherwise than by EPERM, or do nothing, were the call not refused. */
static void intrude(void)
{
	const struct {
		const char *name;
		long number, args[4];
	} calls[] = {
		{"execve", SYS_execve},
		{"execveat", SYS_execveat, {-1}},
		{"ptrace", SYS_ptrace, {-1, -1}},
		{"process_vm_readv", SYS_process_vm_readv, {0, 0, 0, 0}},
		{"pidfd_getfd", SYS_pidfd_getfd, {-1, -1}},
		{"mknodat", SYS_mknodat, {-1}},
		{"unshare", SYS_unshare},
		{"perf_event_open", SYS_perf_event_open},
		{"io_uring_setup", SYS_io_uring_setup},
		{"personality", SYS_personality, {0xffffffff}},
		{"settimeofday", SYS_settimeofday},
		{"add_key", SYS_add_key},
		{"keyctl", SYS_keyctl, {-1}},
		{"setresuid", SYS_setresuid, {-1, -1, -1}},
		{"setresgid", SYS_setresgid, {-1, -1, -1}},
	};
	/* NOLINTBEGIN(bugprone-signal-handler): threads are stopped for it where they wait, and hold nothing. */
	char name[512];

	snprintf(name, sizeof(name), "%s.intruded", getenv("WEIR_FAULTS"));
	int fd = REAL(open)(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		const long *args = calls[i].args;

		if (syscall(calls[i].number, args[0], args[1], args[2], args[3], 0) != -1 ||
		    errno != EPERM)
			dprintf(fd, "%s\n", calls[i].name);
	}
	dprintf(fd, "tried\n");
	close(fd);
}
/* NOLINTEND(bugprone-signal-handler) */

static void on_signal(int number)
{
	if (find("intrude", NULL))
		intrude();
	while (find("stall", NULL))
		select(0, NULL, NULL, NULL, &(struct timeval){.tv_usec = LOOK_US});
}

static void signal_thread(const char *name)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[512], comm[32] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		file = fopen(path, "re");
		if (file && fgets(comm, sizeof(comm), file))
			comm[strcspn(comm, "\n")] = '\0';
		if (file)
			fclose(file);
		if (!strcmp(comm, name))
			syscall(SYS_tgkill, getpid(), atoi(entry->d_name), SIGUSR1);
	}
	if (dir)
		closedir(dir);
}

static void take_all(struct rte_mempool *pool, void *context)
{
	while (n_hoard < HOARD && !rte_mempool_generic_get(pool, &hoard[n_hoard], 1, NULL))
		hoard_of[n_hoard++] = pool;
}

static void mind_pools(void)
{
	if (find("pool", "empty"))
		rte_mempool_walk(take_all, NULL);
	else
		while (n_hoard) {
			n_hoard--;
			rte_mempool_generic_put(hoard_of[n_hoard], &hoard[n_hoard], 1, NULL);
		}
}

static void read_faults(const char *path)
{
	unsigned next = !current;
	FILE *file = fopen(path, "re");
	char line[256];

	memset(sets[next], 0, sizeof(sets[next]));
	for (unsigned i = 0; file && i < FAULTS && fgets(line, sizeof(line), file);)
		i += sscanf(line,
			    "%63s %63s %63s",
			    sets[next][i].call,
			    sets[next][i].how,
			    sets[next][i].path) >= 2;
	if (file)
		fclose(file);
	__atomic_store_n(&current, next, __ATOMIC_RELEASE);
}

/* Who changed the file waits until this one is as new. */
static void confirm(const char *path, const struct timespec *time)
{
	char name[512];

	snprintf(name, sizeof(name), "%s.seen", path);
	int fd = REAL(open)(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return;
	dprintf(fd, "%ld.%09ld\n", (long)time->tv_sec, time->tv_nsec);
	close(fd);
}

static void *watch(void *arg)
{
	const char *path = arg;
	struct timespec last = {0};

	pthread_setname_np(pthread_self(), "faults");
	for (;; pause_us(LOOK_US)) {
		struct stat st;

		mind_pools();
		if (stat(path, &st) ||
		    (st.st_mtim.tv_sec == last.tv_sec && st.st_mtim.tv_nsec == last.tv_nsec))
			continue;
		last = st.st_mtim;
		read_faults(path);
		mind_pools();
		const struct fault *fault = find("stall", NULL);

		if (!fault)
			fault = find("intrude", NULL);
		if (fault)
			signal_thread(fault->how);
		confirm(path, &last);
	}
	return NULL;
}

/* The daemon forks when it detaches: the thread is made in the process that goes on. */
static void begin(void)
{
	char *path = getenv("WEIR_FAULTS");
	pthread_t thread;

	signal(SIGUSR1, on_signal);
	if (path && !pthread_create(&thread, NULL, watch, path))
		pthread_detach(thread);
}

__attribute__((constructor)) static void load(void)
{
	pthread_atfork(NULL, NULL, begin);
	begin();
}
