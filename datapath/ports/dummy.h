/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Dummy ports: what their commands (dummy_command.c) and tests in C can do with them.  */

#include <stdbool.h>

struct port;
struct rte_mbuf;

/* Main thread. */

bool dummy_is(const struct port *port);
/* Lets a packet arrive at the port. False when too many wait already. */
bool dummy_inject(struct port *port, struct rte_mbuf *take_packet);
/* The next packet the port has sent, now the caller's; NULL when there is none. */
struct rte_mbuf *dummy_take_sent(struct port *port);
/* Packets were injected that no worker has taken yet. */
bool dummy_has_waiting(struct port *port);
void dummy_set_link(struct port *port, bool up);
