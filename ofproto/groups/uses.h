/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Uses: how many rules send packets to each group of a bridge, counted as rules come and go.  */

#include <stdint.h>

struct rule_actions;
struct uses;

/* Main thread. */

struct uses *uses_new(void);
void uses_free(struct uses *uses); /* NULL is fine */
/* A rule with these actions has come (1) or gone (-1). */
void uses_count(struct uses *uses, const struct rule_actions *actions, int difference);
uint32_t uses_get(const struct uses *uses, uint32_t group);
