/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the row of a bridge wants of it as an Ethernet switch.  */

struct bridge_config;
struct db_row;
struct strbuf;

/* Main thread. */

/* What the row of the switch says of all bridges: how long flows stay, what rules see. */
void l2_wanted_configure(const struct db_row *row);
/* Adds to 'bridge', whose other_config has been read. */
void l2_wanted_read(const struct db_row *row, struct bridge_config *bridge);
/* Adds a sentence to 'out' for each thing the row says that cannot be. */
void l2_wanted_explain(const struct db_row *row, struct strbuf *out);
/* Frees what was added. */
void l2_wanted_release(struct bridge_config *bridge);
