/* SPDX-License-Identifier: Apache-2.0 */

/* The command bundle: changes to flows and groups, and packets, all at once.  */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/near.h"
#include "lib/types.h"
#include "ofproto/wire/flow_text.h"
#include "ofproto/wire/group_text.h"
#include "utilities/openflow/load.h"
#include "utilities/openflow/mods.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/openflow/talk.h"

/* The rest of a line if it begins with the word. */
static const char *behind(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncmp(text, word, n) || !strchr(" \t", text[n]) ? NULL : text + n;
}

static int add_line(struct load *load, const char *text, unsigned line, struct errbuf *err)
{
	static const char *const words[] = {"flow", "group", "packet-out"};
	const char *rest;
	char first[32];
	struct near near;
	int error;

	if ((rest = behind(text, "flow"))) {
		error = flow_parse(load->mod, FLOW_ADD, rest, talk_names(load->conn), err);
		return error ? error : load_flow(load, line, err);
	}
	if ((rest = behind(text, "group")))
		return add_group_mod(load, GROUP_COMMAND_ADD, rest, line, err);
	if ((rest = behind(text, "packet-out")))
		return add_packet_out(load, rest, line, err);
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(text, " \t"), text);
	near_init(&near, first);
	for (unsigned i = 0; i < ARRAY_LENGTH(words); i++)
		near_add(&near, words[i]);
	return near_refuse(
		&near, err, -EINVAL, "%s: a line begins with flow, group or packet-out", first
	);
}

static int run_bundle(const struct ofctl_command *command, char **args, int n)
{
	struct ofconn *conn = talk_open(command, args[0]);
	struct load load;
	int status;

	if (!conn)
		return EXIT_ERROR;
	load_init(&load, conn);
	load.bundle = true;
	status = load_text(&load, args[1], true, add_line);
	if (!status)
		status = load_send(&load);
	load_fini(&load);
	return talk_end(conn, status);
}

OFCTL_COMMAND(
	bundle,
	.name = "bundle",
	.arguments = "SWITCH FILE",
	.min_args = 2,
	.max_args = 2,
	.help = "Does all that a file's lines say at once, or nothing; they begin with flow, group or "
		"packet-out.",
	.run = run_bundle,
	.versions = OFCTL_SINCE(OF13),
	.changes = true
);
