/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/journal/db_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <urcu/list.h>

#include "lib/errbuf.h"
#include "lib/xmalloc.h"

/* The kernel's locks belong to processes: what this one holds already is found here. */
struct db_lock {
	struct cds_list_head node;
	int fd;
	dev_t device;
	ino_t inode;
};

static CDS_LIST_HEAD(locks);

/* ".NAME.~lock~" in the directory of the real file, so that a link leads to the same lock. */
static char *lock_path(const char *path)
{
	char *real = realpath(path, NULL);
	const char *whole = real ? real : path;
	const char *slash = strrchr(whole, '/');
	char *result;

	if (slash)
		result = xasprintf("%.*s/.%s.~lock~", (int)(slash - whole), whole, slash + 1);
	else
		result = xasprintf(".%s.~lock~", whole);
	free(real);
	return result;
}

static int holder(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(fd, F_GETLK, &lock) || lock.l_type == F_UNLCK ? 0 : lock.l_pid;
}

static struct db_lock *find_own(const struct stat *stat)
{
	struct db_lock *lock;

	cds_list_for_each_entry(lock, &locks, node)
		if (lock->device == stat->st_dev && lock->inode == stat->st_ino)
			return lock;
	return NULL;
}

/* Looks before opening: closing another descriptor of the file would drop the lock we hold. */
static bool is_ours(const char *name)
{
	struct stat stat_before;

	return !stat(name, &stat_before) && find_own(&stat_before);
}

static int take(const char *name, const char *path, struct errbuf *err)
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return errbuf_set(
			err,
			-errno,
			"database %s: cannot create the lock file %s: %s; does the directory exist, "
			"and may this user write to it?",
			path,
			name,
			strerror(errno)
		);
	if (!fcntl(fd, F_SETLK, &range))
		return fd;
	error = -errno;
	errbuf_set(
		err,
		error == -EACCES ? -EAGAIN : error,
		"database %s is in use by process %d; stop that process or use another file",
		path,
		holder(fd)
	);
	close(fd);
	return err ? err->error : -EAGAIN;
}

struct db_lock *db_lock_new(const char *path, struct errbuf *err)
{
	char *name = lock_path(path);
	struct db_lock *lock = NULL;
	struct stat status;
	int fd;

	if (is_ours(name)) {
		errbuf_set(err, -EAGAIN, "database %s is already open in this process", path);
		goto out;
	}
	fd = take(name, path, err);
	if (fd < 0)
		goto out;
	fstat(fd, &status);
	lock = XNEW(struct db_lock);
	lock->fd = fd;
	lock->device = status.st_dev;
	lock->inode = status.st_ino;
	cds_list_add(&lock->node, &locks);
out:
	free(name);
	return lock;
}

void db_lock_free(struct db_lock *lock)
{
	if (!lock)
		return;
	cds_list_del(&lock->node);
	close(lock->fd);
	free(lock);
}
