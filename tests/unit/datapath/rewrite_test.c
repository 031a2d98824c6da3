/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_ip.h>
#include <rte_mbuf.h>

#include "datapath/capture/take.h"
#include "datapath/fast/execute.h"
#include "datapath/fast/parse.h"
#include "datapath/ops/dec_ttl.h"
#include "datapath/ops/push_vlan.h"
#include "datapath/program_priv.h"
#include "datapath/worker_priv.h"
#include "lib/xmalloc.h"
#include "tests/unit/datapath/fixture.h"

enum {
	ROUNDS = 3000,
	LENGTH = 80,
};

static struct worker *worker;
static struct exact_cache *cache;

static struct rte_mbuf *packet_of(const uint8_t *frame)
{
	struct rte_mbuf *pkt = fixture_packet();

	assert_non_null(pkt);
	memcpy(rte_pktmbuf_append(pkt, LENGTH), frame, LENGTH);
	pkt->port = 1;
	return pkt;
}

static uint32_t some(uint32_t mask)
{
	return rand() % 3 ? 0 : rand() % 2 ? mask : rand() & mask;
}

/* IPv4, sometimes IPv6 or something else, with TCP or UDP or something else. */
static void make_frame(uint8_t *frame)
{
	static const uint8_t protos[] = {6, 17, 17, 6, 1, 132};
	struct rte_ipv4_hdr *ip = (void *)(frame + 14);
	uint8_t *l4 = (uint8_t *)(ip + 1);

	for (unsigned i = 0; i < LENGTH; i++)
		frame[i] = rand();
	memcpy(frame + 12, rand() % 8 ? "\x08\x00" : "\x86\xdd", 2);
	ip->version_ihl = frame[12] == 8 ? 0x45 : 0x60;
	if (frame[12] != 8)
		return;
	ip->total_length = be16_from(LENGTH - 14);
	ip->fragment_offset = rand() % 10 ? 0 : be16_from(0x2000 | rand() % 20);
	ip->next_proto_id = protos[rand() % ARRAY_LENGTH(protos)];
	ip->time_to_live = rand() % 8;
	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	if (ip->next_proto_id == 17 && rand() % 3 == 0)
		memset(l4 + 6, 0, 2);
}

static void add_set_eth(struct program_builder *b)
{
	struct op_set_eth *set = program_add(b, &op_set_eth);
	uint8_t *value = (uint8_t *)set;
	uint8_t *mask = value + 2 * sizeof(struct mac);

	for (unsigned i = 0; i < 2 * sizeof(struct mac); i++) {
		mask[i] = some(0xff);
		value[i] = rand() & mask[i];
	}
}

static void add_set_ipv4(struct program_builder *b)
{
	struct op_set_ipv4 *set = program_add(b, &op_set_ipv4);

	set->src_mask = some(UINT32_MAX);
	set->dst_mask = some(UINT32_MAX);
	set->tos_mask = some(0xff);
	set->ttl_mask = some(0xff);
	set->src = rand() & set->src_mask;
	set->dst = rand() & set->dst_mask;
	set->tos = rand() & set->tos_mask;
	set->ttl = rand() & set->ttl_mask;
}

static struct program *make_program(void)
{
	struct program_builder b;
	unsigned n = 2 + rand() % 4;

	program_begin(&b);
	for (unsigned i = 0; i < n; i++) {
		if (rand() % 4 == 0)
			program_add(&b, &op_dec_ttl);
		else if (rand() % 2)
			add_set_eth(&b);
		else
			add_set_ipv4(&b);
	}
	program_add_output(&b, 1);
	return program_intern(&b);
}

/* Returns false if the ops dropped it. */
static bool run_each(const struct program *program, struct rte_mbuf *pkt)
{
	uint16_t n = 1;

	assert_true(execute_set_meta(worker, 0, pkt));
	for (unsigned i = 0; i < program->rewrite.n_ops && n; i++)
		n = program->ops[i].run(worker, program->ops[i].args, &pkt, 1);
	return n;
}

static void test_rewrite_does_what_its_ops_do(void **state)
{
	uint8_t frame[LENGTH];
	unsigned n_rewritten = 0;

	srand(1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct program *program = make_program();
		struct batch batch = {.n = 1};
		uint8_t place = 0;

		make_frame(frame);
		struct rte_mbuf *a = packet_of(frame), *b = packet_of(frame);

		batch.pkts[0] = b;
		parse_batch(worker, &batch);
		if (program->rewrites) {
			bool stays = run_each(program, a);

			n_rewritten++;
			assert_int_equal(
				rewrite_run(worker, &program->rewrite, &b, &place, 1), stays
			);
			if (stays) {
				assert_memory_equal(
					rte_pktmbuf_mtod(a, void *),
					rte_pktmbuf_mtod(b, void *),
					LENGTH
				);
				rte_pktmbuf_free(a);
				rte_pktmbuf_free(b);
			}
		} else {
			rte_pktmbuf_free(a);
			rte_pktmbuf_free(b);
		}
		program_unref(program);
	}
	assert_true(n_rewritten > ROUNDS / 2);
}

static void test_rewrite_leaves_out_what_it_cannot_express(void **state)
{
	struct program_builder b;

	program_begin(&b);
	program_add(&b, &op_dec_ttl);
	program_add(&b, &op_dec_ttl);
	program_add_output(&b, 1);
	struct program *twice = program_intern(&b);

	assert_false(twice->rewrites);
	program_begin(&b);
	add_set_eth(&b);
	add_set_ipv4(&b);
	program_add(&b, &op_push_vlan);
	program_add_output(&b, 1);
	struct program *tagged = program_intern(&b);

	assert_true(tagged->rewrites);
	assert_int_equal(tagged->rewrite.n_ops, 2);
	program_begin(&b);
	add_set_eth(&b);
	add_set_ipv4(&b);
	program_add(&b, &op_push_vlan);
	program_add(&b, &op_dec_ttl);
	program_add_output(&b, 1);
	struct program *late = program_intern(&b);

	assert_false(late->rewrites);
	program_unref(twice);
	program_unref(tagged);
	program_unref(late);
}

static int start(void **state)
{
	int error = fixture_start(state);

	worker = xalloc_aligned(CACHE_LINE, sizeof(*worker));
	cache = exact_new(&(const struct exact_config){.entries = 1}, NULL);
	worker->exact = *cache;
	worker->drops = drops_of_worker(0);
	capture_init(worker);
	return error;
}

static int stop(void **state)
{
	exact_free(cache, NULL);
	free(worker);
	return fixture_stop(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rewrite_does_what_its_ops_do),
		cmocka_unit_test(test_rewrite_leaves_out_what_it_cannot_express),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
