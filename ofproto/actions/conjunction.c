/* SPDX-License-Identifier: Apache-2.0 */

/* conjunction: nothing to do. Rules with it are no rules of their own; tables put them together
 * (ofproto/tables/conjunction.h).  */

#include "ofproto/actions/room.h"
#include "ofproto/xlate/xlate.h"

static void translate(struct xlate *x, const void *args) {}

ACTION_ROOM_WITH(conjunction, translate, ACTION_ROOM_BLIND | ACTION_ROOM_CONJUNCTION);
