/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Credit: what flows count goes to the tables, rules, groups and MAC addresses they are made of.  */

#include <stdint.h>

struct dep;
struct kept;

/* The keeper. */

/* Hands on what the flow counted since the last time. */
void credit_flow(struct kept *kept);
/* The source's MAC address was in use then. */
void credit_mac(const struct dep *dep, int64_t now_ms);
