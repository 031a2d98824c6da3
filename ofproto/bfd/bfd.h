/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* BFD on ports that ask for it: whether the far end is there, by its own word. Main thread only; the
 * sessions themselves live on a thread of their own (bfd_thread.h).  */

#include <stdbool.h>

#include <jansson.h>

#include "ofproto/bfd/bfd_settings.h"

struct bfd_link;
struct bridge_port;

struct bfd_port {
	struct bfd_settings settings;
	int forced; /* 1 or 0: it counts as working or not, whatever is heard; -1: as heard */
	struct bfd_link *link; /* NULL while the port has no number */
};

/* For Interface.bfd_status. */
void bfd_add_status(const struct bridge_port *port, json_t *status);
void bfd_force(struct bridge_port *port, int forced);
