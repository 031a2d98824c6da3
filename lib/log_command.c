/* SPDX-License-Identifier: Apache-2.0 */

/* The commands that show and set what is logged.  */

#include <string.h>

#include "lib/command.h"
#include "lib/log.h"

LOG_TOPIC(command);

static json_t *cmd_list(struct command_call *call, struct errbuf *err)
{
	json_t *list = json_array();

	REGISTRY_FOREACH(log_topic, topic) {
		json_array_append_new(
			list,
			json_pack(
				"{s:s, s:s, s:s, s:s}",
				"topic",
				topic->name,
				"console",
				log_level_name(topic->level[LOG_DEST_CONSOLE]),
				"syslog",
				log_level_name(topic->level[LOG_DEST_SYSLOG]),
				"file",
				log_level_name(topic->level[LOG_DEST_FILE])
			)
		);
	}
	return list;
}

MGMT_COMMAND(vlog_list, "vlog/list", "", 0, 0, cmd_list, "Each log topic's levels.");

static json_t *cmd_set(struct command_call *call, struct errbuf *err)
{
	for (int i = 0; i < call->argc; i++)
		if (log_set(call->argv[i], err))
			return NULL;
	if (!call->argc)
		log_set("", err);
	return json_string("");
}

MGMT_COMMAND(
	vlog_set,
	"vlog/set",
	"[[TOPIC:][console|syslog|file:]LEVEL]…",
	0,
	32,
	cmd_set,
	"Sets levels: off, err, warn, info or dbg, of one topic or any, for one destination or all."
);

static json_t *cmd_reopen(struct command_call *call, struct errbuf *err)
{
	return log_open_file(NULL, err) ? NULL : json_string("");
}

MGMT_COMMAND(
	vlog_reopen,
	"vlog/reopen",
	"",
	0,
	0,
	cmd_reopen,
	"Opens the log file again, after it was moved away."
);

static json_t *cmd_close(struct command_call *call, struct errbuf *err)
{
	return log_set("any:file:off", err) ? NULL : json_string("");
}

MGMT_COMMAND(vlog_close, "vlog/close", "", 0, 0, cmd_close, "Stops logging to the file.");

static json_t *cmd_rate_limit(struct command_call *call, struct errbuf *err)
{
	log_set_rate_limit(!strcmp(call->command->name, "vlog/enable-rate-limit"));
	return json_string("");
}

MGMT_COMMAND(
	vlog_enable_rate_limit,
	"vlog/enable-rate-limit",
	"",
	0,
	0,
	cmd_rate_limit,
	"Holds back places that log the same again and again (the default)."
);
MGMT_COMMAND(
	vlog_disable_rate_limit,
	"vlog/disable-rate-limit",
	"",
	0,
	0,
	cmd_rate_limit,
	"Logs every line, however often it repeats."
);

static json_t *cmd_message(struct command_call *call, struct errbuf *err)
{
	log_info("%s", call->argv[0]);
	return json_string("");
}

MGMT_COMMAND(
	vlog_message, "vlog/message", "TEXT", 1, 1, cmd_message, "Writes a line into the log."
);

static json_t *cmd_list_pattern(struct command_call *call, struct errbuf *err)
{
	static const char pattern[] = "DATE TIME|TOPIC|LEVEL|TEXT";

	return json_pack("{s:s, s:s}", "console", pattern, "file", pattern);
}

MGMT_COMMAND(
	vlog_list_pattern,
	"vlog/list-pattern",
	"",
	0,
	0,
	cmd_list_pattern,
	"How lines of the log are made; this cannot be changed."
);
