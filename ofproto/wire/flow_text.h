/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Flows as ovs-ofctl writes them: "table=1,priority=5,tcp,tp_dst=80,actions=output:2", into a
 * flow_mod and out of statistics.  */

#include <stdbool.h>
#include <stdint.h>

struct errbuf;
struct names;
struct of_flow_mod;
struct of_flow_stats;
struct of_flow_stats_request;
struct strbuf;
struct wire_out;

/* OpenFlow's flow_mod commands. */
enum flow_command {
	FLOW_ADD,
	FLOW_MODIFY,
	FLOW_MODIFY_STRICT,
	FLOW_DELETE,
	FLOW_DELETE_STRICT,
};

/* In of_flow_mod.flags. */
enum {
	FLOW_SEND_FLOW_REM = 1,
	FLOW_CHECK_OVERLAP = 2,
	FLOW_RESET_COUNTS = 4,
	FLOW_NO_PACKET_COUNTS = 8,
	FLOW_NO_BYTE_COUNTS = 16,
};

enum {
	FLOW_PRIORITY = 32768, /* when none is given */
	FLOW_ALL_TABLES = 255,
};

/* Any thread. */

/* Parses a flow for 'command'. 'mod' must be zeroed or used before. The text may begin with a
 * command's word ("add", "delete_strict", …), as in files for bundles. */
int flow_parse(
	struct of_flow_mod *mod,
	enum flow_command command,
	const char *text,
	const struct names *names,
	struct errbuf *err
);
/* Parses what dump-flows selects by: "table=1,ip,cookie=5/-1". */
int flow_parse_request(
	struct of_flow_stats_request *request,
	const char *text,
	const struct names *names,
	struct errbuf *err
);

/* Appends the message in the writer's version: in OpenFlow 1.0 the fixed form if it can say all,
 * else Nicira's. Fails if the version cannot say all of it. */
int flow_encode(
	struct wire_out *out, const struct of_flow_mod *mod, uint32_t xid, struct errbuf *err
);

/* What dump-flows prints for one flow: "cookie=0x0, duration=1.2s, table=0, …". 'with_stats' false
 * leaves counters and durations out. */
void flow_format_stats(
	const struct of_flow_stats *flow,
	const struct names *names,
	bool with_stats,
	struct strbuf *out
);
/* "ADD table=1 priority=5,tcp actions=…" */
void flow_format_mod(const struct of_flow_mod *mod, const struct names *names, struct strbuf *out);
