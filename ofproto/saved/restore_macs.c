/* SPDX-License-Identifier: Apache-2.0 */

/* MACs, behind lports that are named by the file's numbers.  */

#include <stdlib.h>

#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/mac_table.h"
#include "ofproto/saved/saved_priv.h"

struct known_lport {
	uint32_t id; /* in the file */
	uint32_t lport; /* now */
};

static int by_id(const void *a_, const void *b_)
{
	const struct known_lport *a = a_, *b = b_;

	return a->id < b->id ? -1 : a->id > b->id;
}

void restore_lport(struct restore_lports *lports, struct walk *walk)
{
	struct known_lport known = {.id = wire_u32(&walk->body)};
	char *name = walk_take_text(&walk->body);
	const struct lport *lport = bridge_find_lport(walk->bridge, name);

	free(name);
	if (!lport || walk->body.error)
		return;
	known.lport = lport->id;
	if (lports->n == lports->size) {
		lports->size = lports->size * 2 + 16;
		lports->list = xrealloc(lports->list, lports->size * sizeof(lports->list[0]));
	}
	lports->list[lports->n++] = known;
	lports->sorted = false;
}

/* 0: it is not there now. */
static uint32_t find_lport(struct restore_lports *lports, uint32_t id)
{
	struct known_lport wanted = {.id = id};
	const struct known_lport *found;

	if (!lports->n)
		return 0;
	if (!lports->sorted)
		qsort(lports->list, lports->n, sizeof(lports->list[0]), by_id);
	lports->sorted = true;
	found = bsearch(&wanted, lports->list, lports->n, sizeof(lports->list[0]), by_id);
	return found ? found->lport : 0;
}

bool restore_mac(struct walk *walk, struct restore_lports *lports, int64_t away_ms)
{
	struct wire_in *in = &walk->body;
	uint16_t vlan = wire_u16(in) & 0xfff;
	struct mac mac = wire_mac(in);
	uint8_t flags = wire_u8(in);
	uint32_t lport = find_lport(lports, wire_u32(in));
	uint64_t age = wire_u64(in);

	if (in->error || !lport || age > INT32_MAX || mac_table_find(walk->bridge->macs, vlan, mac))
		return false;
	if (flags & SAVED_MAC_FIXED)
		mac_table_fix(walk->bridge->macs, vlan, mac, lport);
	else
		mac_table_recall(walk->bridge->macs, vlan, mac, lport, (int64_t)age + away_ms);
	return true;
}
