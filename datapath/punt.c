/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/punt.h"

#include <stdlib.h>
#include <string.h>

#include <rte_mbuf.h>
#include <uv.h>

#include "datapath/fast/meta.h"
#include "datapath/fast/parse.h"
#include "datapath/packet/packet.h"
#include "datapath/packet/ring.h"
#include "datapath/port.h"
#include "datapath/worker_priv.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	PUNTS = 2048,
	INJECTIONS = 2 * PUNT_INJECTIONS, /* places: two for each packet */
	AT_ONCE = 256, /* then the loop does something else */
};

struct punt_line {
	struct rte_ring *ring;
	void (*wake)(void);
	/* Workers add, the thread at the end takes off: packets of each port that wait in the ring. */
	uint16_t of_ports[PORT_IDS];
	uint8_t packet[PACKET_MAX];
	alignas(8) uint8_t about[sizeof(struct punt_head) + PUNT_MORE_MAX];
};

static struct punt_line *main_line;
static struct rte_ring *injections;
static uv_async_t async;
static bool running;

static struct rte_ring *ring_new(const char *name, unsigned size, unsigned flags)
{
	struct rte_ring *ring = xalloc_aligned(CACHE_LINE, rte_ring_get_memsize(size));

	ring_init(ring, name, size, flags);
	return ring;
}

static uint16_t *count_of(struct punt_line *line, const struct rte_mbuf *punt)
{
	return &line->of_ports[punt->port % PORT_IDS];
}

static struct rte_mbuf *line_take(struct punt_line *line)
{
	void *punt;

	if (!ring_take(line->ring, &punt, 1))
		return NULL;
	__atomic_fetch_sub(count_of(line, punt), 1, __ATOMIC_RELAXED);
	return punt;
}

/* A port may have as many places as it leaves free, so that whatever one port floods the line with,
 * there is room for what comes from others. */
static bool line_put(struct punt_line *line, struct rte_mbuf *punt)
{
	uint16_t *count = count_of(line, punt);
	uint16_t before = __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);

	if (before < rte_ring_free_count(line->ring) &&
	    ring_add(line->ring, (void *const *)&punt, 1))
		return true;
	__atomic_fetch_sub(count, 1, __ATOMIC_RELAXED);
	return false;
}

static void deliver(struct punt_line *line, struct rte_mbuf *punt)
{
	const struct punt_head *head = (const struct punt_head *)line->about;
	/* The first buffer has nothing else. */
	uint32_t skip = punt->data_len;
	uint32_t n = punt->pkt_len - skip;

	memcpy(line->about, rte_pktmbuf_mtod(punt, const uint8_t *), skip);
	if (n <= sizeof(line->packet)) {
		const uint8_t *packet = rte_pktmbuf_read(punt, skip, n, line->packet);

		head->to->receive(head->note, packet, n, head->total);
	}
	rte_pktmbuf_free(punt);
}

unsigned punt_line_deliver(struct punt_line *line)
{
	struct rte_mbuf *punt;
	unsigned n = 0;

	while (n < AT_ONCE && (punt = line_take(line))) {
		deliver(line, punt);
		n++;
	}
	return n;
}

struct punt_line *punt_line_new(const char *name, void (*wake)(void))
{
	struct punt_line *line = XNEW(struct punt_line);

	line->ring = ring_new(name, PUNTS, RING_F_SC_DEQ);
	line->wake = wake;
	return line;
}

static void line_empty(struct punt_line *line)
{
	struct rte_mbuf *punt;

	while ((punt = line_take(line)))
		rte_pktmbuf_free(punt);
}

void punt_line_free(struct punt_line *line)
{
	if (!line)
		return;
	line_empty(line);
	free(line->ring);
	free(line);
}

static void wake_main(void)
{
	uv_async_send(&async);
}

static void on_async(uv_async_t *unused)
{
	if (punt_line_deliver(main_line) == AT_ONCE)
		wake_main();
}

void punts_start(void)
{
	if (!injections) {
		main_line = punt_line_new("punts", wake_main);
		injections = ring_new("injections", INJECTIONS, RING_F_SC_DEQ);
	}
	uv_async_init(uv_default_loop(), &async, on_async);
	uv_unref((uv_handle_t *)&async);
	__atomic_store_n(&running, true, __ATOMIC_RELEASE);
}

void punts_stop(void)
{
	if (!running)
		return;
	__atomic_store_n(&running, false, __ATOMIC_RELEASE);
	uv_close((uv_handle_t *)&async, NULL);
	line_empty(main_line);
}

int punt_parse(const void *packet, uint32_t n, uint32_t in_port, struct key *key)
{
	return parse_frame(packet, n, n, in_port, key);
}

bool punt_inject(const void *packet, uint32_t n, uint16_t port_id, struct program *program)
{
	struct rte_mbuf *mbuf = packet_new(packet, n);

	if (!mbuf)
		return false;
	void *both[2] = {mbuf, program};

	mbuf->port = port_id;
	/* If it is looked up again, as from a tunnel, nothing is known of outer headers. */
	memset(meta_of(mbuf), 0, sizeof(struct meta));
	TSAN_RELEASE(injections);
	if (!rte_ring_mp_rts_enqueue_bulk(injections, both, 2, NULL)) {
		rte_pktmbuf_free(mbuf);
		return false;
	}
	worker_wake(0);
	return true;
}

uint32_t punt_injected(void)
{
	return ring_end(injections);
}

bool punt_has_passed(uint32_t injected)
{
	return (int32_t)(__atomic_load_n(&injections->cons.tail, __ATOMIC_ACQUIRE) - injected) >= 0;
}

bool punt_send(struct rte_mbuf *take_packet)
{
	const struct punt_head *head = rte_pktmbuf_mtod(take_packet, const struct punt_head *);
	struct punt_line *line = head->to->line ? head->to->line : main_line;

	if (!__atomic_load_n(&running, __ATOMIC_ACQUIRE) || !line_put(line, take_packet))
		return false;
	line->wake();
	return true;
}

bool punts_wait(void)
{
	return injections && !rte_ring_empty(injections);
}

struct rte_mbuf *punt_take(const struct program **program)
{
	void *both[2];

	if (!rte_ring_sc_dequeue_bulk(injections, both, 2, NULL))
		return NULL;
	TSAN_ACQUIRE(injections);
	*program = both[1];
	return both[0];
}
