/* SPDX-License-Identifier: Apache-2.0 */

/* Commands that change groups and meters.  */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "ofproto/wire/group_text.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/meter_text.h"
#include "utilities/openflow/load.h"
#include "utilities/openflow/mods.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/openflow/talk.h"

struct change {
	uint16_t command;
	bool is_file;
};

static uint16_t wanted; /* by lines that do not say it themselves */

int add_group_mod(
	struct load *load, uint16_t command, const char *text, unsigned line, struct errbuf *err
)
{
	struct of_group_mod mod;
	int error =
		group_parse(&mod, command, load->out.version, text, talk_names(load->conn), err);

	if (!error)
		message_encode(&load->out, group_message(&mod), load_xid(load, line), &mod);
	group_text_fini(&mod);
	return error;
}

static int add_group(struct load *load, const char *text, unsigned line, struct errbuf *err)
{
	return add_group_mod(load, wanted, text, line, err);
}

static int add_meter(struct load *load, const char *text, unsigned line, struct errbuf *err)
{
	struct of_meter_mod mod;
	int error = meter_parse(&mod, (enum meter_command)wanted, load->out.version, text, err);

	if (!error)
		message_encode(&load->out, &of_meter_mod_type, load_xid(load, line), &mod);
	meter_text_fini(&mod);
	return error;
}

static int run_change(const struct ofctl_command *command, char **args, int n, load_fn *parse)
{
	const struct change *change = command->detail;
	struct ofconn *conn = talk_open(command, args[0]);
	struct load load;
	int status;

	if (!conn)
		return EXIT_ERROR;
	wanted = change->command;
	if (wanted == GROUP_COMMAND_MODIFY && options.may_create && parse == add_group)
		wanted = GROUP_COMMAND_ADD_OR_MODIFY;
	load_init(&load, conn);
	status = load_text(&load, n > 1 ? args[1] : "", change->is_file, parse);
	if (!status)
		status = load_send(&load);
	load_fini(&load);
	return talk_end(conn, status);
}

static int run_group(const struct ofctl_command *command, char **args, int n)
{
	return run_change(command, args, n, add_group);
}

static int run_meter(const struct ofctl_command *command, char **args, int n)
{
	return run_change(command, args, n, add_meter);
}

static const struct change add = {GROUP_COMMAND_ADD, false};
static const struct change add_file = {GROUP_COMMAND_ADD, true};
static const struct change modify = {GROUP_COMMAND_MODIFY, false};
static const struct change delete = {GROUP_COMMAND_DELETE, false};
static const struct change insert = {GROUP_COMMAND_INSERT_BUCKET, false};
static const struct change take_out = {GROUP_COMMAND_REMOVE_BUCKET, false};
static const struct change meter_add = {METER_COMMAND_ADD, false};
static const struct change meter_modify = {METER_COMMAND_MODIFY, false};
static const struct change meter_delete = {METER_COMMAND_DELETE, false};

#define CHANGE(id, command, args, min, function, to, since, words)                                 \
	OFCTL_COMMAND(                                                                             \
		id,                                                                                \
		.name = (command),                                                                 \
		.arguments = (args),                                                               \
		.min_args = (min),                                                                 \
		.max_args = 2,                                                                     \
		.help = (words),                                                                   \
		.run = (function),                                                                 \
		.detail = &(to),                                                                   \
		.versions = OFCTL_SINCE(since),                                                    \
		.changes = true                                                                    \
	)

CHANGE(add_group, "add-group", "SWITCH GROUP", 2, run_group, add, OF10, "Adds a group.");
CHANGE(add_groups,
       "add-groups",
       "SWITCH FILE",
       2,
       run_group,
       add_file,
       OF10,
       "Adds the groups in a file; lines may begin with add, modify, add_or_mod, delete, insert_bucket or remove_bucket."
);
CHANGE(mod_group,
       "mod-group",
       "SWITCH GROUP",
       2,
       run_group,
       modify,
       OF10,
       "Changes a group's type and buckets.");
CHANGE(del_groups,
       "del-groups",
       "SWITCH [GROUP]",
       1,
       run_group,
       delete,
       OF10,
       "Deletes a group, or all, and the flows that need it.");
CHANGE(insert_buckets,
       "insert-buckets",
       "SWITCH GROUP",
       2,
       run_group,
       insert,
       OF10,
       "Adds buckets to a group, at command_bucket_id.");
CHANGE(remove_buckets,
       "remove-buckets",
       "SWITCH GROUP",
       2,
       run_group,
       take_out,
       OF10,
       "Takes the bucket command_bucket_id out of a group.");
CHANGE(add_meter, "add-meter", "SWITCH METER", 2, run_meter, meter_add, OF13, "Adds a meter.");
CHANGE(mod_meter,
       "mod-meter",
       "SWITCH METER",
       2,
       run_meter,
       meter_modify,
       OF13,
       "Changes a meter's bands.");
CHANGE(del_meters,
       "del-meters",
       "SWITCH [METER]",
       1,
       run_meter,
       meter_delete,
       OF13,
       "Deletes a meter, or all.");
CHANGE(del_meter, "del-meter", "SWITCH METER", 2, run_meter, meter_delete, OF13, "Deletes a meter."
);
