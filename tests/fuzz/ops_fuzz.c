/* SPDX-License-Identifier: Apache-2.0 */

/* Any ops with any arguments on any frame: what is not what an op is for is left alone, and nothing
 * outside of the frame is touched.
 *
 * The input is a few ops (a byte to choose, then arguments) and a frame behind a byte of zero.  */

#include <stdlib.h>
#include <string.h>

#include "datapath/ops/push_mpls.h"
#include "datapath/ops/push_pbb.h"
#include "datapath/ops/push_vlan.h"
#include "datapath/program.h"
#include "tests/fuzz/worker.h"

enum {
	ARGS_MAX = 256,
	OPS_MOST = 4,
};

/* Those whose arguments are values. The others point to what a switch has. */
static const char *const names[] = {
	"copy_ttl",
	"dec_ttl",
	"pop_mpls",
	"pop_pbb",
	"pop_vlan",
	"push_mpls",
	"push_pbb",
	"push_vlan",
	"set_arp",
	"set_eth",
	"set_ipv4",
	"set_ipv6",
	"set_l4",
	"set_mpls",
	"set_nd",
	"set_pbb",
	"set_proto",
	"set_type",
	"set_vlan"};

/* Behind these a translation has the packet parsed anew before it goes on (recirc). */
static const char *const parsed_anew[] = {
	"pop_mpls", "pop_pbb", "push_pbb", "set_proto", "set_type"};

static const struct op_type *chosen[32];
static unsigned n_chosen;
static const struct op_type *op_find(const char *name)
{
	REGISTRY_FOREACH(op_type, type)
		if (!strcmp(type->name, name))
			return type;
	return NULL;
}

static void start(void)
{
	fuzz_start_worker();
	for (unsigned i = 0; i < ARRAY_LENGTH(names); i++)
		if (op_find(names[i]))
			chosen[n_chosen++] = op_find(names[i]);
}

/* Arguments that a translation gives are among those that there are. */
static void correct(const struct op_type *type, uint8_t *args)
{
	struct op_push_mpls *mpls = (void *)args;
	struct op_push_vlan *vlan = (void *)args;
	struct op_push_pbb *pbb = (void *)args;

	if (type == &op_push_mpls)
		mpls->eth_type = be16_from(mpls->zero & 1 ? 0x8847 : 0x8848);
	else if (type == &op_push_vlan)
		vlan->tpid = be16_from(args[0] & 1 ? 0x8100 : 0x88a8);
	else if (type == &op_push_pbb)
		pbb->eth_type = be16_from(0x88e7);
}

static bool is_parsed_anew(const struct op_type *type)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(parsed_anew); i++)
		if (!strcmp(type->name, parsed_anew[i]))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct op_type *ops[OPS_MOST];
	alignas(8) uint8_t args[OPS_MOST][ARGS_MAX] = {0};
	unsigned n = 0;

	if (!fuzz_worker)
		start();
	while (size && *data && n < OPS_MOST) {
		const struct op_type *type = chosen[*data % n_chosen];

		if (type->size > ARGS_MAX || size < 1U + type->size)
			return 0;
		memcpy(args[n], data + 1, type->size);
		correct(type, args[n]);
		ops[n++] = type;
		data += 1 + type->size;
		size -= 1 + type->size;
	}
	if (size < 1 + FRAME_MIN || size > FRAME_MAX)
		return 0;
	struct rte_mbuf *pkt = fuzz_frame(data + 1, size - 1);
	bool is_left = fuzz_parse(pkt);

	for (unsigned i = 0; i < n && is_left; i++) {
		is_left = ops[i]->run(fuzz_worker, args[i], &pkt, 1);
		if (!is_left)
			break;
		fuzz_check(pkt);
		is_left = !is_parsed_anew(ops[i]) || fuzz_parse(pkt);
	}
	if (is_left)
		rte_pktmbuf_free(pkt);
	return 0;
}
