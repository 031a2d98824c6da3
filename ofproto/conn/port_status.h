/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Ports as controllers are told of them: when asked, and when one comes, goes or changes.  */

#include <stdint.h>

struct bridge;
struct of_port;
struct view_port;

/* Main thread. */

/* What OpenFlow says of the port. 'port->properties' is empty. */
void port_describe(const struct view_port *view, uint8_t version, struct of_port *port);
/* Tells controllers what is different since the last time. */
void port_status_check(struct bridge *bridge);
void port_status_forget(struct bridge *bridge);
