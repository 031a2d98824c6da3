/* SPDX-License-Identifier: Apache-2.0 */

/* Queues: which of a port's queues the packet will use.  */

#include "lib/flow/names.h"
#include "ofproto/actions/output.h"
#include "ofproto/actions/room.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/enqueue.h"
#include "ofproto/xlate/xlate.h"

/* Numbers as OVS gives them to packets: the handle of a class, so that no queue is 0. */
static be32 priority_of(uint32_t queue)
{
	const uint32_t major = 0x10000;

	return be32_from(major | (queue + 1));
}

static void use(struct xlate *x, be32 priority)
{
	const be32 all = UINT32_MAX;

	xlate_write(x, offsetof(struct key, extra.skb_priority), &priority, &all, sizeof(all));
}

static void set_queue(struct xlate *x, const void *args)
{
	use(x, priority_of((uint32_t)((const struct action_value *)args)->value));
}

static void pop_queue(struct xlate *x, const void *args)
{
	use(x, x->packet->extra.skb_priority);
}

static void enqueue(struct xlate *x, const void *args)
{
	const struct action_enqueue *enqueue = args;
	be32 before = x->key.extra.skb_priority;

	use(x, priority_of(enqueue->queue));
	output_to(x, enqueue->port, UINT16_MAX);
	use(x, before);
}

ACTION_ROOM_WITH(set_queue, set_queue, ACTION_ROOM_BLIND);
ACTION_ROOM_WITH(pop_queue, pop_queue, ACTION_ROOM_BLIND);
ACTION_ROOM_WITH(enqueue, enqueue, ACTION_ROOM_BLIND);
