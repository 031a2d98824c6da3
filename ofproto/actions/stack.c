/* SPDX-License-Identifier: Apache-2.0 */

/* Actions that keep fields on a stack.  */

#include "ofproto/wire/actions/stack.h"

#include <string.h>

#include "lib/flow/field.h"
#include "ofproto/actions/fields.h"
#include "ofproto/actions/room.h"
#include "ofproto/xlate/xlate.h"

static void push(struct xlate *x, const void *args)
{
	const struct action_stack *push = args;
	uint8_t value[FIELD_MAX_SIZE];

	fields_read(x, &push->sub, value);
	if (x->n_stack == XLATE_STACK)
		return;
	memcpy(x->stack[x->n_stack++], value + FIELD_MAX_SIZE - 16, 16);
}

/* Nothing is popped from an empty stack. */
static void pop(struct xlate *x, const void *args)
{
	const struct action_stack *pop = args;
	uint8_t value[FIELD_MAX_SIZE] = {0};

	if (!x->n_stack)
		return;
	memcpy(value + FIELD_MAX_SIZE - 16, x->stack[--x->n_stack], 16);
	fields_write(x, &pop->sub, value);
}

ACTION_ROOM(push, push);
ACTION_ROOM(pop, pop);
