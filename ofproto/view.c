/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/view.h"

#include <stdlib.h>
#include <string.h>

#include "lib/epoch.h"
#include "lib/xmalloc.h"
#include "ofproto/l2/l2.h"

/* What is seen before anything was published. */
static struct view empty;
static struct view *current = &empty; /* main writes, translators read */

/* What the next view does not have. It may not be given to epoch_free() before that view is published:
 * a translator may take up the present one until then. */
struct retired {
	void *obj;
	epoch_free_fn *free_fn;
	struct retired *next;
};
static struct retired *retired;

const struct view *view_get(void)
{
	return epoch_load(&current);
}

const struct view_port *view_port_at(const struct view *view, uint32_t slot)
{
	return slot < view->n_slots ? view->slots[slot] : NULL;
}

const struct view_bridge *view_bridge_of(const struct view *view, const struct view_lport *lport)
{
	return view->bridges[lport->bridge];
}

const struct view_port *view_find_port(const struct view_bridge *bridge, uint32_t number)
{
	unsigned low = 0, high = bridge->n_ports;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (bridge->ports[middle]->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < bridge->n_ports && bridge->ports[low]->number == number)
		return bridge->ports[low];
	return NULL;
}

const struct view_port *view_find_port_named(const struct view_bridge *bridge, const char *name)
{
	for (unsigned i = 0; i < bridge->n_ports; i++)
		if (!strcmp(bridge->ports[i]->name, name))
			return bridge->ports[i];
	return NULL;
}

const struct view_lport *view_find_lport(const struct view_bridge *bridge, uint32_t id)
{
	unsigned low = 0, high = bridge->n_lports;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (bridge->lports[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < bridge->n_lports && bridge->lports[low]->id == id)
		return bridge->lports[low];
	return NULL;
}

bool view_vlans_have(const uint64_t *vlans, uint16_t vlan)
{
	return !vlans || vlans[vlan / 64] >> vlan % 64 & 1;
}

bool view_lport_carries(const struct view_lport *lport, uint16_t vlan)
{
	switch (lport->vlan_mode) {
	case VLAN_MODE_ACCESS:
	case VLAN_MODE_DOT1Q_TUNNEL:
		return vlan == lport->tag;
	case VLAN_MODE_NATIVE_TAGGED:
	case VLAN_MODE_NATIVE_UNTAGGED:
		/* What is in no VLAN would come out as if it were in the native one. */
		return vlan == lport->tag || (vlan && view_vlans_have(lport->trunks, vlan));
	case VLAN_MODE_TRUNK:
		break;
	}
	return view_vlans_have(lport->trunks, vlan);
}

void view_lport_vlans(const struct view_lport *lport, uint64_t vlans[4096 / 64])
{
	memset(vlans, 0, 4096 / 8);
	for (unsigned vlan = 0; vlan < 4096; vlan++)
		if (view_lport_carries(lport, vlan))
			vlans[vlan / 64] |= 1ULL << vlan % 64;
}

static void free_view(void *view)
{
	if (view != &empty)
		free(view);
}

void view_retire(void *obj, epoch_free_fn *free_fn)
{
	if (!obj)
		return;
	struct retired *one = XNEW(struct retired);

	*one = (struct retired){obj, free_fn, retired};
	retired = one;
}

void view_publish(struct view *take_view)
{
	struct view *old = current;

	epoch_store(&current, take_view);
	epoch_free(old, free_view);
	while (retired) {
		struct retired *one = retired;

		retired = one->next;
		epoch_free(one->obj, one->free_fn);
		free(one);
	}
}

struct view *view_new(uint32_t n_slots)
{
	struct view *view = xcalloc(1, sizeof(*view) + n_slots * sizeof(view->slots[0]));

	view->n_slots = n_slots;
	return view;
}

static int by_number(const void *a_, const void *b_)
{
	const struct view_port *a = *(const struct view_port *const *)a_;
	const struct view_port *b = *(const struct view_port *const *)b_;

	return a->number < b->number ? -1 : a->number > b->number;
}

static int by_id(const void *a_, const void *b_)
{
	const struct view_lport *a = *(const struct view_lport *const *)a_;
	const struct view_lport *b = *(const struct view_lport *const *)b_;

	return a->id < b->id ? -1 : a->id > b->id;
}

void view_bridge_index(struct view_bridge *bridge)
{
	if (bridge->n_ports)
		qsort(bridge->ports, bridge->n_ports, sizeof(bridge->ports[0]), by_number);
	if (bridge->n_lports)
		qsort(bridge->lports, bridge->n_lports, sizeof(bridge->lports[0]), by_id);
}

void view_bridge_free(void *bridge_)
{
	struct view_bridge *bridge = bridge_;

	if (!bridge)
		return;
	free(bridge->ports);
	free(bridge->lports);
	l2_view_free(bridge->l2);
	free(bridge);
}

void view_lport_free(void *lport_)
{
	struct view_lport *lport = lport_;

	if (!lport)
		return;
	free(lport->trunks);
	free(lport->cvlans);
	free(lport->guard);
	free(lport);
}
