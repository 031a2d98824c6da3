/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the row of a port wants of the switch: its VLANs, and how they look outside.  */

struct bridge_lport_config;
struct db_row;
struct strbuf;

/* Main thread. */

/* Fills the settings, not the name and the ports. What contradicts itself is left out. */
void lport_wanted_read(const struct db_row *port, struct bridge_lport_config *config);
/* Frees what was read, and the configuration's other_config. */
void lport_wanted_release(struct bridge_lport_config *config);
/* Adds a sentence to 'out' for each thing the row says that has no effect, or not the wanted one. */
void lport_wanted_explain(const struct db_row *port, struct strbuf *out);
