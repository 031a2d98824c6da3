/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/l2/pvlan.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/strbuf.h"
#include "ofproto/l2/l2.h"
#include "ofproto/view.h"

enum {
	VLANS = 4096,
	VLAN_LAST = 4094,
	WORD_MAX = 32,
};

uint16_t pvlan_home(const struct view_bridge *bridge, uint16_t vlan)
{
	const struct pvlans *pvlans = bridge->l2->pvlans;

	return pvlans && pvlans->primary[vlan] ? pvlans->primary[vlan] : vlan;
}

/* Whether who is in VLAN 'to' hears who is in 'from', both of one primary. */
static bool hears(const struct pvlans *pvlans, uint16_t to, uint16_t from)
{
	return pvlans->kind[from] == PVLAN_PRIMARY || pvlans->kind[to] == PVLAN_PRIMARY ||
		(to == from && pvlans->kind[to] == PVLAN_COMMUNITY);
}

bool pvlan_carries(const struct view_bridge *bridge, const struct view_lport *lport, uint16_t vlan)
{
	const struct pvlans *pvlans = bridge->l2->pvlans;
	uint16_t home = pvlans ? pvlans->primary[vlan] : 0;

	if (!home)
		return view_lport_carries(lport, vlan);
	if (lport->vlan_mode == VLAN_MODE_ACCESS)
		return pvlans->primary[lport->tag] == home && hears(pvlans, lport->tag, vlan);
	if (lport->private_trunk == PRIVATE_TRUNK_ISOLATED && pvlans->kind[vlan] != PVLAN_PRIMARY)
		return false;
	uint16_t outside = pvlan_outside(bridge, lport, vlan);

	return outside && view_lport_carries(lport, outside);
}

uint16_t
pvlan_outside(const struct view_bridge *bridge, const struct view_lport *lport, uint16_t vlan)
{
	const struct pvlans *pvlans = bridge->l2->pvlans;
	uint16_t home = pvlans ? pvlans->primary[vlan] : 0;

	if (!home || lport->private_trunk == PRIVATE_TRUNK_PLAIN)
		return vlan;
	return lport->private_trunk == PRIVATE_TRUNK_PROMISCUOUS ? home : pvlans->isolated[home];
}

bool pvlan_enters(const struct view_bridge *bridge, const struct view_lport *lport, uint16_t vlan)
{
	const struct pvlans *pvlans = bridge->l2->pvlans;

	if (lport->private_trunk == PRIVATE_TRUNK_PLAIN || !pvlans || !pvlans->primary[vlan])
		return true;
	return pvlans->kind[vlan] ==
		(lport->private_trunk == PRIVATE_TRUNK_PROMISCUOUS ? PVLAN_PRIMARY : PVLAN_ISOLATED
		);
}

bool pvlan_learns(const struct view_bridge *bridge, const struct view_lport *lport, uint16_t vlan)
{
	const struct pvlans *pvlans = bridge->l2->pvlans;

	if (view_lport_carries(lport, vlan) || !pvlans || pvlans->primary[vlan] != vlan)
		return view_lport_carries(lport, vlan);
	if (lport->vlan_mode == VLAN_MODE_ACCESS)
		return pvlans->primary[lport->tag] == vlan;
	for (unsigned i = 0; i < VLANS; i++)
		if (pvlans->primary[i] == vlan && view_lport_carries(lport, i))
			return true;
	return false;
}

/* Main thread. */

static void complain(struct strbuf *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void complain(struct strbuf *out, const char *format, ...)
{
	va_list args;

	if (!out)
		return;
	strbuf_addf(out, "%sprivate-vlans: ", out->length ? "; " : "");
	va_start(args, format);
	strbuf_addv(out, format, args);
	va_end(args);
}

/* Where the parser stands. */
struct reading {
	struct pvlans *pvlans;
	struct strbuf *out;
	uint16_t primary; /* 0: none was named in this group */
	enum pvlan_kind kind;
	uint16_t isolated; /* of this primary */
};

static void take_vlan(struct reading *r, uint16_t vlan)
{
	if (r->pvlans->kind[vlan]) {
		complain(r->out, "VLAN %u is named twice", vlan);
		return;
	}
	if (!r->primary && r->kind) {
		complain(r->out, "VLAN %u has no primary VLAN in front of it", vlan);
		return;
	}
	if (!r->primary) {
		r->primary = vlan;
		r->pvlans->kind[vlan] = PVLAN_PRIMARY;
	} else if (!r->kind) {
		complain(r->out, "say whether VLAN %u is isolated or community", vlan);
		return;
	} else if (r->kind == PVLAN_ISOLATED && r->isolated) {
		complain(
			r->out,
			"VLAN %u: primary VLAN %u has the isolated VLAN %u already, and needs no more",
			vlan,
			r->primary,
			r->isolated
		);
		return;
	} else {
		r->pvlans->kind[vlan] = r->kind;
		if (r->kind == PVLAN_ISOLATED)
			r->isolated = r->pvlans->isolated[r->primary] = vlan;
	}
	r->pvlans->primary[vlan] = r->primary;
}

static void take_word(struct reading *r, const char *word)
{
	char *end;
	unsigned long vlan;

	if (!strcmp(word, "isolated") || !strcmp(word, "community")) {
		r->kind = *word == 'i' ? PVLAN_ISOLATED : PVLAN_COMMUNITY;
		return;
	}
	vlan = strtoul(word, &end, 10);
	if (*end || !vlan || vlan > VLAN_LAST)
		complain(
			r->out,
			"'%s' is none of isolated, community, and VLANs from 1 to %d",
			word,
			VLAN_LAST
		);
	else
		take_vlan(r, (uint16_t)vlan);
}

bool pvlans_parse(struct pvlans *pvlans, const char *text, struct strbuf *out)
{
	struct reading r = {.pvlans = pvlans, .out = out};
	bool any = false;

	memset(pvlans, 0, sizeof(*pvlans));
	while (*(text += strspn(text, " ,"))) {
		size_t n = strcspn(text, " ,;");
		char word[WORD_MAX] = "";

		if (*text == ';') {
			r = (struct reading){.pvlans = pvlans, .out = out};
			text++;
			continue;
		}
		memcpy(word, text, n < sizeof(word) - 1 ? n : sizeof(word) - 1);
		take_word(&r, word);
		text += n;
	}
	for (unsigned i = 0; i < VLANS; i++)
		any |= pvlans->kind[i];
	return any;
}
