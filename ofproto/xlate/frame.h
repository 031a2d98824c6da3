/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Frames: in which VLAN a frame is, and with which tags it leaves, by the modes of the lports.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/flow/key.h"
#include "lib/types.h"

struct drop_reason;
struct view_lport;
struct xlate;

/* A stack of VLAN tags as in a key, outermost first: how a frame looks on some port. */
struct form {
	be16 tci, tpid;
	be16 tci2, tpid2;
	struct key_tag deep[KEY_DEEP_TAGS]; /* known because actions pushed tags onto them */
};

struct frame {
	struct xlate *x;
	const struct view_lport *in;
	uint16_t vlan;
	struct form came; /* as it came in */
	struct form inside; /* … less the tag that told the VLAN */
	bool floods; /* it goes to all that may have it, not to those that were chosen */
};

/* Any thread that holds an epoch. */

/* Finds the VLAN of the packet that came in through 'in'. False if it may not be there; it has been
 * dropped then. */
bool frame_init(struct frame *frame, struct xlate *x, const struct view_lport *in);
/* The same, but drops nothing and looks no further: NULL, or why it may not be there. */
const struct drop_reason *
frame_find(struct frame *frame, struct xlate *x, const struct view_lport *in);
/* Whether 'out' carries the frame's VLAN, and the customer's VLAN inside. */
bool frame_may_leave(const struct frame *frame, const struct view_lport *out);
/* How the frame has to look on 'out', by which it may leave. */
struct form frame_form(const struct frame *inner, const struct view_lport *out);

void form_get(struct form *form, const struct key *key);
void form_set(const struct form *form, struct key *key);
bool form_equal(const struct form *a, const struct form *b);

/* Whether the address is that of a protocol between neighbouring switches. */
bool frame_is_reserved(struct mac mac);
