/* SPDX-License-Identifier: Apache-2.0 */

/* What is in the flow table, as text that scripts know and as JSON.  */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/flow.h"
#include "datapath/port.h"
#include "datapath/program.h"
#include "datapath/tunnel/options.h"
#include "lib/clock.h"
#include "lib/command.h"
#include "lib/flow/dptext.h"
#include "lib/flow/names.h"
#include "lib/strbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	FLOWS_AT_ONCE = 64,
	PLACES_AT_ONCE = 4096, /* that may be empty */
};

struct dump {
	struct names names;
	uint32_t at;
};

static const char *port_name(void *context, uint32_t number)
{
	const struct port *port = port_by_id(number);

	return port ? port->name : NULL;
}

/* As the bridge of the port that packets came in by has bound them. */
static void
add_options(void *context, const struct key *key, const struct key *mask, struct strbuf *out)
{
	uint32_t port = key->base.in_port;
	const struct tunnel_options *options = port < PORT_IDS ? tunnel_options_of(port) : NULL;

	if (options)
		tunnel_options_format(options, key, mask, out);
}

static void add_tcp_flags(struct strbuf *out, uint16_t flags)
{
	static const char letters[] = "FSRP.UEC";

	strbuf_add(out, ", flags:");
	for (unsigned i = 0; i < sizeof(letters) - 1; i++)
		if (flags & 1u << i)
			strbuf_add_char(out, letters[i]);
}

static void add_stats(struct strbuf *out, const struct flow_stats *stats)
{
	strbuf_addf(
		out, ", packets:%" PRIu64 ", bytes:%" PRIu64 ", used:", stats->packets, stats->bytes
	);
	if (stats->packets) {
		int64_t ms = clock_ms() - stats->used_ms;

		strbuf_addf(out, "%" PRId64 ".%03" PRId64 "s", ms / 1000, ms % 1000);
	} else {
		strbuf_add(out, "never");
	}
	if (be16_to(stats->tcp_flags))
		add_tcp_flags(out, be16_to(stats->tcp_flags));
}

static json_t *show_flow(const struct flow *flow, const struct names *names)
{
	struct strbuf text = STRBUF_INIT;
	struct flow_stats stats;
	struct key key, mask;

	flow_get_match(flow, &key, &mask);
	flow_get_stats(flow, &stats);
	strbuf_addf(&text, "recirc_id(%u),", key.base.recirc);
	mask.base.recirc = 0;
	dptext_format(&key, &mask, names, &text);
	add_stats(&text, &stats);
	strbuf_add(&text, ", actions:");
	program_format(flow_program(flow), &text);
	json_t *line = json_string(strbuf_text(&text));

	strbuf_fini(&text);
	return line;
}

static bool show_more(void *dump_, json_t *rows)
{
	struct dump *dump = dump_;
	const struct flow *flow;

	for (unsigned i = 0; i < PLACES_AT_ONCE && json_array_size(rows) < FLOWS_AT_ONCE; i++) {
		if (!flow_next(&dump->at, &flow))
			return false;
		if (flow)
			json_array_append_new(rows, show_flow(flow, &dump->names));
	}
	return true;
}

static void format_lines(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *line;

	json_array_foreach(answer, i, line)
		strbuf_addf(out, "%s\n", json_string_value(line));
}

static bool is_datapath(const char *word)
{
	return !strcmp(word, "netdev@ovs-netdev") || !strcmp(word, "ovs-netdev");
}

static json_t *cmd_dump_flows(struct command_call *call, struct errbuf *err)
{
	struct names names = {.tunnel_options = add_options};
	struct dump *dump;

	for (int i = 0; i < call->argc; i++) {
		if (!strcmp(call->argv[i], "-m") || !strcmp(call->argv[i], "--names"))
			names.port_name = port_name;
		else if (call->argv[i][0] == '-' && strcmp(call->argv[i], "--no-names"))
			return errbuf_set(err, -EINVAL, "unknown option %s", call->argv[i]), NULL;
		else if (call->argv[i][0] != '-' && !is_datapath(call->argv[i]))
			return errbuf_set(
				       err,
				       -ENODEV,
				       "%s is not known here: there is one datapath, "
				       "netdev@ovs-netdev, and nothing else to choose by",
				       call->argv[i]
			       ),
			       NULL;
	}
	dump = XNEW(struct dump);
	dump->names = names;
	command_answer_in_parts(call, show_more, free, dump);
	return NULL;
}

MGMT_COMMAND_TEXT(
	dump_flows,
	"dpctl/dump-flows",
	"[-m] [--names] [DP]",
	0,
	6,
	cmd_dump_flows,
	"The megaflows: what they match, how often they were hit, what is done.",
	format_lines
);

static json_t *cmd_cache_show(struct command_call *call, struct errbuf *err)
{
	return json_pack("{s:i, s:i}", "flows", (int)flow_count(), "masks", (int)flow_mask_count());
}

MGMT_COMMAND(
	cache_show,
	"cache/show",
	"",
	0,
	0,
	cmd_cache_show,
	"How many megaflows and masks there are."
);
