/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/lane.h"

#include <smmintrin.h>
#include <stddef.h>
#include <string.h>

#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "datapath/flow_priv.h"
#include "datapath/ops/decap.h"
#include "datapath/ops/packet.h"
#include "datapath/packet/offload.h"
#include "datapath/pages.h"
#include "datapath/port.h"
#include "datapath/program_priv.h"
#include "datapath/tunnel/outer.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"

#include "datapath/fast/fast.h"

enum {
	LANES = 1024,
	COMPARED = 64, /* bytes of outer headers that can matter */
	TUNNEL_COMPARED = 8, /* of the tunnel's own header, behind UDP's */
	UDP_LENGTH = 4,
	UDP_CHECKSUM = 6,
	IP_TOS = 1,
	IP_LENGTH = 2,
	IP_FRAG = 6,
	IP_TTL = 8,
	IP_PROTO = 9,
	IP_SRC = 12,
	NO_OPTIONS = 0x45, /* version and length of an IPv4 header */
	GRE_VARIES = 0x90, /* flags for a checksum and a number */
	NOT_DF = 0x3fff, /* more fragments, and the offset */
	ECN_AWKWARD = 1, /* set in those of the ECN codes that need a look at the packet inside */
};

struct lane {
	alignas(CACHE_LINE) uint8_t wanted[COMPARED]; /* masked */
	uint8_t mask[COMPARED];
	alignas(16) struct meta meta; /* what is known of all packets that come out */
	uint32_t flow;
	uint32_t live; /* the flow's then; 0: there is no lane */
	uint32_t map; /* version of the tunnels' map */
	uint16_t in_port;
	uint16_t port_id; /* the tunnel's */
	bool udp;
	uint32_t l3, l4, inner; /* where they start */
	uint32_t least; /* bytes that must be readable */
	/* Another length, which says how many bytes there are from somewhere on: UDP's, and IP's again
	 * where there is no UDP. */
	uint32_t length_at, length_from;
};

struct lanes {
	uint8_t ports[PORT_IDS]; /* 1: packets of the port may have a lane */
	struct lane lanes[LANES];
};

struct lanes *lanes_new(void)
{
	return pages_map(sizeof(struct lanes), false);
}

void lanes_free(struct lanes *lanes)
{
	pages_unmap(lanes, sizeof(*lanes));
}

bool lanes_has(const struct lanes *lanes, uint16_t port_id)
{
	return lanes->ports[port_id];
}

/* Where the network header starts if the packet has the shape that lanes are for. */
static inline unsigned find_l3(const uint8_t *packet)
{
	return load16(packet + ETH_SIZE - 2) == be16_from(TYPE_VLAN) ? ETH_SIZE + VLAN_SIZE
								     : ETH_SIZE;
}

static inline struct lane *lane_of(struct lanes *lanes, const uint8_t *packet)
{
	unsigned l3 = find_l3(packet), l4 = l3 + IPV4_SIZE;
	unsigned header = packet[l3 + IP_PROTO] == PROTO_GRE ? l4 : l4 + UDP_SIZE;
	uint64_t hash = load64(packet + l3 + IP_SRC) * 0x9e3779b97f4a7c15ULL;

	hash = (hash ^ load64(packet + header)) * 0xff51afd7ed558ccdULL;
	return &lanes->lanes[hash >> 32 & (LANES - 1)];
}

typedef uint64_t lane_words __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t lane_own_words __attribute__((vector_size(16), may_alias));

/* Long enough, and with nothing left to be done for it. */
static inline bool is_bare(const struct rte_mbuf *pkt, uint32_t least)
{
	const uint64_t pending = RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG |
		RTE_MBUF_F_TX_TUNNEL_MASK | RTE_MBUF_F_RX_VLAN_STRIPPED;

	return pkt->data_len >= least && !(pkt->ol_flags & pending);
}

