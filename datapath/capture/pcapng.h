/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* pcapng, the format of capture files that wireshark and tcpdump read: blocks, each with its length
 * in front and behind, and options at its end.  */

#include <stdint.h>

struct captured;
struct strbuf;

/* Any thread but workers. Each appends one block. */

/* What a file starts with. */
void pcapng_add_section(struct strbuf *out);
/* The next interface; they are numbered from 0. */
void pcapng_add_interface(struct strbuf *out, const char *name, uint32_t snaplen);
/* A packet seen at an interface; 'comment' may be NULL. The bytes stand behind 'packet'. */
void pcapng_add_packet(
	struct strbuf *out, uint32_t interface, const struct captured *packet, const char *comment
);
/* What came of the interface in all. */
void pcapng_add_statistics(struct strbuf *out, uint32_t interface, uint64_t seen, uint64_t lost);
