/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Copies: what is done to a packet within a clone or a bucket is not seen behind it.  */

#include "ofproto/xlate/xlate.h"

struct copy {
	struct key key, known;
	struct xlate_set set;
	unsigned n_stack;
};

/* Any thread that holds an epoch. */

/* The copy starts with an action set of its own. */
void copy_begin(struct copy *copy, struct xlate *x);
void copy_end(const struct copy *copy, struct xlate *x);
