/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Multicast tables: which lports of a bridge want which groups in which VLAN, and behind which are
 * multicast routers.
 *
 * The main thread learns and ages; translators look up without locks. Addresses are IPv6's; those of
 * IPv4 are mapped (::ffff:a.b.c.d).  */

#include <stdbool.h>
#include <stdint.h>

struct mcast_table;

enum {
	MCAST_ADDRESS_SIZE = 16,
	MCAST_FOREVER = -1,
};

/* Immutable; replaced as a whole. */
struct mcast_ports {
	unsigned n;
	uint32_t lports[]; /* ids */
};

struct mcast_stats {
	unsigned n, max;
	uint64_t learned, expired, evicted;
};

/* Called for each group or VLAN's routers ('ip' NULL) whose ports are others now. */
typedef void mcast_changed_fn(void *context, uint16_t vlan, const uint8_t *ip);

/* Any thread that holds an epoch. NULL: nobody wants it; there are none. */

const struct mcast_ports *
mcast_table_find(const struct mcast_table *table, uint16_t vlan, const uint8_t *ip);
const struct mcast_ports *mcast_table_routers(const struct mcast_table *table, uint16_t vlan);

/* Main thread. */

struct mcast_table *mcast_table_new(mcast_changed_fn *changed, void *context);
/* No translator may see the table any more. */
void mcast_table_free(struct mcast_table *table);
void mcast_table_configure(struct mcast_table *table, unsigned max, int64_t aging_ms);

/* The lport wants the group; 'fixed': until told otherwise. */
void mcast_table_join(
	struct mcast_table *table, uint16_t vlan, const uint8_t *ip, uint32_t lport, bool fixed
);
/* It does not want it any more. False if it did not. What is fixed stays, unless 'fixed'. */
bool mcast_table_leave(
	struct mcast_table *table, uint16_t vlan, const uint8_t *ip, uint32_t lport, bool fixed
);
/* A router was heard behind the lport. */
void mcast_table_add_router(struct mcast_table *table, uint16_t vlan, uint32_t lport);
/* Forgets what was learned. */
void mcast_table_flush(struct mcast_table *table);
/* Forgets all of the lport. */
void mcast_table_flush_lport(struct mcast_table *table, uint32_t lport);
void mcast_table_age(struct mcast_table *table);

void mcast_table_get_stats(const struct mcast_table *table, struct mcast_stats *stats);
void mcast_table_clear_stats(struct mcast_table *table);
/* 'ip' NULL for routers; 'age_ms' since it was last heard of, or MCAST_FOREVER. */
typedef void
mcast_visit_fn(void *context, uint16_t vlan, const uint8_t *ip, uint32_t lport, int64_t age_ms);
void mcast_table_foreach(const struct mcast_table *table, mcast_visit_fn *visit, void *context);
