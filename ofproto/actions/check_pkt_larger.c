/* SPDX-License-Identifier: Apache-2.0 */

/* check_pkt_larger: the packet comes round again, once its length has been looked at.  */

#include "ofproto/wire/actions/check_pkt_larger.h"

#include "ofproto/actions/room.h"
#include "ofproto/xlate/freeze.h"
#include "ofproto/xlate/xlate.h"

static void translate(struct xlate *x, const void *args)
{
	const struct action_check_pkt_larger *check = args;

	freeze_begin_by_size(x, check->length, &check->dst);
}

ACTION_ROOM(check_pkt_larger, translate);
