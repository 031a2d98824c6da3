/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Advice: what is odd about values that a request has just set, from the descriptions in
 * vswitchd/config. The values are in the database all the same; clients of other switches write
 * many a key that this one does without.  */

#include <stdbool.h>

struct request;
struct schema_table;

/* Main thread. */

/* Whether there could be anything to say about the column. */
bool advice_cares(const struct schema_table *schema, unsigned column);
/* Adds to the request's warnings what is odd about its changes. */
void advice_give(struct request *request);
