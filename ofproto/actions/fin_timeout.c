/* SPDX-License-Identifier: Apache-2.0 */

/* fin_timeout: when TCP says goodbye, the rule's timeouts become shorter.  */

#include "ofproto/wire/actions/fin_timeout.h"

#include "ofproto/actions/room.h"
#include "ofproto/learned/learned.h"
#include "ofproto/xlate/xlate.h"

enum {
	PROTO_TCP = 6,
	FIN_OR_RST = 0x5,
};

static void translate(struct xlate *x, const void *args)
{
	be16 flags = be16_from(FIN_OR_RST);

	XLATE_LOOK(x, base.ip_proto);
	if (x->key.base.ip_proto != PROTO_TCP)
		return;
	x->mask.base.tcp_flags |= flags & ~x->known.base.tcp_flags;
	if (x->key.base.tcp_flags & flags && x->rule)
		xlate_add_order(x, learned_fin_new(x->bridge->index, x->rule, args));
}

ACTION_ROOM(fin_timeout, translate);
