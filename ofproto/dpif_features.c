/* SPDX-License-Identifier: Apache-2.0 */

/* What the datapath can do, in the words of OVS's command.  */

#include <jansson.h>

#include "lib/command.h"
#include "lib/strbuf.h"
#include "ofproto/bridge_priv.h"

struct feature {
	const char *name;
	int is; /* a number, or: */
};

enum {
	NO = -1,
	YES = -2,
};

static const struct feature features[] = {
	{"Masked set action", YES},
	{"Tunnel push pop", YES},
	{"Ufid", NO},
	{"Truncate action", YES},
	{"Clone action", YES},
	{"Sample nesting", 0},
	{"Conntrack eventmask", NO},
	{"Conntrack clear", NO},
	{"Max dp_hash algorithm", 0},
	{"Check pkt length action", YES},
	{"Conntrack timeout policy", NO},
	{"Explicit Drop action", YES},
	{"Optimized Balance TCP mode", NO},
	{"Conntrack all-zero IP SNAT", NO},
	{"MPLS Label add", NO},
	{"Max VLAN headers", 2},
	{"Max MPLS depth", 3},
	{"Recirc", YES},
	{"CT state", NO},
	{"CT zone", NO},
	{"CT mark", NO},
	{"CT label", NO},
	{"CT state NAT", NO},
	{"CT orig tuple", NO},
	{"CT orig tuple for IPv6", NO},
	{"IPv6 ND Extension", YES},
};

static json_t *cmd_features(struct command_call *call, struct errbuf *err)
{
	json_t *object;

	if (!bridge_of_command(call->argv[0], err))
		return NULL;
	object = json_object();
	for (unsigned i = 0; i < ARRAY_LENGTH(features); i++) {
		int is = features[i].is;

		json_object_set_new(
			object,
			features[i].name,
			is < 0 ? json_boolean(is == YES) : json_integer(is)
		);
	}
	return object;
}

static void format_features(const json_t *answer, struct strbuf *out)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(features); i++) {
		const json_t *value = json_object_get(answer, features[i].name);

		if (json_is_integer(value))
			strbuf_addf(
				out,
				"%s: %lld\n",
				features[i].name,
				(long long)json_integer_value(value)
			);
		else
			strbuf_addf(
				out,
				"%s: %s\n",
				features[i].name,
				json_is_true(value) ? "Yes" : "No"
			);
	}
}
MGMT_COMMAND_TEXT(
	dpif_show_dp_features,
	"dpif/show-dp-features",
	"BRIDGE",
	1,
	1,
	cmd_features,
	"What the datapath of a bridge can do.",
	format_features
);
