/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/tap_home.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "datapath/ports/kernel.h"
#include "datapath/ports/link_alias.h"
#include "datapath/ports/tap_stray.h"
#include "datapath/ports/uring.h"
#include "datapath/ports/way.h"
#include "lib/xmalloc.h"

enum {
	ALIAS_SIZE = LINK_ALIAS_SIZE,
};

static struct {
	char *instance;
	struct tap_stray *strays;
	bool searched;
} state;

void tap_home_init(const char *instance)
{
	/* Who claims taps has done it. */
	if (state.instance)
		return;
	state.instance = xstrdup(instance ? instance : "");
	urings_report();
}

void tap_home_fini(void)
{
	while (state.strays) {
		struct tap_stray *stray = state.strays;

		state.strays = stray->next;
		tap_stray_free(stray);
	}
	free(state.instance);
	state.instance = NULL;
	state.searched = false;
}

static void format_alias(char *alias, const char *port)
{
	snprintf(alias, ALIAS_SIZE, "weir:%s:%s", state.instance, port);
}

/* Strays are an earlier daemon's, so one search, before the first port, finds them all. */
static void search_once(void)
{
	if (state.searched)
		return;
	char ours[ALIAS_SIZE];

	state.searched = true;
	format_alias(ours, "");
	state.strays = tap_stray_search(ours);
}

void tap_home_claim(const char *instance)
{
	tap_home_init(instance);
	search_once();
	for (struct tap_stray *stray = state.strays; stray; stray = stray->next)
		tap_stray_claim(stray);
}

static int open_stray(const char *port)
{
	char alias[ALIAS_SIZE];

	search_once();
	format_alias(alias, port);
	for (struct tap_stray **at = &state.strays; *at; at = &(*at)->next) {
		struct tap_stray *stray = *at;

		if (strcmp(stray->alias, alias))
			continue;
		int fd = tap_stray_attach(stray);

		/* What cannot be had now is what the next try shall find. */
		if (fd >= 0) {
			*at = stray->next;
			tap_stray_free(stray);
		}
		return fd;
	}
	return -ENOENT;
}

/* Makes the tap behind 'fd', which is named as the port in our own namespace, one that stays. */
static int keep(int fd, const char *port)
{
	char alias[ALIAS_SIZE];

	format_alias(alias, port);
	int error = link_alias_set(port, alias);

	/* Without its alias nobody would find it: then it had better not stay. */
	if (!error && ioctl(fd, TUNSETPERSIST, 1))
		error = -errno;
	return error;
}

int tap_home_open(const char *name)
{
	int fd = open_stray(name);

	if (fd != -ENOENT)
		return fd;
	fd = tap_stray_open(name);
	if (fd < 0)
		return fd;
	int error = keep(fd, name);

	if (!error)
		return fd;
	close(fd);
	return error;
}

void tap_home_forget(int fd)
{
	if (ioctl(fd, TUNSETPERSIST, 0))
		errno = 0;
}

void tap_home_close(int fd)
{
	int there = ioctl(fd, TUNGETDEVNETNS);

	if (there >= 0) {
		way_drop(there);
		close(there);
	}
	close(fd);
}

unsigned tap_home_end_strays(bool (*is_wanted)(const char *port))
{
	struct tap_stray **at = &state.strays;
	char ours[ALIAS_SIZE];
	unsigned n = 0;

	search_once();
	format_alias(ours, "");
	while (*at) {
		struct tap_stray *stray = *at;

		if (is_wanted(stray->alias + strlen(ours))) {
			at = &stray->next;
			continue;
		}
		int fd = tap_stray_attach(stray);

		if (fd >= 0) {
			tap_home_forget(fd);
			tap_home_close(fd);
			n++;
		}
		*at = stray->next;
		tap_stray_free(stray);
	}
	return n;
}
