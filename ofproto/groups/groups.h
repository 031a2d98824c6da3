/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Groups: OpenFlow's lists of buckets of actions, of one bridge.
 *
 * All groups of a bridge are one published set (group_set.h). A change makes a new set, which shares
 * with the old one the groups that stay as they are; groups never change once they are in a set. In a
 * batch of changes the new set is published at its end.  */

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/wire/error.h"
#include "ofproto/wire/wire.h"

struct bridge;
struct key;
struct of_group_mod;
struct rule_actions;

enum group_type {
	GROUP_ALL,
	GROUP_SELECT,
	GROUP_INDIRECT,
	GROUP_FAST_FAILOVER,
};

enum {
	GROUP_ID_MAX = 0xffffff00u,
	GROUP_ID_ALL = 0xfffffffcu,
	GROUP_ANY = 0xffffffffu,
	GROUPS_MAX = 65536, /* in one bridge */
	GROUP_BUCKETS_MAX = 4096,
};

/* Packets that flows sent through; the keeper adds. */
struct group_counts {
	uint64_t packets, bytes;
};

struct group_bucket {
	uint32_t id;
	uint32_t watch_port, watch_group; /* UINT32_MAX: none */
	uint16_t weight;
	struct rule_actions *actions; /* in the order of an action set */
};

struct group {
	uint32_t id;
	uint8_t type; /* enum group_type */
	int64_t created_ms;
	struct wire_bytes properties; /* OpenFlow 1.5's, as they came */
	struct key *hash_fields; /* a mask of what chooses the bucket, or NULL: as we like */
	uint32_t hash_basis;
	struct group_counts *counts; /* its own, then each bucket's */
	unsigned n_buckets;
	struct group_bucket buckets[];
};

struct groups;

/* Any thread that holds an epoch. */

const struct group *groups_find(const struct groups *groups, uint32_t id);
/* Whether the port was without link when last looked at. */
bool groups_port_is_dead(const struct groups *groups, uint32_t port);

/* Main thread. */

struct groups *groups_new(void);
/* No translator may see them any more. */
void groups_free(struct groups *groups);

enum of_error groups_mod(struct bridge *bridge, const struct of_group_mod *mod);
/* Deletes all groups, before the bridge goes. */
void groups_clear(struct bridge *bridge);
/* Between these, changes are collected; they nest as batches of rules do. */
void groups_batch_begin(struct bridge *bridge);
void groups_batch_end(struct bridge *bridge);
void groups_batch_undo(struct bridge *bridge);

/* As those who make changes see them, those of an open batch included. */
const struct group *groups_find_newest(const struct groups *groups, uint32_t id);
/* Rules that send packets to the group. */
uint32_t groups_count_rules(const struct groups *groups, uint32_t id);
/* A rule with these actions has come (1) or gone (-1). */
void groups_count_rule(struct groups *groups, const struct rule_actions *actions, int difference);
/* The ids of all, in order; the caller frees them. */
uint32_t *groups_list(const struct groups *groups, unsigned *n);
/* Looks at the links of ports, which buckets and bundles watch. */
void groups_poll(void);
