/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes that several commands make.  */

#include <stdint.h>

struct errbuf;
struct load;
struct of_packet_out;
struct ofconn;

/* Parses a group and appends its group_mod. */
int add_group_mod(
	struct load *load, uint16_t command, const char *text, unsigned line, struct errbuf *err
);
/* Parses "in_port=1 packet=HEX actions=…" and appends its packet_out. */
int add_packet_out(struct load *load, const char *text, unsigned line, struct errbuf *err);
