/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/lane.h"

#include <smmintrin.h>
#include <stddef.h>
#include <string.h>

#include <rte_mbuf.h>

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
	struct meta meta; /* what is known of all packets that come out */
	uint32_t flow;
	uint32_t live; /* the flow's then; 0: there is no lane */
	uint32_t map; /* version of the tunnels' map */
	uint16_t in_port;
	uint16_t port_id; /* the tunnel's */
	uint16_t l3, l4, inner; /* where they start */
	bool udp;
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

/* Long enough to be compared, and with nothing left to be done for it. */
static inline bool is_bare(const struct rte_mbuf *pkt)
{
	const uint64_t pending = RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG |
		RTE_MBUF_F_TX_TUNNEL_MASK | RTE_MBUF_F_RX_VLAN_STRIPPED;

	return pkt->data_len >= COMPARED && !(pkt->ol_flags & pending);
}

static inline bool agrees(const struct lane *lane, const struct rte_mbuf *pkt)
{
	const lane_words *p = rte_pktmbuf_mtod(pkt, const lane_words *);
	const lane_words *w = (const lane_words *)lane->wanted;
	const lane_words *m = (const lane_words *)lane->mask;

	if (unlikely(!is_bare(pkt)))
		return false;
	lane_words d = ((p[0] & m[0]) ^ w[0]) | ((p[1] & m[1]) ^ w[1]) | ((p[2] & m[2]) ^ w[2]) |
		((p[3] & m[3]) ^ w[3]);

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

	if (unlikely(!is_bare(pkt)))
		return NULL;
	lane = lane_of(worker->lanes, rte_pktmbuf_mtod(pkt, const uint8_t *));
	return is_valid(lane, worker->in_port, map) ? lane : NULL;
}

/* What differs from packet to packet: lengths, and the header's checksum. */
static inline bool is_sound(const struct lane *lane, const struct rte_mbuf *pkt)
{
	const uint8_t *packet = rte_pktmbuf_mtod(pkt, const uint8_t *);
	const uint8_t *ip = packet + lane->l3;
	uint64_t sum = (uint64_t)load32(ip) + load32(ip + 4) + load32(ip + 8) + load32(ip + 12) +
		load32(ip + 16);
	uint32_t size = host16(ip + IP_LENGTH), left = pkt->pkt_len - lane->l3;
	/* UDP says the same as IP. */
	bool agree = !lane->udp || host16(packet + lane->l4 + UDP_LENGTH) == size - IPV4_SIZE;

	/* Folded to 16 bits, a sum that is not zero gives all ones. */
	return sum % UINT16_MAX == 0 && size == left && agree &&
		pkt->data_len >= lane->inner + ETH_SIZE;
}

static inline void take(const struct lane *lane, struct rte_mbuf *pkt)
{
	uint16_t start = pkt->data_off;
	const uint8_t *ip = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, lane->l3);
	struct meta *meta = meta_of(pkt);

	*meta = lane->meta;
	meta->outer_l3 = (uint16_t)(start + lane->l3);
	meta->outer_l4 = (uint16_t)(start + lane->l4);
	meta->tun_tos = ip[IP_TOS];
	meta->tun_ttl = ip[IP_TTL];
	pkt->data_off = start + lane->inner;
	pkt->data_len -= lane->inner;
	pkt->pkt_len -= lane->inner;
	offload_set_flags(pkt, 0);
	pkt->port = lane->port_id;
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
	uint64_t outer_bytes = 0;
	uint16_t taken = 0;

	while (taken < n && agrees(lane, pkts[taken]) && is_sound(lane, pkts[taken])) {
		outer_bytes += pkts[taken]->pkt_len;
		take(lane, pkts[taken]);
		inner->pkts[inner->n + taken] = pkts[taken];
		taken++;
	}
	if (!taken)
		return 0;
	inner->n += taken;
	counters->packets += taken;
	counters->bytes += outer_bytes;
	counters->used_ms = worker->now_ms;
	port->rx_packets += taken;
	port->rx_bytes += outer_bytes - (uint64_t)taken * lane->inner;
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
		if (!taken) {
			batch->pkts[left++] = pkt;
			i++;
		}
	}
	worker->stats.lane_hits += batch->n - left;
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
	want(lane, 0, lane->l3 + 1U);
	lane->mask[lane->l3 + IP_TOS] = mask->ip_tos | ECN_AWKWARD;
	memcpy(lane->mask + lane->l3 + IP_FRAG, &frag, sizeof(frag));
	lane->mask[lane->l3 + IP_TTL] = mask->ip_ttl;
	want(lane, lane->l3 + IP_PROTO, 1);
	want(lane, lane->l3 + IP_SRC, 8);
	if (lane->udp) {
		memcpy(lane->mask + lane->l4, &mask->l4_src, sizeof(mask->l4_src));
		want(lane, lane->l4 + 2U, 2);
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
	lane->l3 = (uint16_t)find_l3(packet);
	lane->l4 = lane->l3 + IPV4_SIZE;
	lane->inner = lane->l4 + o.info.size;
	lane->udp = o.type->port;
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
