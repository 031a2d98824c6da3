/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private VLANs: one subnet, whose hosts do not all hear each other.
 *
 * A primary VLAN has secondary ones. Ports of the primary (promiscuous, as a router's) hear all and
 * are heard by all; those of an isolated one hear these only; those of a community one another too.
 * An access port is what its tag's VLAN is. Trunks carry each VLAN by its own tag, so that the next
 * switch can go on; those to somebody who knows nothing of private VLANs show all of them as the
 * primary (promiscuous), or the primary as the isolated one (isolated), and take in no others.
 * Addresses are learned once for all of them, in the primary.  */

#include <stdbool.h>
#include <stdint.h>

struct strbuf;
struct view_bridge;
struct view_lport;

enum pvlan_kind {
	PVLAN_NONE,
	PVLAN_PRIMARY,
	PVLAN_ISOLATED,
	PVLAN_COMMUNITY,
};

struct pvlans {
	uint16_t
		primary[4096]; /* of the VLAN; itself for a primary, 0 for one that is none of it */
	uint16_t isolated[4096]; /* of the primary; 0: none */
	uint8_t kind[4096]; /* enum pvlan_kind */
};

/* Any thread that holds an epoch. */

/* Where the VLAN's addresses are learned: in its primary, or itself. */
uint16_t pvlan_home(const struct view_bridge *bridge, uint16_t vlan);
/* Whether frames that come in through the lport may be in a VLAN that it carries. */
bool pvlan_enters(const struct view_bridge *bridge, const struct view_lport *lport, uint16_t vlan);
/* The VLAN that frames of a VLAN are in where they leave through the lport. */
uint16_t
pvlan_outside(const struct view_bridge *bridge, const struct view_lport *lport, uint16_t vlan);
/* Whether frames of the VLAN may leave through the lport, as far as VLANs go. */
bool pvlan_carries(const struct view_bridge *bridge, const struct view_lport *lport, uint16_t vlan);
/* Whether the lport may have addresses that were learned in the VLAN. */
bool pvlan_learns(const struct view_bridge *bridge, const struct view_lport *lport, uint16_t vlan);

/* Main thread. */

/* Parses "PRIMARY isolated VLAN… community VLAN…; PRIMARY …". What makes no sense is left out, with a
 * sentence in 'out', which may be NULL. Returns whether any is left. */
bool pvlans_parse(struct pvlans *pvlans, const char *text, struct strbuf *out);
