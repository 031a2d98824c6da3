/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Restoring: gives bridges back what save.h wrote down.
 *
 * Rules come before any packet does, MACs when the lport they are behind is there: some devices take
 * a while to open. What cannot be restored is left out and counted.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct restore;

/* What became of it. */
struct restore_report {
	unsigned bridges, rules, groups, meters, macs;
	unsigned refused; /* of all of these */
	const char *first_refusal; /* the name of the error, or NULL */
	bool damaged; /* the end cannot be read */
};

/* Main thread. */

/* Takes the bytes over. 'away_ms': how long ago they were written. */
struct restore *restore_new(uint8_t *take_data, size_t n, int64_t away_ms);
void restore_free(struct restore *restore);

/* Replaces the rules, groups and meters of the bridges there are. Not those of a bridge whose rules
 * have become, or ceased to be, a controller's affair meanwhile. */
void restore_rules(struct restore *restore);
/* Learns the MACs behind lports that are there now; may be called again when there are more. */
void restore_macs(struct restore *restore);

const struct restore_report *restore_get_report(const struct restore *restore);
