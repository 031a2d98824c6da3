/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Groups as ovs-ofctl writes them: "group_id=1,type=select,bucket=weight:5,output:2,bucket=…", into
 * a group_mod and out of descriptions.  */

#include <stdint.h>

struct errbuf;
struct message_type;
struct names;
struct of_group_desc;
struct of_group_mod;
struct strbuf;

enum group_command {
	GROUP_COMMAND_ADD,
	GROUP_COMMAND_MODIFY,
	GROUP_COMMAND_DELETE,
	GROUP_COMMAND_INSERT_BUCKET,
	GROUP_COMMAND_REMOVE_BUCKET = 5,
	GROUP_COMMAND_ADD_OR_MODIFY = 0x8000,
};

/* Any thread. */

/* Parses a group for 'command' (the text may begin with another command's word) in 'version', in
 * which its buckets are encoded. group_text_fini() frees what 'mod' then holds, also after a
 * failure. */
int group_parse(
	struct of_group_mod *mod,
	uint16_t command,
	uint8_t version,
	const char *text,
	const struct names *names,
	struct errbuf *err
);
void group_text_fini(struct of_group_mod *mod);
/* The message that can say it: OpenFlow's own, or Nicira's where that lacks something. */
const struct message_type *group_message(const struct of_group_mod *mod);
/* "group_id=1,type=all,bucket=actions=output:2" */
void group_format(const struct of_group_desc *group, const struct names *names, struct strbuf *out);
/* The name of a type, or NULL. */
const char *group_type_name(uint8_t type);