static inline bool agrees(const struct lane *lane, const uint8_t *packet)
{
	const lane_words *p = (const lane_words *)packet;
	const lane_own_words *w = (const lane_own_words *)lane->wanted;
	const lane_own_words *m = (const lane_own_words *)lane->mask;
	lane_own_words d = ((p[0] & m[0]) ^ w[0]) | ((p[1] & m[1]) ^ w[1]) |
		((p[2] & m[2]) ^ w[2]) | ((p[3] & m[3]) ^ w[3]);

	return _mm_testz_si128((__m128i)d, (__m128i)d);
}

static inline bool is_valid(const struct lane *lane, uint16_t in_port, uint32_t map)
{
	return lane->in_port == in_port && lane->map == map && lane->live &&
		__atomic_load_n(&flows[lane->flow].live, __ATOMIC_ACQUIRE) == lane->live;
}

/* The lane that the packet may have, or NULL. */
static inline const struct lane *
find_lane(const struct worker *worker, const struct rte_mbuf *pkt, uint32_t map)
{
	const struct lane *lane;

	if (unlikely(!is_bare(pkt, COMPARED)))
		return NULL;
	lane = lane_of(worker->lanes, rte_pktmbuf_mtod(pkt, const uint8_t *));
	return is_valid(lane, worker->in_port, map) ? lane : NULL;
}

static inline uint64_t add_around(uint64_t a, uint64_t b)
{
	uint64_t sum = a + b;

	return sum + (sum < b);
}

/* Of an IPv4 header without options. Folded to 16 bits, a sum that is not zero gives all ones; and 2^64
 * leaves 1 as 2^16 does. */
static inline bool checksum_is_right(const uint8_t *ip)
{
	uint64_t sum = add_around(add_around(load64(ip), load64(ip + 8)), load32(ip + 16));

	return sum % UINT16_MAX == 0;
}

/* What differs from packet to packet: lengths, and the header's checksum. */
static inline bool
is_sound(const struct lane *lane, const struct rte_mbuf *pkt, const uint8_t *packet)
{
	uint32_t length = pkt->pkt_len;
	be16 of_ip = be16_from((uint16_t)(length - lane->l3));
	be16 other = be16_from((uint16_t)(length - lane->length_from));

	return length <= UINT16_MAX && load16(packet + lane->l3 + IP_LENGTH) == of_ip &&
		load16(packet + lane->length_at) == other && checksum_is_right(packet + lane->l3);
}

/* How many packets from the first on belong to the lane. What is inside them will be read next. */
static __attribute__((noinline)) uint16_t
count_run(const struct lane *lane, struct rte_mbuf *const *pkts, uint16_t n, uint64_t *bytes)
{
	uint64_t sum = 0;
	unsigned i = 0;

	for (; i < n; i++) {
		const struct rte_mbuf *pkt = pkts[i];
		const uint8_t *packet = rte_pktmbuf_mtod(pkt, const uint8_t *);

		if (unlikely(!is_bare(pkt, lane->least) || !agrees(lane, packet)) ||
		    unlikely(!is_sound(lane, pkt, packet)))
			break;
		rte_prefetch0(packet + COMPARED);
		sum += pkt->pkt_len;
	}
	*bytes = sum;
	return (uint16_t)i;
}

/* Takes them out and queues them. */
static __attribute__((noinline)) void
take(const struct lane *lane, struct rte_mbuf *const *pkts, uint16_t n, struct rte_mbuf **queue)
{
	/* Where stores into packets cannot change it. */
	const __m128i *known = (const __m128i *)&lane->meta;
	const __m128i a = known[0], b = known[1], c = known[2], d = known[3];
	const uint32_t l3 = lane->l3, l4 = lane->l4, inner = lane->inner;
	const uint16_t port_id = lane->port_id;

	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *pkt = pkts[i];
		uint32_t start = pkt->data_off;
		const uint8_t *ip = (const uint8_t *)pkt->buf_addr + start + l3;
		struct meta *meta = meta_of(pkt);
		__m128i *to = (__m128i *)meta;

		to[0] = a;
		to[1] = b;
		to[2] = c;
		to[3] = d;
		meta->outer_l3 = (uint16_t)(start + l3);
		meta->outer_l4 = (uint16_t)(start + l4);
		meta->tun_tos = ip[IP_TOS];
		meta->tun_ttl = ip[IP_TTL];
		packet_pull(pkt, inner);
		offload_set_flags(pkt, 0);
		pkt->port = port_id;
		queue[i] = pkt;
	}
}

