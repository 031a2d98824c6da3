/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/xlate/copy.h"

#include "ofproto/xlate/freeze.h"

void copy_begin(struct copy *copy, struct xlate *x)
{
	copy->key = x->key;
	copy->known = x->known;
	copy->set = x->set;
	copy->n_stack = x->n_stack;
	x->set = (struct xlate_set){0};
	x->in_copy++;
}

void copy_end(const struct copy *copy, struct xlate *x)
{
	freeze_seal(x);
	x->in_copy--;
	x->key = copy->key;
	x->known = copy->known;
	x->set = copy->set;
	x->n_stack = copy->n_stack;
	x->exited = false;
}
