/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Bindings: which option of Geneve each of a bridge's fields tun_metadata0…63 stands for.
 *
 * All packets of the bridge's tunnels are read and written as the bindings say. A binding that rules
 * use stays, and one that stays keeps its place in the key, so nobody has to be told of a change but
 * flows that write options.  */

#include <stdbool.h>

#include "ofproto/wire/error.h"

struct bridge;
struct of_tlv_table_mod;
struct view_bridge;
struct wire_out;

enum {
	BINDINGS_SPACE = 256, /* bytes of all options that are bound */
};

/* Main thread. */

/* Does all that the message says, or nothing. */
enum of_error bindings_mod(struct bridge *bridge, const struct of_tlv_table_mod *mod);
/* Appends what is bound as a message has it. */
void bindings_put(const struct bridge *bridge, struct wire_out *out);
bool bindings_any(const struct bridge *bridge);
/* Has workers read the packets of the view's tunnels so. */
void bindings_apply(const struct bridge *bridge, const struct view_bridge *view);
