/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost_leave.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include <rte_vhost.h>
#include <urcu/list.h>

#include "datapath/port_priv.h"
#include "datapath/ports/vhost.h"
#include "datapath/ports/vhost_socket.h"
#include "datapath/ports/vhost_thread.h"
#include "lib/epoch.h"
#include "lib/log.h"

LOG_TOPIC(vhost);

enum {
	/* So long others wait, most ports leave within one or two … */
	PATIENCE_MS = 200,
	/* … and so long if there is one that does not leave. */
	LITTLE_MS = 5,
	FIRST_NAP_US = 50,
	LONGEST_NAP_US = 900000, /* each look goes through all descriptors */
};

static CDS_LIST_HEAD(leaving);

static void nap(unsigned us)
{
	const struct timespec time = {.tv_nsec = us * 1000L};

	nanosleep(&time, NULL);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Whether the library can be told. Nobody new gets in, and who is there hears that the line is dead. The vhost thread may have taken down a
 * connection in part when it has told of it, but not when it waits for the next message. */
static bool is_alone(struct vhost_port *vhost)
{
	if (__atomic_load_n(&vhost->n_connections, __ATOMIC_ACQUIRE))
		/* What goes by another name, such as one from before a folder was moved, the library
		 * takes down itself. */
		return !vhost_socket_hang_up(vhost->path) && vhost_thread_is_idle();
	return !vhost->connections || vhost_thread_is_idle();
}

/* Waits until it is, for so long (negative: for ever). */
static bool await_alone(struct vhost_port *vhost, int patience_ms)
{
	int64_t until = now_ms() + patience_ms;
	unsigned us = FIRST_NAP_US;

	while (!is_alone(vhost)) {
		if (patience_ms >= 0 && now_ms() >= until)
			return false;
		nap(us);
		us = us * 2 < LONGEST_NAP_US ? us * 2 : LONGEST_NAP_US;
	}
	return true;
}

static void *leave_late(void *context)
{
	struct vhost_port *vhost = context;

	pthread_setname_np(pthread_self(), "port-leaves");
	await_alone(vhost, -1);
	rte_vhost_driver_unregister(vhost->path);
	vhost_thread_end();
	__atomic_fetch_sub(&ports_leaving, 1, __ATOMIC_RELAXED);
	/* Pairs with vhost_leave_clear(). */
	__atomic_store_n(&vhost->has_left, true, __ATOMIC_RELEASE);
	return NULL;
}

/* Nothing is found on its connections any more. */
static void forget(struct vhost_port *vhost)
{
	vhost_thread_del(vhost);
	epoch_wait();
}

static void leave_on_thread(struct vhost_port *vhost)
{
	pthread_t thread;

	__atomic_fetch_add(&ports_leaving, 1, __ATOMIC_RELAXED);
	cds_list_add_tail(&vhost->leaving, &leaving);
	/* Without a thread its socket stays in use for good. */
	if (!pthread_create(&thread, NULL, leave_late, vhost))
		pthread_detach(thread);
	log_warn(
		"port %s: deleted, but a guest's side keeps the switch in the middle of a message; its "
		"socket %s is in use until that ends",
		vhost->port.name,
		vhost->path
	);
}

bool vhost_leave(struct vhost_port *vhost)
{
	int patience_ms = cds_list_empty(&leaving) ? PATIENCE_MS : LITTLE_MS;

	vhost_thread_call();
	/* Pairs with vhost_events.c: a connection that it takes all the same is seen by us. */
	__atomic_store_n(&vhost->is_leaving, true, __ATOMIC_SEQ_CST);
	/* The vhost thread may be waiting for us in destroy_device(). */
	epoch_offline();
	bool is_free = await_alone(vhost, patience_ms);

	if (is_free)
		rte_vhost_driver_unregister(vhost->path);
	epoch_online();
	if (is_free)
		forget(vhost);
	else
		leave_on_thread(vhost);
	return is_free;
}

void vhost_leave_clear(void (*free_port)(struct vhost_port *take_vhost))
{
	struct cds_list_head *node, *next;

	cds_list_for_each_safe(node, next, &leaving) {
		struct vhost_port *vhost = container_of(node, struct vhost_port, leaving);

		if (!__atomic_load_n(&vhost->has_left, __ATOMIC_ACQUIRE))
			continue;
		cds_list_del(&vhost->leaving);
		forget(vhost);
		free_port(vhost);
	}
}

const struct vhost_port *vhost_leave_find(const char *path)
{
	struct cds_list_head *node;

	cds_list_for_each(node, &leaving) {
		const struct vhost_port *vhost = container_of(node, struct vhost_port, leaving);

		if (!strcmp(vhost->path, path))
			return vhost;
	}
	return NULL;
}
