/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sending to the controllers, for the actions and misses that do.  */

#include <stdint.h>

struct action_controller;
struct xlate;

/* Any thread that holds an epoch. */

/* A copy of the packet as it is now; 'userdata' of the action, which may be NULL. */
void controller_send(
	struct xlate *x, uint8_t reason, uint16_t max_size, const struct action_controller *action
);
