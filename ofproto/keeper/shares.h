/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shares: how many flows each port has, and who gives way when there are as many as there may be.
 *
 * A port that floods new flows fills the table; from then on its own flows make room for others', as
 * long as it has more than any other port. Of a port's flows the oldest goes first that was not used
 * since it was looked at last. Only the keeper uses this.  */

#include <stdint.h>

struct kept;

void shares_init(void);
void shares_add(struct kept *kept, uint32_t port);
void shares_del(struct kept *kept);
/* The flow that goes so that the port can have another one; NULL: the port has its share already, and
 * uses it. */
struct kept *shares_pick(uint32_t port);
