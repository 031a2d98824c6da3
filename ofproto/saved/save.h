/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Saving: writes down what controllers and packets have taught the bridges, which no database has:
 * OpenFlow's rules, groups, meters and table settings, and MAC tables. restore.h reads it.  */

struct wire_out;

/* Main thread. */

/* Appends all bridges. 'out' is of OpenFlow 1.5. */
void save_bridges(struct wire_out *out);
