/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Ports as controllers are told of them: when asked, and when one comes, goes or changes.  */

#include <stdint.h>

struct bridge;
struct view_port;
struct wire_out;

/* Main thread. */

/* Appends what OpenFlow says of the port, a struct of_port. */
void port_put(const struct view_port *view, struct wire_out *out);
/* Tells controllers what is different since the last time. */
void port_status_check(struct bridge *bridge);
void port_status_forget(struct bridge *bridge);
