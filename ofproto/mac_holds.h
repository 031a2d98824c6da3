/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Holds: which addresses of a MAC table may not move for a while, and for how long.
 *
 * Each move makes flows anew. One address that moves without a pause is held for a second at a time;
 * very many that move to an lport again and again, as somebody's forged frames make them, share so
 * many moves a second, and wait for their turn.  */

#include <stdint.h>

#include <urcu/list.h>

struct mac_entry;
struct mac_holds;

enum {
	MAC_HOLDS_MS = 1000, /* for one that is restless */
	MAC_HOLDS_WANDER_MS = 30000, /* who moves again before this is charged for it */
	MAC_HOLDS_EACH_MS = 1, /* what such a move costs the lport that it goes to … */
	MAC_HOLDS_BURST_MS = 4000, /* … which may owe so much */
	MAC_HOLDS_MAX_MS = 60000,
};

/* Main thread. */

struct mac_holds *mac_holds_new(void);
/* Before its entries are freed. */
void mac_holds_free(struct mac_holds *holds);

/* The entry is moving to its new lport at the time 'now'; holds it there if need be. */
void mac_holds_note(struct mac_holds *holds, struct mac_entry *entry, uint32_t lport, int64_t now);
/* Tells about entries whose time is over, which are held no more. */
typedef void mac_holds_fn(void *context, struct mac_entry *entry);
void mac_holds_release(struct mac_holds *holds, int64_t now, mac_holds_fn *tell, void *context);
