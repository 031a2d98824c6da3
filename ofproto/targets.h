/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Targets: where lists of actions send packets, at any depth.  */

#include <stdbool.h>
#include <stdint.h>

struct action_list;
struct groups;

/* Main thread. */

bool targets_have_port(const struct action_list *list, uint32_t port);
/* GROUP_ID_ALL: any group. */
bool targets_have_meter(const struct action_list *list, uint32_t meter);
bool targets_have_group(const struct action_list *list, uint32_t group);
/* Whether the list has a group that is not there. */
bool targets_lack_group(const struct action_list *list, const struct groups *groups);
