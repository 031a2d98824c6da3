/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Output to a port by number, for all actions that do.  */

#include <stdint.h>

struct xlate;

/* Any thread that holds an epoch. */

/* To a port, or what a reserved number stands for; 'max_len' bytes at most for the controller. */
void output_to(struct xlate *x, uint32_t number, uint16_t max_len);
