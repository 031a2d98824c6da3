/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the rows of Interface, QoS and Queue say of limits.  */

#include <stdbool.h>

struct interface_row;
struct port_row;
struct errbuf;
struct port;

/* Main thread. */

/* Whether there is a QoS of this type here. */
bool policing_wanted_knows(const char *type);

/* Limits the port as its interface (ingress_policing_*) and the QoS of its row of Port say. */
int policing_wanted_apply(
	struct port *port,
	const struct interface_row *interface,
	const struct port_row *lport,
	struct errbuf *err
);
