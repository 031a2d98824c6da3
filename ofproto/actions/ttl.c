/* SPDX-License-Identifier: Apache-2.0 */

/* Actions that count a time to live down. A packet whose time is over goes to the controllers, if
 * they asked for such packets, and no further.  */

#include "datapath/drop.h"
#include "ofproto/actions/controller.h"
#include "ofproto/actions/room.h"
#include "ofproto/wire/actions/controller.h"
#include "ofproto/wire/actions/dec_ttl.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(ttl_used_up, "a rule takes one off a TTL that has none left");

/* Controllers of these ids hear of it. */
static void end(struct xlate *x, const uint16_t *ids, unsigned n)
{
	xlate_add_dep(x, DEP_BRIDGE, x->bridge->index, 0, 0);
	for (unsigned i = 0; x->bridge->ttls_are_asked && i < n; i++) {
		const struct action_controller action = {
			.max_len = UINT16_MAX,
			.controller_id = ids[i],
			.reason = PACKET_IN_INVALID_TTL,
		};

		controller_send(x, PACKET_IN_INVALID_TTL, &action);
	}
	xlate_drop(x, &drop_ttl_used_up);
	x->exited = true;
}

static const uint16_t no_id;

static void dec_ttl(struct xlate *x, const void *args)
{
	const struct action_dec_ttl *dec = args;
	uint8_t ttl = x->key.base.ip_ttl - 1, all = UINT8_MAX;

	XLATE_LOOK(x, base.eth_type);
	XLATE_LOOK(x, base.ip_ttl);
	if (x->key.base.ip_ttl <= 1)
		end(x,
		    dec->n_controllers ? dec->controllers : &no_id,
		    dec->n_controllers ? dec->n_controllers : 1);
	else
		xlate_write(x, offsetof(struct key, base.ip_ttl), &ttl, &all, 1);
}

static void dec_mpls_ttl(struct xlate *x, const void *args)
{
	be32 entry, mask = be32_from(0xff);

	XLATE_LOOK(x, base.eth_type);
	XLATE_LOOK(x, extra.mpls[0]);
	if ((be32_to(x->key.extra.mpls[0]) & 0xff) <= 1) {
		end(x, &no_id, 1);
		return;
	}
	entry = be32_from(be32_to(x->key.extra.mpls[0]) - 1);
	xlate_write(x, offsetof(struct key, extra.mpls[0]), &entry, &mask, sizeof(entry));
}

ACTION_ROOM(dec_ttl, dec_ttl);
ACTION_ROOM(dec_mpls_ttl, dec_mpls_ttl);
