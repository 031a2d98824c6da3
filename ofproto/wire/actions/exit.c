/* SPDX-License-Identifier: Apache-2.0 */
/* Ends all translation of the packet here.  */

#include "ofproto/wire/action_codec.h"

ACTION_VOID(exit, .name = "exit", .help = "exit", .wires = {ACTION_NX(17)}, );
