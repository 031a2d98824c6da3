/* SPDX-License-Identifier: Apache-2.0 */

/* Any frame, taken for one that came through a tunnel of each kind.  */

#include <netinet/in.h>

#include "datapath/ops/decap.h"
#include "datapath/tunnel/tunnel.h"
#include "tests/fuzz/worker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		uint8_t proto;
		uint16_t port;
	} kinds[] = {{IPPROTO_UDP, 4789}, {IPPROTO_UDP, 6081}, {IPPROTO_GRE, 0}};

	if (!fuzz_worker)
		fuzz_start_worker();
	if (size < FRAME_MIN || size > FRAME_MAX)
		return 0;
	for (unsigned i = 0; i < ARRAY_LENGTH(kinds); i++) {
		struct op_decap args = {
			.type = tunnel_find(kinds[i].proto, be16_from(kinds[i].port))};
		struct rte_mbuf *pkt = fuzz_frame(data, size);

		if (!args.type || !fuzz_parse(pkt)) {
			rte_pktmbuf_free(pkt);
			continue;
		}
		/* No tunnel is open: it is dropped in the end, for one reason or another. */
		if (op_decap.run(fuzz_worker, &args, &pkt, 1))
			abort();
	}
	return 0;
}
