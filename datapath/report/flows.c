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

struct dump {
	struct strbuf text;
	struct names names;
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

static bool dump_flow(const struct flow *flow, void *context)
{
	struct dump *dump = context;
	struct flow_stats stats;
	struct key key, mask;

	flow_get_match(flow, &key, &mask);
	flow_get_stats(flow, &stats);
	strbuf_add(&dump->text, "recirc_id(");
	strbuf_addf(&dump->text, "%u),", key.base.recirc);
	mask.base.recirc = 0;
	dptext_format(&key, &mask, &dump->names, &dump->text);
	add_stats(&dump->text, &stats);
	strbuf_add(&dump->text, ", actions:");
	program_format(flow_program(flow), &dump->text);
	strbuf_add_char(&dump->text, '\n');
	return true;
}

static json_t *cmd_dump_flows(struct command_call *call, struct errbuf *err)
{
	struct dump dump = {.text = STRBUF_INIT, .names = {.tunnel_options = add_options}};

	for (int i = 0; i < call->argc; i++) {
		if (!strcmp(call->argv[i], "-m") || !strcmp(call->argv[i], "--names"))
			dump.names.port_name = port_name;
		else if (call->argv[i][0] == '-' && strcmp(call->argv[i], "--no-names"))
			return errbuf_set(err, -EINVAL, "unknown option %s", call->argv[i]), NULL;
	}
	flow_foreach(dump_flow, &dump);
	json_t *text = json_string(strbuf_text(&dump.text));

	strbuf_fini(&dump.text);
	return text;
}

MGMT_COMMAND(
	dump_flows,
	"dpctl/dump-flows",
	"[-m] [--names] [DP]",
	0,
	6,
	cmd_dump_flows,
	"The megaflows: what they match, how often they were hit, what is done."
);

static json_t *cmd_dpif_dump_flows(struct command_call *call, struct errbuf *err)
{
	return cmd_dump_flows(call, err);
}

MGMT_COMMAND(
	dpif_dump_flows,
	"dpif/dump-flows",
	"[-m] [--names] BRIDGE",
	0,
	4,
	cmd_dpif_dump_flows,
	"The megaflows; one datapath serves all bridges."
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
