/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A worker without a thread, and frames for its ops, for fuzz targets.  */

#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/capture/take.h"
#include "datapath/datapath.h"
#include "datapath/fast/execute.h"
#include "datapath/pool.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "tests/fuzz/fuzz.h"

enum {
	FRAME_MIN = 14,
	FRAME_MAX = 2000,
	IN_PORT = 1,
};

static struct worker *fuzz_worker;

static inline void fuzz_start_worker(void)
{
	struct datapath_config config = {.memory_mb = 128, .no_hugepages = true};
	const struct exact_config exact = {.entries = 1};
	static struct exact_cache *cache;
	struct errbuf err;

	epoch_register();
	if (datapath_start(&config, &err))
		abort();
	fuzz_worker = aligned_alloc(CACHE_LINE, sizeof(*fuzz_worker));
	if (!fuzz_worker)
		abort();
	memset(fuzz_worker, 0, sizeof(*fuzz_worker));
	cache = exact_new(&exact, NULL);
	fuzz_worker->exact = *cache;
	fuzz_worker->drops = drops_of_worker(0);
	fuzz_worker->port_counters = ports_counters(0);
	fuzz_worker->pool = pool_default();
	capture_init(fuzz_worker);
}

static inline void fuzz_forget(void *bytes, void *shared)
{
	free(shared);
}

/* At the very end of heap memory, so that the sanitizer sees what is touched behind it. */
static inline struct rte_mbuf *fuzz_frame(const uint8_t *data, size_t size)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(fuzz_worker->pool);
	struct rte_mbuf_ext_shared_info *shared =
		malloc(sizeof(*shared) + RTE_PKTMBUF_HEADROOM + size);

	if (!pkt || !shared)
		abort();
	shared->free_cb = fuzz_forget;
	shared->fcb_opaque = shared;
	shared->refcnt = 1;
	rte_pktmbuf_attach_extbuf(
		pkt, shared + 1, 0, (uint16_t)(RTE_PKTMBUF_HEADROOM + size), shared
	);
	pkt->data_off = RTE_PKTMBUF_HEADROOM;
	pkt->data_len = (uint16_t)size;
	pkt->pkt_len = (uint32_t)size;
	pkt->port = IN_PORT;
	memcpy(rte_pktmbuf_mtod(pkt, uint8_t *), data, size);
	return pkt;
}

static inline bool fuzz_parse(struct rte_mbuf *pkt)
{
	struct batch batch = {.n = 1, .pkts = {pkt}};

	parse_batch(fuzz_worker, &batch);
	return execute_set_meta(fuzz_worker, 0, pkt);
}

/* Its segments are where their buffers are, and as many and as long as it says. */
static inline void fuzz_check(const struct rte_mbuf *pkt)
{
	uint32_t length = 0;
	uint16_t n = 0;

	for (const struct rte_mbuf *at = pkt; at; at = at->next, n++) {
		length += at->data_len;
		if (at->data_off + at->data_len > at->buf_len)
			abort();
	}
	if (n != pkt->nb_segs || length != pkt->pkt_len)
		abort();
}
