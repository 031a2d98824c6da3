/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Chains of groups: groups whose buckets send packets to groups.  */

#include <stdbool.h>
#include <stdint.h>

struct group_list;
struct groups;

/* Main thread. */

/* Whether a group with these buckets would lead to itself, or on over more groups than may be. */
bool chain_is_bad(const struct groups *groups, uint32_t id, const struct group_list *list);
