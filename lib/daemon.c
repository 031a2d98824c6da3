/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/control/notify.h"
#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/stream/resolver.h"
#include "lib/xmalloc.h"

struct pidfile {
	int fd;
	char *path;
	char *other_path;
};

/* The pipe to the parent that waits for us; -1: there is none. */
static int ready_fd = -1;

/* An empty message means that all is well. */
static void wait_for_child(int fd, pid_t child)
{
	char text[ERRBUF_SIZE];
	size_t n = 0;
	int status = 0;

	while (n < sizeof(text)) {
		ssize_t got = read(fd, text + n, sizeof(text) - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
		if (!text[n - 1])
			break;
	}
	if (n && !text[n - 1]) {
		if (n == 1)
			_exit(0);
		dprintf(STDERR_FILENO, "%s\n", text);
		_exit(1);
	}
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		dprintf(STDERR_FILENO, "the daemon died: %s\n", strsignal(WTERMSIG(status)));
	else
		dprintf(STDERR_FILENO, "the daemon ended during its start: see its log\n");
	_exit(1);
}

int daemon_detach(struct errbuf *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return errbuf_set(err, -errno, "cannot make a pipe: %s", strerror(errno));
	pid_t child = fork();

	if (child < 0) {
		int error = errno;

		close(fds[0]);
		close(fds[1]);
		return errbuf_set(err, -error, "cannot fork: %s", strerror(error));
	}
	if (child) {
		close(fds[1]);
		wait_for_child(fds[0], child);
	}
	close(fds[0]);
	ready_fd = fds[1];
	setsid();
	return 0;
}

void daemon_raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void tell_parent(const char *text)
{
	size_t n = strlen(text) + 1;

	/* The parent may have been killed; that is no reason to stop. */
	if (write(ready_fd, text, n) != (ssize_t)n)
		log_close_console();
	close(ready_fd);
	ready_fd = -1;
}

void daemon_ready(void)
{
	notify_send("READY=1");
	if (ready_fd < 0)
		return;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	log_close_console();
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		close(null);
	}
	if (chdir("/"))
		errno = 0;
	tell_parent("");
}

void daemon_failed(const char *sentence)
{
	if (ready_fd < 0)
		dprintf(STDERR_FILENO, "%s\n", sentence);
	else
		tell_parent(*sentence ? sentence : "the daemon could not start");
}

static struct flock whole_file(short type)
{
	return (struct flock){.l_type = type, .l_whence = SEEK_SET};
}

static int lock_and_write(int fd, const char *path, struct errbuf *err)
{
	struct flock lock = whole_file(F_WRLCK);
	char text[16];

	if (fcntl(fd, F_SETLK, &lock)) {
		lock = whole_file(F_WRLCK);
		if (!fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK)
			return errbuf_set(
				err,
				-EEXIST,
				"%s: a daemon with process id %d is running there: stop it first "
				"(appctl exit), or choose another --rundir",
				path,
				(int)lock.l_pid
			);
		return errbuf_set(err, -errno, "%s: cannot lock: %s", path, strerror(errno));
	}
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	/* In this order nobody ever reads an empty file. */
	if (pwrite(fd, text, (size_t)n, 0) != n || ftruncate(fd, n))
		return errbuf_set(err, -errno, "%s: cannot write: %s", path, strerror(errno));
	return 0;
}

/* Is 'fd' still what 'path' names? A daemon that ends removes its file, perhaps while we wait to lock
 * it. */
static bool is_current(int fd, const char *path)
{
	struct stat ours, named;

	return !fstat(fd, &ours) && !stat(path, &named) && ours.st_dev == named.st_dev &&
		ours.st_ino == named.st_ino;
}

static int open_locked(const char *path, struct errbuf *err)
{
	for (;;) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

		if (fd < 0)
			return errbuf_set(
				err,
				-errno,
				"%s: cannot make the pidfile: %s%s",
				path,
				strerror(errno),
				errno == EACCES || errno == EROFS
					? ": run as root, or choose another --rundir or --pidfile"
					: ""
			);
		int error = lock_and_write(fd, path, err);

		if (!error && is_current(fd, path))
			return fd;
		close(fd);
		if (error)
			return error;
	}
}

bool daemon_is_asking(void)
{
	return resolvers_are_busy();
}

struct pidfile *pidfile_open(const char *path, struct errbuf *err)
{
	int fd = open_locked(path, err);

	if (fd < 0)
		return NULL;
	struct pidfile *pidfile = XNEW(struct pidfile);

	pidfile->fd = fd;
	pidfile->path = xstrdup(path);
	return pidfile;
}

/* The process that holds 'path', if it is not this one; else 0. */
static pid_t pidfile_holder(const char *path)
{
	struct stat st;

	/* Another name of our own file, left behind: closing it would give up our lock. */
	if (lstat(path, &st) || !S_ISREG(st.st_mode))
		return 0;
	pid_t holder = pidfile_read(path, NULL);

	return holder > 0 && holder != getpid() ? holder : 0;
}

int pidfile_add_name(struct pidfile *pidfile, const char *path, struct errbuf *err)
{
	const char *slash = strrchr(pidfile->path, '/');
	pid_t holder = pidfile_holder(path);

	if (holder > 0)
		return errbuf_set(
			err,
			-EEXIST,
			"%s: a daemon with process id %d is running under that name: stop it first, "
			"or choose another --rundir",
			path,
			(int)holder
		);
	unlink(path);
	if (symlink(slash ? slash + 1 : pidfile->path, path))
		return errbuf_set(err, -errno, "%s: cannot link: %s", path, strerror(errno));
	free(pidfile->other_path);
	pidfile->other_path = xstrdup(path);
	return 0;
}

void pidfile_close(struct pidfile *pidfile)
{
	if (!pidfile)
		return;
	if (pidfile->other_path)
		unlink(pidfile->other_path);
	unlink(pidfile->path);
	close(pidfile->fd);
	free(pidfile->other_path);
	free(pidfile->path);
	free(pidfile);
}

pid_t pidfile_read(const char *path, struct errbuf *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errbuf_set(
			err,
			-errno,
			errno == ENOENT ? "%s: there is no such file: is the daemon running?"
					: "%s: cannot be read: are you root?",
			path
		);
	struct flock lock = whole_file(F_WRLCK);
	char text[16] = "";
	ssize_t n = read(fd, text, sizeof(text) - 1);
	int failed = fcntl(fd, F_GETLK, &lock);
	int error = errno;

	close(fd);
	if (failed)
		return errbuf_set(err, -error, "%s: %s", path, strerror(error));
	if (lock.l_type == F_UNLCK)
		return errbuf_set(
			err,
			-ESRCH,
			"%s: left behind by a daemon that is gone: start it again",
			path
		);
	if (n <= 0 || strtol(text, NULL, 10) != lock.l_pid)
		return errbuf_set(
			err, -EINVAL, "%s: names another process than the one that holds it", path
		);
	return lock.l_pid;
}
