/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Ports without link, or with nobody at its other end, of one bridge: groups and bundles watch for them.
 * What is published never changes.  */

#include <stdbool.h>
#include <stdint.h>

struct bridge;
struct dead_ports;

/* Any thread that holds an epoch. */

bool dead_ports_have(const struct dead_ports *dead, uint32_t number);

/* Main thread. */

/* None, to be freed by free(). */
struct dead_ports *dead_ports_new(void);
/* Looks at the links, publishes what it finds, and tells who depends on links that came or went. */
void dead_ports_poll(struct dead_ports **dead, struct bridge *bridge);
