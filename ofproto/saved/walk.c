/* SPDX-License-Identifier: Apache-2.0 */

/* Reading section by section.  */

#include <stdlib.h>

#include "lib/xmalloc.h"
#include "ofproto/bridge.h"
#include "ofproto/saved/saved_priv.h"

enum {
	HEAD_SIZE = 6, /* of a section: kind and size */
};

static uint32_t take_size(struct wire_in *in)
{
	uint32_t size = wire_u32(in);

	if (size > wire_left(in))
		wire_fail(in, OF_BRC_BAD_LEN);
	return in->error ? 0 : size;
}

struct wire_bytes walk_take_run(struct wire_in *in)
{
	return wire_take(in, take_size(in), OF_BRC_BAD_LEN);
}

char *walk_take_text(struct wire_in *in)
{
	struct wire_bytes bytes = walk_take_run(in);

	return xstrndup((const char *)bytes.data, bytes.n);
}

void walk_init(struct walk *walk, const uint8_t *data, size_t n)
{
	*walk = (struct walk){.in = wire_in(data, n, OF15)};
}

static void enter_bridge(struct walk *walk)
{
	char *name = walk_take_text(&walk->body);

	walk->bridge = bridge_find(name);
	walk->flags = wire_u32(&walk->body);
	if (walk->body.error)
		walk->bridge = NULL;
	free(name);
}

bool walk_next(struct walk *walk)
{
	while (wire_left(&walk->in) >= HEAD_SIZE) {
		walk->kind = wire_u16(&walk->in);
		walk->body = wire_sub(&walk->in, wire_u32(&walk->in), OF_BRC_BAD_LEN);
		if (walk->in.error)
			return false;
		if (walk->kind == SAVED_BRIDGE)
			enter_bridge(walk);
		if (walk->bridge)
			return true;
	}
	return false;
}
