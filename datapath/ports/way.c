/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/way.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datapath/ports/netns.h"
#include "lib/xmalloc.h"

int way_open_here(void)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return sock < 0 ? -errno : sock;
}

/* A socket in the namespace 'there'. Entering it is this thread's affair for a moment only. */
static int open_there(int there)
{
	struct netns_visit visit;
	int error = netns_enter(&visit, there);

	if (error)
		return error;
	int sock = way_open_here();

	error = netns_leave(&visit);
	if (!error)
		return sock;
	if (sock >= 0)
		close(sock);
	return error;
}

/* Ways into namespaces that we may not enter any more: a socket in each, which keeps it alive. */
struct way {
	dev_t device;
	ino_t inode;
	int sock;
	unsigned refs;
	struct way *next;
};

static struct way *ways;

static struct way **find_way(int there)
{
	struct way **at = &ways;
	struct stat st;

	if (fstat(there, &st))
		return NULL;
	while (*at && ((*at)->device != st.st_dev || (*at)->inode != st.st_ino))
		at = &(*at)->next;
	return *at ? at : NULL;
}

void way_keep(int there)
{
	struct way **known = find_way(there);
	struct stat st;

	if (known) {
		(*known)->refs++;
		return;
	}
	int sock = open_there(there);

	if (sock < 0)
		return;
	if (fstat(there, &st)) {
		close(sock);
		return;
	}
	struct way *way = XNEW(struct way);

	*way = (struct way){st.st_dev, st.st_ino, sock, 1, ways};
	ways = way;
}

void way_drop(int there)
{
	struct way **at = find_way(there);

	if (!at || --(*at)->refs)
		return;
	struct way *way = *at;

	*at = way->next;
	close(way->sock);
	free(way);
}

int way_open(int there)
{
	struct way **way = ways ? find_way(there) : NULL;

	if (!way)
		return open_there(there);
	int sock = fcntl((*way)->sock, F_DUPFD_CLOEXEC, 0);

	return sock < 0 ? -errno : sock;
}
