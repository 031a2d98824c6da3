/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/conn/packet_queue.h"

#include <stdlib.h>
#include <string.h>

#include <urcu/list.h>
#include <uv.h>

#include "lib/xmalloc.h"
#include "ofproto/conn/conn.h"
#include "ofproto/conn/controllers.h"

enum {
	TURN_MS = 10
};

struct waiting {
	struct waiting *next;
	size_t n;
	uint8_t bytes[];
};

struct lane {
	struct cds_list_head in_queue;
	struct waiting *first, **last; /* may be none: a port that sent once may send again */
	uint32_t port;
	unsigned n;
};

struct packet_queue {
	uv_timer_t timer;
	struct conn *conn;
	struct cds_list_head lanes; /* the next one to send comes first */
	unsigned n;
};

bool packet_queue_waits(const struct packet_queue *queue)
{
	return queue && queue->n;
}

/* Takes the oldest packet of the lane, which has one. The caller frees it. */
static struct waiting *take(struct packet_queue *queue, struct lane *lane)
{
	struct waiting *packet = lane->first;

	lane->first = packet->next;
	if (!lane->first)
		lane->last = &lane->first;
	queue->n--;
	lane->n--;
	return packet;
}

static void send_next(struct packet_queue *queue)
{
	struct lane *lane;

	cds_list_for_each_entry(lane, &queue->lanes, in_queue) {
		if (!lane->n)
			continue;
		struct waiting *packet = take(queue, lane);

		wire_put(&queue->conn->out, packet->bytes, packet->n);
		free(packet);
		/* Its next turn comes after all others'. */
		cds_list_del(&lane->in_queue);
		cds_list_add_tail(&lane->in_queue, &queue->lanes);
		return;
	}
}

static void on_turn(uv_timer_t *timer)
{
	struct packet_queue *queue = timer->data;

	while (queue->n && controllers_spend(queue->conn->controller))
		send_next(queue);
	conn_flush(queue->conn);
	if (!queue->n)
		uv_timer_stop(timer);
}

static struct packet_queue *queue_new(struct conn *conn)
{
	struct packet_queue *queue = XNEW(struct packet_queue);

	queue->conn = conn;
	CDS_INIT_LIST_HEAD(&queue->lanes);
	uv_timer_init(uv_default_loop(), &queue->timer);
	uv_unref((uv_handle_t *)&queue->timer);
	queue->timer.data = queue;
	return queue;
}

static struct lane *lane_of(struct packet_queue *queue, uint32_t port)
{
	struct lane *lane;

	cds_list_for_each_entry(lane, &queue->lanes, in_queue)
		if (lane->port == port)
			return lane;
	lane = XNEW(struct lane);
	lane->port = port;
	lane->last = &lane->first;
	cds_list_add_tail(&lane->in_queue, &queue->lanes);
	return lane;
}

static void drop_one(struct packet_queue *queue)
{
	struct lane *lane, *longest = NULL;

	cds_list_for_each_entry(lane, &queue->lanes, in_queue)
		if (!longest || lane->n > longest->n)
			longest = lane;
	if (longest && longest->n)
		free(take(queue, longest));
}

void packet_queue_put(struct conn *conn, uint32_t port, size_t start, unsigned max)
{
	size_t n = conn->out.n - start;
	struct waiting *packet = xmalloc(sizeof(*packet) + n);
	struct lane *lane;

	if (!conn->packets)
		conn->packets = queue_new(conn);
	packet->next = NULL;
	packet->n = n;
	memcpy(packet->bytes, conn->out.data + start, n);
	conn->out.n = start;
	lane = lane_of(conn->packets, port);
	*lane->last = packet;
	lane->last = &packet->next;
	lane->n++;
	conn->packets->n++;
	if (conn->packets->n > max)
		drop_one(conn->packets);
	if (!uv_is_active((uv_handle_t *)&conn->packets->timer))
		uv_timer_start(&conn->packets->timer, on_turn, TURN_MS, TURN_MS);
}

static void on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

void packet_queue_free(struct packet_queue *queue)
{
	struct lane *lane, *next;

	if (!queue)
		return;
	cds_list_for_each_entry_safe(lane, next, &queue->lanes, in_queue) {
		while (lane->first)
			free(take(queue, lane));
		free(lane);
	}
	uv_close((uv_handle_t *)&queue->timer, on_closed);
}
