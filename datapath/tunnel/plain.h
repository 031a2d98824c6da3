/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The common header of a tunnel, UDP over IPv4, put in front of packets a batch at a time.
 *
 * What the packets of a batch have in common is made once: all but their lengths, the checksum that
 * covers these, the congestion mark and the UDP source port, or all but the port where they have the
 * same length and mark.  */

#include <smmintrin.h>
#include <stdint.h>

#include "datapath/ops/encap.h"

struct keys;
struct rte_mbuf;

enum {
	PLAIN_PIECE = 16, /* headers are copied in pieces of this size */
	PLAIN_PIECES = ENCAP_SHORT / PLAIN_PIECE,
	PLAIN_USUAL = 4, /* pieces that hold most headers: all over IPv4 with few options */
};

/* What is the same for all packets of a batch. */
struct plain {
	__m128i pieces[PLAIN_PIECES]; /* the header stands at their end */
	uint32_t ip, sum; /* the words, zero where the packets differ */
	uint64_t udp;
	uint32_t size; /* of the header */
	uint32_t l4;
	uint32_t ip_sum; /* 16 bits */
	uint32_t ports_first, ports_n;
};

/* Workers. pkts[i] has the key of the index places[i], room for ENCAP_SHORT in front, and is not too long
 * for IP. */

void plain_init(struct plain *plain, const struct op_encap *encap);
/* Gives each packet a length and a congestion mark of its own. Returns their bytes. */
uint64_t plain_put(
	const struct plain *plain,
	const struct keys *keys,
	struct rte_mbuf **pkts,
	const uint8_t *places,
	uint16_t n
);
/* Makes the pieces the header that this packet gets, but for the port. Whatever its length, plain_put()
 * does as before. What is written narrow here is read wide by plain_put_alike(): let some time pass. */
void plain_make_model(
	struct plain *plain, const struct keys *keys, const struct rte_mbuf *pkt, uint8_t place
);
/* Gives all packets the header that the last PLAIN_USUAL pieces, which hold it, were made. */
void plain_put_alike(
	const struct plain *plain,
	const struct keys *keys,
	struct rte_mbuf **pkts,
	const uint8_t *places,
	uint16_t n
);
