/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a packet: both parsers read them without leaving them, and say the same.  */

#include <stdlib.h>
#include <string.h>

#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/fast/parse.h"
#include "datapath/worker_priv.h"
#include "lib/types.h"
#include "lib/xmalloc.h"
#include "tests/fuzz/fuzz.h"

enum {
	FRAME_MIN = 14,
	FRAME_MAX = 9000
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct worker *worker;
	static struct exact_cache *cache;
	const struct exact_config config = {.entries = 1};
	struct rte_mbuf pkt = {.nb_segs = 1};
	struct batch batch = {.n = 1, .pkts = {&pkt}};
	struct key by_frame, by_batch;

	if (size < FRAME_MIN || size > FRAME_MAX)
		return 0;
	if (!worker) {
		worker = xalloc_aligned(CACHE_LINE, sizeof(*worker));
		cache = exact_new(&config, NULL);
		worker->exact = *cache;
	}
	/* At the very end of heap memory, so that the sanitizer sees what is read behind it. */
	uint8_t *bytes = malloc(size);

	memcpy(bytes, data, size);
	pkt.buf_addr = bytes;
	pkt.data_len = size;
	pkt.pkt_len = size;
	if (parse_frame(bytes, size, size, 0, &by_frame))
		abort();
	parse_batch(worker, &batch);
	keys_get(&worker->keys, 0, &by_batch);
	if (memcmp(&by_frame, &by_batch, sizeof(by_frame)))
		abort();
	free(bytes);
	return 0;
}
