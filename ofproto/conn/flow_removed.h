/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Tells controllers that a rule has ended.  */

struct bridge;
struct rule;

/* Main thread. */

/* The rule's counts are final, and it knows why it ended. */
void flow_removed_send(struct bridge *bridge, const struct rule *rule);
