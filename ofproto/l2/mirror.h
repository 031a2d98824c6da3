/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Mirrors: copies of a bridge's packets, as they come in or go out, to a port or a VLAN.
 *
 * A packet is copied once to a mirror, when it first comes in or goes out where that mirror looks,
 * and as it is then. What a mirror sends it no mirror of that bridge sees.  */

#include <stdbool.h>
#include <stdint.h>

struct bridge;
struct change;
struct l2_view;
struct match;
struct mirror;
struct view_lport;
struct xlate;

enum {
	MIRRORS_MAX = 64
};

/* A row of Mirror. Names are those of lports. */
struct mirror_config {
	char id[40]; /* tells it from other mirrors, also when it is renamed */
	bool all;
	const char **src, **dst;
	unsigned n_src, n_dst;
	uint64_t vlans[4096 / 64]; /* all ones: any */
	const char *output; /* or NULL … */
	uint16_t output_vlan; /* … and then this */
	uint16_t snaplen; /* 0: whole packets */
	const struct match *filter; /* or NULL */
};

/* Translators read. */
struct mirror_view {
	bool all;
	uint32_t *src, *dst; /* ids of lports */
	unsigned n_src, n_dst;
	uint64_t *vlans; /* NULL: any */
	uint32_t output; /* an lport's id, or 0 */
	uint16_t output_vlan;
	uint16_t snaplen;
	struct match *filter;
	uint64_t counts; /* address of a struct group_counts */
};

struct mirror_stats {
	uint64_t packets, bytes;
};

/* Any thread that holds an epoch. */

/* The packet has come in through 'in'. */
void mirror_in(struct xlate *x, const struct view_lport *in);
/* The packet, as it is now, is about to leave through 'out'. */
void mirror_out(struct xlate *x, const struct view_lport *out);
/* Whether the lport sends what mirrors copy, and nothing else. */
bool mirrors_own(const struct l2_view *view, const struct view_lport *lport);

/* Main thread. */

/* Whether anything changed. */
bool mirrors_apply(
	struct bridge *bridge,
	struct mirror **mirrors, /* a list, NULL at first */
	const struct mirror_config *configs,
	unsigned n,
	struct change *change
);
void mirrors_draw(const struct bridge *bridge, const struct mirror *mirrors, struct l2_view *view);
void mirrors_view_free(struct l2_view *view);
/* False: there is none. */
bool mirrors_get_stats(const struct mirror *mirrors, const char *id, struct mirror_stats *stats);
