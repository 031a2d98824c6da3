/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Keys as the datapath's commands write them:
 * "in_port(1),eth(src=…,dst=…),eth_type(0x0800),ipv4(src=…,dst=…,proto=17),udp(src=1,dst=2)".
 *
 * dump-flows prints it; trace and netdev-dummy/receive take it. Tags and what they enclose are
 * written "eth_type(0x8100),vlan(vid=5,pcp=0),encap(eth_type(0x0800),…)".  */

#include <stdbool.h>

struct errbuf;
struct key;
struct match;
struct names;
struct strbuf;

/* Any thread. */

/* Sets what 'text' says on top of what 'match' has; what it does not say stays wildcarded. */
int dptext_parse(
	struct match *match, const char *text, const struct names *names, struct errbuf *err
);
/* Whether 'text' looks like this rather than like a match of ovs-ofctl's. */
bool dptext_is_meant(const char *text);
/* Appends the parts of 'key' that 'mask' has; NULL: all that such a packet has. */
void dptext_format(
	const struct key *key, const struct key *mask, const struct names *names, struct strbuf *out
);
/* The part of such a text that is about headers, not about where the packet is. */
const char *dptext_headers(const char *text);
