/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Again: translating the packets of a flow that is there, all at once.  */

#include <stdbool.h>

#include <jansson.h>

struct flow;
struct key;
struct xlate;

/* Any thread that holds an epoch. */

/* Returns whether one result holds for all packets of the flow; to find out, up to 'patience' rules
 * are read that some of them may match. */
bool again_translate(struct xlate *x, const struct flow *flow, unsigned patience);
/* Translates a packet; the program is what again_translate() would find for the flow it gets. */
void again_make(struct xlate *x, const struct key *key);
/* Whether what again_make() found holds for all packets of a flow of this mask … */
bool again_holds(const struct xlate *x, const struct key *mask);
/* … and for others that differ in bits of the mask. */
bool again_is_wider(const struct xlate *x, const struct key *mask);
/* What is wrong with the flow, as an object for people, or NULL. New reference. */
json_t *again_check(struct xlate *x, const struct flow *flow);