/* Notes that packets of the lane are queued. */
static inline void
note_run(struct inner *inner, const struct lane *lane, uint16_t taken, uint64_t bytes)
{
	if (likely(!inner->n))
		inner->run = (struct inner_run){
			.n = taken,
			.bytes = bytes,
			.tunnel.id = lane->meta.tun_id,
			.tunnel.ips = load64((const uint8_t *)&lane->meta.tun_src),
		};
	inner->n += taken;
}

/* Takes packets from the first on, as long as they belong to the lane. Returns how many they were. */
static uint16_t take_run(
	struct worker *worker,
	const struct lane *lane,
	struct rte_mbuf *const *pkts,
	uint16_t n,
	uint64_t *bytes
)
{
	struct inner *inner = &worker->inner;
	struct flow_counters *counters = &worker->flow_counters[lane->flow];
	struct port_counters *port = &worker->port_counters[lane->port_id];
	uint64_t outer_bytes, inner_bytes;
	uint16_t taken = count_run(lane, pkts, n, &outer_bytes);

	if (!taken)
		return 0;
	inner_bytes = outer_bytes - (uint64_t)taken * lane->inner;
	take(lane, pkts, taken, &inner->pkts[inner->n]);
	note_run(inner, lane, taken, inner_bytes);
	COUNTER_ADD(counters->packets, taken);
	COUNTER_ADD(counters->bytes, outer_bytes);
	COUNTER_SET(counters->used_ms, worker->now_ms);
	COUNTER_ADD(port->rx_packets, taken);
	COUNTER_ADD(port->rx_bytes, inner_bytes);
	*bytes += outer_bytes;
	return taken;
}

uint64_t lanes_take(struct worker *worker, struct batch *batch)
{
	uint32_t map = tunnels_version();
	uint64_t bytes = 0;
	uint16_t i = 0, left = 0, taken;

	while (i < batch->n) {
		struct rte_mbuf *pkt = batch->pkts[i];
		const struct lane *lane = find_lane(worker, pkt, map);

		taken = lane ? take_run(worker, lane, &batch->pkts[i], batch->n - i, &bytes) : 0;
		i += taken;
		if (taken)
			continue;
		batch->pkts[left++] = pkt;
		i++;
		/* It may be of the same connection as those behind it, which must not go before it. */
		while (lane && i < batch->n)
			batch->pkts[left++] = batch->pkts[i++];
	}
	COUNTER_ADD(worker->stats.lane_hits, batch->n - left);
	batch->n = left;
	return bytes;
}

/* Learning. */

static bool is_for_lanes(const struct flow *flow, const struct key_base *mask)
{
	/* What else is looked at of outer packets is not in a lane's bytes. */
	return !flow->subtable->n_extra && !mask->tcp_flags && !mask->ct_state;
}

/* 'n' bytes that must be as they are. */
static void want(struct lane *lane, unsigned at, unsigned n)
{
	memset(lane->mask + at, 0xff, n);
}

