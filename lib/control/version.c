/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/control/version.h"

#include "lib/command.h"
#include "lib/control/version_text.h"

const char *version_get(void)
{
	return VERSION_TEXT;
}

static json_t *cmd_version(struct command_call *call, struct errbuf *err)
{
	return json_sprintf("vswitchd (weir) %s", VERSION_TEXT);
}

MGMT_COMMAND(version, "version", "", 0, 0, cmd_version, "Which weir this is.");
