/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Classifying: finding the flows of packets the exact cache did not know, mask by mask.  */

#include <stdint.h>

struct flow;
struct worker;

/* Workers. */

/* Looks for the flows of worker->lookup.left; those found are filled in, the rest stays left. */
void classify(struct worker *worker);
