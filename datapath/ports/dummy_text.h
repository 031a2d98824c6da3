/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets as people write them: bytes in hex, or a flow such a packet would belong to.  */

#include <stddef.h>

struct errbuf;
struct rte_mbuf;

/* Main thread. */

/* A packet of 'length' bytes at least, when made from a flow ("tcp,nw_dst=192.0.2.1" as ovs-ofctl
 * writes it, or "eth(…),eth_type(0x0800),…"). NULL with 'err'. */
struct rte_mbuf *dummy_text_parse(const char *text, size_t length, struct errbuf *err);
