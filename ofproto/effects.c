/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/effects.h"

#include "ofproto/bridge_changes.h"
#include "ofproto/l2/addresses.h"
#include "ofproto/underlay/underlay.h"
#include "ofproto/xlate/xlate.h"

static void apply(const struct effect *effect)
{
	switch (effect->kind) {
	case EFFECT_LEARN:
		addresses_learn(effect, 1);
		break;
	case EFFECT_WANT_ROUTE:
		underlay_want_route(&(struct underlay_end
		){.dst = effect->ip, .from = effect->from, .mark = effect->mark});
		break;
	case EFFECT_WANT_NEIGHBOUR:
		underlay_want_neighbour(effect->bridge, &effect->ip);
		break;
	}
}

void effects_apply(const struct effect *effects, unsigned n)
{
	bridge_changes_begin();
	for (unsigned i = 0; i < n; i++)
		apply(&effects[i]);
	bridge_changes_end();
}

int effects_start(struct errbuf *err)
{
	return underlay_start(err);
}

void effects_stop(void)
{
	underlay_stop();
}
