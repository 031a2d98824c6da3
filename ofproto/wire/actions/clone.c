/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/match.h"
#include "ofproto/wire/actions/nested.h"

/* clone: the actions inside work on a copy; what they change is undone after them.  */

static enum of_error check(const struct action *action, struct action_check *check)
{
	struct action_list inside = action_inside(action);
	struct match *kept = check->match, copy;
	enum of_error error;

	if (kept) {
		copy = *kept;
		check->match = &copy;
	}
	error = actions_check(&inside, check);
	check->match = kept;
	return error;
}

static const struct action_type action_clone = {
	.name = "clone",
	.help = "clone(ACTION,…)",
	.wires = {ACTION_NX(42, .pad = 6)},
	.size = sizeof(struct action),
	.decode = nested_decode,
	.encode = nested_encode,
	.parse = nested_parse,
	.format = nested_format,
	.check = check,
};
REGISTRY_ADD(action_type, action_clone);
