/* SPDX-License-Identifier: Apache-2.0 */

/* Commands about bridges: which there are.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/command.h"
#include "lib/near.h"
#include "lib/strbuf.h"
#include "ofproto/bridge_priv.h"

struct bridge *bridge_of_command(const char *name, struct errbuf *err)
{
	struct bridge *bridge = name ? bridge_find(name) : NULL;
	struct near near;

	if (bridge)
		return bridge;
	if (!name) {
		HMAP_FOREACH(bridge, node, bridges_all())
			if (hmap_count(bridges_all()) == 1)
				return bridge;
		errbuf_set(err, -EINVAL, "say which bridge: ofproto/list names them");
		return NULL;
	}
	near_init(&near, name);
	HMAP_FOREACH(bridge, node, bridges_all())
		near_add(&near, bridge->name);
	if (near_best(&near))
		errbuf_set(
			err, -ENOENT, "no bridge named %s: did you mean %s?", name, near_best(&near)
		);
	else
		errbuf_set(err, -ENOENT, "no bridge named %s: ofproto/list names them", name);
	return NULL;
}

static void format_lines(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *line;

	json_array_foreach(answer, i, line)
		strbuf_addf(out, "%s\n", json_string_value(line));
}

static json_t *cmd_list(struct command_call *call, struct errbuf *err)
{
	json_t *names = json_array();
	struct bridge *bridge;

	HMAP_FOREACH(bridge, node, bridges_all())
		json_array_append_new(names, json_string(bridge->name));
	return names;
}

MGMT_COMMAND_TEXT(
	ofproto_list, "ofproto/list", "", 0, 0, cmd_list, "Names of the bridges.", format_lines
);
