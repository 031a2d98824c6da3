/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost_thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <rte_vhost.h>

#include "datapath/plan/turns.h"
#include "datapath/ports/vhost.h"
#include "lib/epoch.h"

/* Some machines have but its successor. */
#ifndef SYS_poll
#define SYS_poll SYS_ppoll
#endif

static CDS_LIST_HEAD(ports); /* main writes, the vhost thread reads */
static __thread bool is_registered;
static __thread bool calls_us; /* opens or closes ports */
static pid_t hearer; /* the thread that hears messages; 0: there were none */

void vhost_thread_call(void)
{
	calls_us = true;
}

void vhost_thread_add(struct vhost_port *vhost)
{
	vhost->node.prev = &ports;
	vhost->node.next = ports.next;
	ports.next->prev = &vhost->node;
	/* Pairs with vhost_thread_find(). */
	epoch_store(&ports.next, &vhost->node);
}

void vhost_thread_del(struct vhost_port *vhost)
{
	vhost->node.next->prev = vhost->node.prev;
	/* Pairs with vhost_thread_find(), which may stand here until it leaves. */
	epoch_store(&vhost->node.prev->next, vhost->node.next);
}

void vhost_thread_enter(void)
{
	if (calls_us)
		return;
	if (is_registered) {
		epoch_online();
		return;
	}
	epoch_register();
	is_registered = true;
	/* It locks rings that workers spin for. */
	turns_want_short();
}

void vhost_thread_leave(void)
{
	if (!calls_us)
		epoch_offline();
}

void vhost_thread_end(void)
{
	if (is_registered)
		epoch_unregister();
	is_registered = false;
}

void vhost_thread_hear(void)
{
	if (!hearer)
		__atomic_store_n(&hearer, gettid(), __ATOMIC_RELEASE);
}

/* The kernel says which system call a thread is in, if any. */
bool vhost_thread_is_idle(void)
{
	char path[64], text[32] = "";
	int number = __atomic_load_n(&hearer, __ATOMIC_ACQUIRE);

	if (!number)
		return true;
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", number);
	FILE *file = fopen(path, "re");

	if (!file)
		return true;
	bool is_told = fgets(text, sizeof(text), file);
	char *end;
	long call = strtol(text, &end, 10);

	fclose(file);
	if (!is_told)
		return true;
	return end > text &&
		(call == SYS_poll || call == SYS_ppoll || call == SYS_epoll_wait ||
		 call == SYS_epoll_pwait);
}

struct vhost_port *vhost_thread_find(int vid)
{
	struct cds_list_head *node;
	char path[sizeof(((struct vhost_port *)0)->path)];

	if (rte_vhost_get_ifname(vid, path, sizeof(path)))
		return NULL;
	/* Not liburcu's loop: it reads and writes by volatile words, in which ThreadSanitizer sees a race. */
	for (node = epoch_load(&ports.next); node != &ports; node = epoch_load(&node->next)) {
		struct vhost_port *vhost = container_of(node, struct vhost_port, node);

		if (!strcmp(vhost->path, path))
			return vhost;
	}
	return NULL;
}
