/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Neighbours, for the commands that show and change them. Main thread only.  */

#include <stdint.h>

#include "lib/ipaddr.h"
#include "lib/types.h"

typedef void
neighbours_visit_fn(uint32_t bridge, const struct ipaddr *ip, struct mac mac, void *context);

/* Those whose address is known. */
void neighbours_foreach(neighbours_visit_fn *visit, void *context);
/* Forgets those of one bridge, or of all (UNDERLAY_NO_BRIDGE). Returns how many. */
unsigned neighbours_flush(uint32_t bridge);
/* How long one is believed, and how long an answer is waited for; 0 only asks. */
int64_t neighbours_aging_ms(int64_t set);
int64_t neighbours_retry_ms(int64_t set);
