/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/xmalloc.h"

static bool is_same_file(int a, int b)
{
	struct stat sa, sb;

	return !fstat(a, &sa) && !fstat(b, &sb) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

int netns_enter(struct netns_visit *visit, int fd)
{
	visit->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (visit->home < 0)
		return -errno;
	if (!is_same_file(visit->home, fd) && !setns(fd, CLONE_NEWNET))
		return 0;
	int error = is_same_file(visit->home, fd) ? 0 : -errno;

	close(visit->home);
	visit->home = -1;
	return error;
}

int netns_leave(struct netns_visit *visit)
{
	int error = 0;

	if (visit->home < 0)
		return 0;
	/* We came from there, and the descriptor keeps it alive. */
	if (setns(visit->home, CLONE_NEWNET))
		error = -errno;
	close(visit->home);
	visit->home = -1;
	return error;
}

struct seen {
	struct hmap_node node;
	uint64_t inode;
};

struct walk {
	struct hmap seen;
	bool (*see)(int fd, void *context);
	void *context;
	bool done;
};

static bool is_new(struct walk *walk, uint64_t inode)
{
	struct seen *seen;

	HMAP_FOREACH_WITH_HASH(seen, node, hash_u64(inode, 0), &walk->seen)
		if (seen->inode == inode)
			return false;
	seen = XNEW(struct seen);
	seen->inode = inode;
	hmap_add(&walk->seen, &seen->node, hash_u64(inode, 0));
	return true;
}

static void visit_path(struct walk *walk, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && is_new(walk, st.st_ino))
		walk->done = !walk->see(fd, walk->context);
	close(fd);
}

/* Each entry's name with 'suffix' may be the path of a namespace. */
static void visit_directory(struct walk *walk, const char *directory, const char *suffix)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	while (dir && !walk->done && (entry = readdir(dir))) {
		char path[512];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", directory, entry->d_name, suffix);
		visit_path(walk, path);
	}
	if (dir)
		closedir(dir);
}

void netns_foreach(bool (*see)(int fd, void *context), void *context)
{
	struct walk walk = {.see = see, .context = context};
	struct seen *seen;

	hmap_init(&walk.seen);
	visit_path(&walk, "/proc/thread-self/ns/net");
	visit_directory(&walk, "/run/netns", "");
	/* Containers: named by nothing but their processes. Other entries have no ns/net. */
	visit_directory(&walk, "/proc", "/ns/net");
	HMAP_FOREACH_SAFE(seen, node, &walk.seen) {
		hmap_del(&walk.seen, &seen->node);
		free(seen);
	}
	hmap_fini(&walk.seen);
}
