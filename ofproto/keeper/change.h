/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The inside of a change, for the keeper that opens it.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/mailbox.h"
#include "ofproto/xlate/dep.h"

struct rule;

struct change_vlans {
	uint32_t bridge;
	uint64_t vlans[4096 / 64];
};

struct change_rule {
	struct rule *rule;
	uint32_t bridge;
};

/* Rules that are gone; they belong to the errand that follows the change. */
struct change_ended {
	struct rule *const *rules;
	unsigned n;
};

struct change {
	struct letter letter;
	uint64_t posted_ns;
	struct dep *deps;
	unsigned n_deps, deps_size;
	struct change_vlans *vlans;
	unsigned n_vlans;
	struct change_rule *rules;
	unsigned n_rules, rules_size;
	struct change_ended *ended;
	unsigned n_ended, ended_size;
};

bool change_is_empty(const struct change *change);
void change_free(struct change *change);
