/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where the database wants metrics to be served: other_config:metrics-address.  */

struct db_row;

/* Main thread. */

void metrics_wanted_apply(const struct db_row *switch_row);
void metrics_wanted_stop(void);
