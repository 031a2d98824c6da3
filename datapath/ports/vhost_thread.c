/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost_thread.h"

#include <string.h>

#include <rte_vhost.h>
#include <urcu/rculist.h>

#include "datapath/plan/turns.h"
#include "datapath/ports/vhost.h"
#include "lib/epoch.h"

static CDS_LIST_HEAD(ports); /* main writes, the vhost thread reads */
static __thread bool is_registered;
static __thread bool calls_us; /* opens or closes ports */

void vhost_thread_call(void)
{
	calls_us = true;
}

void vhost_thread_add(struct vhost_port *vhost)
{
	cds_list_add_rcu(&vhost->node, &ports);
}

void vhost_thread_del(struct vhost_port *vhost)
{
	cds_list_del_rcu(&vhost->node);
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

struct vhost_port *vhost_thread_find(int vid)
{
	struct vhost_port *vhost;
	char path[sizeof(vhost->path)];

	if (rte_vhost_get_ifname(vid, path, sizeof(path)))
		return NULL;
	cds_list_for_each_entry_rcu(vhost, &ports, node) if (!strcmp(vhost->path,
								     path)) return vhost;
	return NULL;
}
