/* SPDX-License-Identifier: Apache-2.0 */

/* Changes: what the main thread tells the keeper after it published something new.  */

#include "ofproto/keeper/change.h"

#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"
#include "ofproto/keeper/keeper.h"

struct change *change_new(void)
{
	return XNEW(struct change);
}

void change_add(
	struct change *change, enum dep_kind kind, uint32_t owner, uint16_t vlan, uint64_t what
)
{
	if (change->n_deps == change->deps_size) {
		change->deps_size = change->deps_size * 2 + 16;
		change->deps = xrealloc(change->deps, change->deps_size * sizeof(struct dep));
	}
	change->deps[change->n_deps++] =
		(struct dep){.what = what, .owner = owner, .vlan = vlan, .kind = kind};
}

void change_add_vlans(struct change *change, uint32_t bridge, const uint64_t vlans[4096 / 64])
{
	struct change_vlans *mine = NULL;

	for (unsigned i = 0; i < change->n_vlans; i++)
		if (change->vlans[i].bridge == bridge)
			mine = &change->vlans[i];
	if (!mine) {
		change->vlans =
			xrealloc(change->vlans, (change->n_vlans + 1) * sizeof(change->vlans[0]));
		mine = &change->vlans[change->n_vlans++];
		memset(mine, 0, sizeof(*mine));
		mine->bridge = bridge;
	}
	for (unsigned i = 0; i < 4096 / 64; i++)
		mine->vlans[i] |= vlans[i];
}

void change_add_rule(struct change *change, uint32_t bridge, struct rule *rule)
{
	if (change->n_rules == change->rules_size) {
		change->rules_size = change->rules_size * 2 + 16;
		change->rules =
			xrealloc(change->rules, change->rules_size * sizeof(struct change_rule));
	}
	change->rules[change->n_rules++] = (struct change_rule){.rule = rule, .bridge = bridge};
}

void change_add_ended(struct change *change, struct rule *const *rules, unsigned n)
{
	if (change->n_ended) {
		struct change_ended *last = &change->ended[change->n_ended - 1];

		if (last->rules + last->n == rules) {
			last->n += n;
			return;
		}
	}
	if (change->n_ended == change->ended_size) {
		change->ended_size = change->ended_size * 2 + 1;
		change->ended =
			xrealloc(change->ended, change->ended_size * sizeof(struct change_ended));
	}
	change->ended[change->n_ended++] = (struct change_ended){.rules = rules, .n = n};
}

bool change_is_empty(const struct change *change)
{
	return !change->n_deps && !change->n_vlans && !change->n_rules && !change->n_ended;
}

void change_free(struct change *change)
{
	if (!change)
		return;
	free(change->deps);
	free(change->vlans);
	free(change->rules);
	free(change->ended);
	free(change);
}
