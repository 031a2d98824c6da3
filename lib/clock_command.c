/* SPDX-License-Identifier: Apache-2.0 */

/* The commands by which tests hold the clock and move it on.  */

#include <errno.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/command.h"

static json_t *cmd_stop(struct command_call *call, struct errbuf *err)
{
	clock_stop();
	return json_string("");
}

MGMT_COMMAND(time_stop, "time/stop", "", 0, 0, cmd_stop, "Stops the clock by which things age.");

static json_t *cmd_start(struct command_call *call, struct errbuf *err)
{
	clock_start();
	return json_string("");
}

MGMT_COMMAND(time_start, "time/start", "", 0, 0, cmd_start, "Lets the clock run again.");

/* With two arguments the second is a step; the switch needs none, but test scripts give it. */
static json_t *cmd_warp(struct command_call *call, struct errbuf *err)
{
	char *end;
	long long ms = strtoll(call->argv[0], &end, 10);

	if (*end || end == call->argv[0] || ms < 0 || ms > 1000LL * 86400 * 365) {
		errbuf_set(err, -EINVAL, "%s: milliseconds are wanted", call->argv[0]);
		return NULL;
	}
	clock_warp(ms);
	return json_string("warped");
}

MGMT_COMMAND(
	time_warp,
	"time/warp",
	"MS [STEP]",
	1,
	2,
	cmd_warp,
	"Moves the clock on by MS milliseconds."
);
