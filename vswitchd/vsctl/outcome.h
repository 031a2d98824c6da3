/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Outcome: what the switch has made of a request, once it has acted on it.
 *
 * Rows that tell of faults are noted before they change, so that those which the request has brought
 * about can be told to whoever made it.  */

#include <stdbool.h>

struct db_row;
struct request;

/* Main thread. */

/* A column of the row is about to be set. */
void outcome_note(struct request *request, struct db_row *row);
/* Forgets what was noted. */
void outcome_reset(struct request *request);
/* Warns of ports that did not come up, and of what was refused of the settings of others, of bridges
 * and of the switch. True if a port did not come up: the exit status says so, too. */
bool outcome_tell(struct request *request);
