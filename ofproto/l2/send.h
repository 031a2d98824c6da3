/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sending: a frame leaves through those of some lports that may have it, with the tags each wants.  */

struct frame;
struct view_lport;

/* Any thread that holds an epoch. */

/* To the lport that the destination is behind; dropped with a reason if it may not go there. */
void send_known(struct frame *frame, const struct view_lport *out);
/* To all that carry the frame's VLAN, but where it came from. */
void send_flood(struct frame *frame);
/* To those of the 'n' that it may go to. */
void send_to(struct frame *frame, const struct view_lport *const *lports, unsigned n);
