/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/capture/take.h"

#include <string.h>
#include <time.h>

#include <rte_mbuf.h>

#include "datapath/capture/capture.h"
#include "datapath/capture/remains.h"
#include "datapath/fast/parse.h"
#include "datapath/worker_priv.h"

#include "datapath/fast/fast.h"

const struct capture_list *capture_mourners;

static bool is_wanted(const struct capture *capture, const struct captured *about)
{
	const struct capture_config *config = &capture->config;

	if (!(config->ways & about->way) || capture_reached(capture, CAPTURE_ENOUGH))
		return false;
	if (about->way != CAPTURE_DROPPED)
		return true; /* the port has this list */
	if (config->reason && config->reason != about->reason)
		return false;
	/* What is flooded to devices that are down, or guests that are off, would hide all else. */
	if (!strcmp(config->port, "any"))
		return config->reason || !about->refused;
	const struct port *port = epoch_load(&ports_by_id[about->port % PORT_IDS]);

	return port && !strcmp(port->name, config->port);
}

/* Headers that do not stand in the first piece are not looked at. */
static bool passes(const struct capture *capture, const struct rte_mbuf *pkt)
{
	const void *bytes = rte_pktmbuf_mtod(pkt, const void *);
	struct key key;

	if (!capture->config.filters)
		return true;
	return !parse_frame(bytes, pkt->data_len, pkt->pkt_len, 0, &key) &&
		key_equal_masked(&key, &capture->config.key, &capture->config.mask);
}

static __attribute__((noinline)) void take_for(
	struct capture *capture,
	struct worker *worker,
	struct captured *about,
	struct rte_mbuf *const *pkts,
	uint16_t n
)
{
	struct capture_ring *ring = capture->rings[worker->index];
	uint32_t snaplen = capture->config.snaplen;

	for (uint16_t i = 0; i < n; i++) {
		if (!passes(capture, pkts[i]))
			continue;
		about->total = pkts[i]->pkt_len;
		about->length = about->total < snaplen ? about->total : snaplen;
		capture_ring_add(ring, about, pkts[i]);
	}
}

void capture_take(
	const struct capture_list *list,
	struct worker *worker,
	const struct captured *about,
	struct rte_mbuf *const *pkts,
	uint16_t n
)
{
	struct captured one = *about;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	one.ns = now.tv_sec * 1000000000ULL + now.tv_nsec;
	for (unsigned i = 0; i < list->n; i++)
		if (is_wanted(list->captures[i], &one))
			take_for(list->captures[i], worker, &one, pkts, n);
}

void capture_init(struct worker *worker)
{
	worker->remains = remains_of_worker(worker->index);
}

static void
mourn(struct worker *worker, const struct captured *about, struct rte_mbuf *const *pkts, uint16_t n)
{
	const struct capture_list *list = epoch_load(&capture_mourners);

	if (!n)
		return;
	remains_keep(worker->remains, about->port, about->reason, pkts[0], worker->now_ms);
	if (unlikely(list))
		capture_take(list, worker, about, pkts, n);
}

void capture_deaths(
	struct worker *worker,
	uint16_t port_id,
	struct rte_mbuf *const *pkts,
	uint16_t n,
	const struct drop_reason *reason
)
{
	const struct captured about = {.port = port_id, .way = CAPTURE_DROPPED, .reason = reason};

	mourn(worker, &about, pkts, n);
}

void capture_refused(
	struct worker *worker,
	uint16_t port_id,
	struct rte_mbuf *const *pkts,
	uint16_t n,
	const struct drop_reason *reason
)
{
	const struct captured about = {
		.port = port_id, .way = CAPTURE_DROPPED, .refused = true, .reason = reason};

	mourn(worker, &about, pkts, n);
}
