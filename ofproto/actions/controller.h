/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sending to the controllers, for the actions and misses that do.  */

#include <stdint.h>

#include "ofproto/conn/packet_in.h"

struct action_controller;
struct wire_bytes;
struct xlate;

/* Any thread that holds an epoch. */

/* A copy of the packet as it is now; 'action' may be NULL. */
void controller_send(struct xlate *x, uint8_t reason, const struct action_controller *action);

/* The same in two steps, so that something can happen in between: what is said about the packet, and
 * sending it, with a note of what is left to be done with it (or NULL). */
void controller_note(
	struct xlate *x, struct packet_in_note *note, const struct action_controller *action
);
void controller_punt(
	struct xlate *x,
	struct packet_in_note *note,
	const struct action_controller *action,
	const struct wire_bytes *rest
);