static void set_mask(struct lane *lane, const struct key_base *mask)
{
	be16 frag = be16_from(NOT_DF);

	memset(lane->mask, 0, sizeof(lane->mask));
	want(lane, 0, lane->l3 + 1);
	lane->mask[lane->l3 + IP_TOS] = mask->ip_tos | ECN_AWKWARD;
	memcpy(lane->mask + lane->l3 + IP_FRAG, &frag, sizeof(frag));
	lane->mask[lane->l3 + IP_TTL] = mask->ip_ttl;
	want(lane, lane->l3 + IP_PROTO, 1);
	want(lane, lane->l3 + IP_SRC, 8);
	if (lane->udp) {
		memcpy(lane->mask + lane->l4, &mask->l4_src, sizeof(mask->l4_src));
		want(lane, lane->l4 + 2, 2);
		want(lane, lane->l4 + UDP_CHECKSUM, 2 + TUNNEL_COMPARED);
	} else {
		want(lane, lane->l4, TUNNEL_COMPARED);
	}
}

static void set_wanted(struct lane *lane, const uint8_t *packet)
{
	for (unsigned i = 0; i < COMPARED; i++)
		lane->wanted[i] = packet[i] & lane->mask[i];
}

static bool has_shape(const struct outer *o, const uint8_t *packet)
{
	unsigned l3 = find_l3(packet);
	unsigned l4 = l3 + IPV4_SIZE;
	/* A checksum must be checked for each packet, and GRE's numbers differ. */
	bool plain = o->type->port ? !load16(o->l4 + UDP_CHECKSUM) : !(o->l4[0] & GRE_VARIES);

	return !o->ipv6 && !o->place.bare && o->pkt->data_len >= COMPARED && o->ip == packet + l3 &&
		o->l4 == packet + l4 && o->ip[0] == NO_OPTIONS && !o->info.n_options && plain &&
		!(o->ip[IP_TOS] & ECN_AWKWARD) && l4 + o->info.size <= COMPARED;
}

void lanes_learn(struct worker *worker, const struct flow *flow, struct rte_mbuf *pkt)
{
	const uint8_t *packet = rte_pktmbuf_mtod(pkt, const uint8_t *);
	const struct key_base *mask = (const void *)&flow->subtable->mask;
	/* Read before what follows from them: if that is newer the lane is of no use, but not wrong. */
	uint32_t live = __atomic_load_n(&flow->live, __ATOMIC_ACQUIRE), map = tunnels_version();
	const struct program *program = epoch_load(&flow->program);
	const struct op_decap *decap = program->ops[0].args;
	struct lane *lane;

	if (worker->recirc || !program->decaps || !is_for_lanes(flow, mask))
		return;
	struct outer o = {.type = decap->type, .pkt = pkt};

	if (outer_read(&o) || !has_shape(&o, packet))
		return;
	uint16_t port_id = tunnels_lookup(o.type, &o.place);
	const struct port *port = port_id ? epoch_load(&ports_by_id[port_id]) : NULL;

	if (!port || !port->tunnel)
		return;
	lane = lane_of(worker->lanes, packet);
	lane->l3 = find_l3(packet);
	lane->l4 = lane->l3 + IPV4_SIZE;
	lane->inner = lane->l4 + o.info.size;
	lane->least = RTE_MAX((uint32_t)COMPARED, lane->inner + ETH_SIZE);
	lane->udp = o.type->port;
	lane->length_at = lane->udp ? lane->l4 + UDP_LENGTH : lane->l3 + IP_LENGTH;
	lane->length_from = lane->udp ? lane->l4 : lane->l3;
	set_mask(lane, mask);
	set_wanted(lane, packet);
	lane->meta = (struct meta){
		.outer_options = o.info.n_options,
		.tun_id = o.info.id,
		.tun_src = load32(o.ip + IP_SRC),
		.tun_dst = load32(o.ip + IP_SRC + 4),
		.tun_flags = be16_from(o.info.oam ? KEY_TUNNEL_OAM : 0),
		.gbp_id = port->tunnel->gbp ? o.info.gbp_id : 0,
		.gbp_flags = port->tunnel->gbp ? o.info.gbp_flags : 0,
	};
	lane->flow = flow_id(flow);
	lane->in_port = worker->in_port;
	lane->port_id = port_id;
	lane->map = map;
	lane->live = live;
	worker->lanes->ports[worker->in_port] = 1;
}
