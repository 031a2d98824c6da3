/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/watch.h"

#include "ofproto/keeper/book.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/view.h"

static CDS_LIST_HEAD(watches); /* the keeper's */

/* The keeper. */

static void go_home(struct letter *letter)
{
	struct watch *watch = container_of(letter, struct watch, letter);

	/* Else the other letter comes behind this one. */
	if (!watch->cancelled)
		watch->done(watch);
}

static void cancel_goes_home(struct letter *letter)
{
	struct watch *watch = container_of(letter, struct watch, cancel);

	watch->done(watch);
}

static void send_home(struct watch *watch)
{
	cds_list_del(&watch->node);
	watch->waits = false;
	watch->letter.open = go_home;
	keeper_tell_main(&watch->letter);
}

bool watch_is_waiting(void)
{
	return !cds_list_empty(&watches);
}

static bool is_of_bridge(const struct watch *watch, const struct key *packet)
{
	const struct view_port *port = view_port_at(view_get(), packet->base.in_port);

	return port && port->lport->bridge == watch->bridge;
}

static struct watch *watch_at(struct cds_list_head *node)
{
	return container_of(node, struct watch, node);
}

void watch_see(const struct key *packet)
{
	struct cds_list_head *node, *next;

	cds_list_for_each_safe(node, next, &watches) {
		struct watch *watch = watch_at(node);

		if (!key_equal_masked(packet, &watch->key, &watch->mask) ||
		    !is_of_bridge(watch, packet))
			continue;
		watch->seen = true;
		watch->packet = *packet;
		send_home(watch);
	}
}

bool watch_forbids(const struct key *key, const struct key *mask)
{
	struct cds_list_head *node;
	struct key both;

	cds_list_for_each(node, &watches) {
		const struct watch *watch = watch_at(node);

		key_apply_mask(&both, &watch->mask, mask);
		if (key_equal_masked(key, &watch->key, &both))
			return true;
	}
	return false;
}

void watch_end(void)
{
	struct cds_list_head *node, *next;

	cds_list_for_each_safe(node, next, &watches)
		send_home(watch_at(node));
}

static void arrive(struct letter *letter)
{
	struct watch *watch = container_of(letter, struct watch, letter);

	watch->waits = true;
	cds_list_add_tail(&watch->node, &watches);
	book_drop_forbidden();
}

static void give_up(struct letter *letter)
{
	struct watch *watch = container_of(letter, struct watch, cancel);

	if (watch->waits)
		cds_list_del(&watch->node);
	watch->waits = false;
	letter->open = cancel_goes_home;
	keeper_tell_main(letter);
}

/* Main thread. */

void watch_post(struct watch *watch)
{
	watch->letter.open = arrive;
	watch->waits = watch->seen = watch->cancelled = false;
	keeper_tell(&watch->letter);
}

void watch_cancel(struct watch *watch)
{
	watch->cancelled = true;
	watch->cancel.open = give_up;
	keeper_tell(&watch->cancel);
}
