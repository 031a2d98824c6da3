/* SPDX-License-Identifier: Apache-2.0 */
/* Goes back to the queue that the packet had at first.  */

#include "ofproto/wire/action_codec.h"

ACTION_VOID(pop_queue, .name = "pop_queue", .help = "pop_queue", .wires = {ACTION_NX(5)}, );
