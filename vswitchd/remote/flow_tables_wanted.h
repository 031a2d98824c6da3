/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Flow tables: what the database says about OpenFlow tables of a bridge.  */

#include "ofproto/bridge.h"

struct db_row;

/* Main thread. */

/* Fills 'config->tables', to be freed by the caller. */
void flow_tables_wanted_read(const struct db_row *bridge_row, struct bridge_config *config);
