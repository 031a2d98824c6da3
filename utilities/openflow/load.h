/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes that are made to a switch together: read from words or files, encoded, sent at once (as
 * one bundle with --bundle), each refusal traced back to its line.  */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "ofproto/wire/wire.h"

struct errbuf;
struct of_flow_mod;
struct ofconn;
struct ofctl_command;

struct load {
	struct ofconn *conn;
	const char *file; /* NULL: the command line */
	struct wire_out out;
	struct load_line {
		uint32_t xid;
		unsigned number;
	} * lines;
	size_t n_lines, size_lines;
	struct of_flow_mod *mod; /* to parse flows into */
	bool table_ids; /* OpenFlow 1.0: flow_mods name tables */
	bool bundle; /* also without --bundle */
	const char *text; /* of the only change, or NULL */
};

void load_init(struct load *load, struct ofconn *conn);
void load_fini(struct load *load);

/* A new xid, remembered as that of a line. */
uint32_t load_xid(struct load *load, unsigned line);
/* Appends load->mod. */
int load_flow(struct load *load, unsigned line, struct errbuf *err);

/* Parses one change and appends its messages. */
typedef int load_fn(struct load *load, const char *text, unsigned line, struct errbuf *err);
/* Parses 'text', or if it is "-" (or 'is_file') each line of a file. EXIT_FINE, or it has been said
 * what is wrong; then nothing has been sent yet. */
int load_text(struct load *load, const char *text, bool is_file, load_fn *parse);
/* Sends all and waits until the switch has done it; prints what it refused. */
int load_send(struct load *load);

/* Calls 'each' for the lines of a file ("-": stdin), without comments, blanks around and empty lines.
 * Stops when it returns other than EXIT_FINE. */
typedef int load_line_fn(void *context, char *line, unsigned number);
int load_lines(const char *name, load_line_fn *each, void *context);
