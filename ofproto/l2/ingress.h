/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Ingress: what becomes of a packet that enters a bridge before any rule sees it.  */

#include <stdbool.h>

struct view_port;
struct xlate;

/* Any thread that holds an epoch. */

/* Whether the packet goes on to the rules; if not, it has been dealt with. */
bool ingress_admits(struct xlate *x, const struct view_port *port);
