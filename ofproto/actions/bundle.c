/* SPDX-License-Identifier: Apache-2.0 */

/* bundle and bundle_load: one of several ports that are live is chosen, and gets the packet or is
 * written to a field.  */

#include "ofproto/wire/actions/bundle.h"

#include "datapath/drop.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/hash.h"
#include "ofproto/actions/fields.h"
#include "ofproto/actions/hash.h"
#include "ofproto/actions/output.h"
#include "ofproto/actions/room.h"
#include "ofproto/groups/groups.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(no_bundle_member, "no port of the OpenFlow bundle is live");

static bool is_live(struct xlate *x, uint32_t number)
{
	const struct view_port *port = view_find_port(x->bridge, number);

	xlate_add_dep(x, DEP_NUMBER, x->bridge->index, 0, number);
	return port && !(port->config & PORT_CONFIG_DOWN) &&
		!groups_port_is_dead(x->bridge->groups, number);
}

static uint32_t choose(struct xlate *x, const struct action_bundle *bundle)
{
	uint32_t best = PORT_ANY, highest = 0, hash = 0;

	if (bundle->algorithm != BUNDLE_ACTIVE_BACKUP)
		hash = hash_packet(x, bundle->fields, bundle->basis);
	for (unsigned i = 0; i < bundle->n_members; i++) {
		uint32_t draw = hash_u64(i, hash);

		if (!is_live(x, bundle->members[i]))
			continue;
		if (bundle->algorithm == BUNDLE_ACTIVE_BACKUP)
			return bundle->members[i];
		if (best != PORT_ANY && draw <= highest)
			continue;
		best = bundle->members[i];
		highest = draw;
	}
	return best;
}

static void translate(struct xlate *x, const void *args)
{
	uint32_t port = choose(x, args);

	if (port == PORT_ANY)
		xlate_drop(x, &drop_no_bundle_member);
	else
		output_to(x, port, UINT16_MAX);
}

static void translate_load(struct xlate *x, const void *args)
{
	const struct action_bundle *bundle = args;
	uint32_t port = choose(x, bundle);

	/* Fields of 16 bits hold ports as OpenFlow 1.0 numbers them. */
	if (bundle->dst.bits <= 16)
		port = field_port_to16(port);
	fields_write_number(x, &bundle->dst, port);
}

ACTION_ROOM(bundle, translate);
ACTION_ROOM(bundle_load, translate_load);
