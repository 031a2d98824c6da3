/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Waiting: packets for a tunnel whose way is being looked for are held, a few for each far end, and
 * enter the tunnel when it is known.  */

#include <stdint.h>

#include "datapath/punt.h"
#include "lib/flow/key.h"
#include "ofproto/underlay/underlay.h"

enum {
	WAITING_SIZE = 9216 + 64 /* bytes of the longest packet that is held */
};

/* What a translation notes; the tunnel options of the key stand behind it. */
struct waiting_note {
	uint32_t bridge; /* the tunnel port's, by index */
	uint32_t port, in_port; /* OpenFlow numbers */
	uint16_t from; /* id of the port it came in by, or 0 */
	struct underlay_end end;
	be32 pkt_mark, tun_src, tun_dst;
	be64 tun_id;
	struct key_tunnel tunnel;
};

static_assert(sizeof(struct waiting_note) <= PUNT_NOTE_SIZE, "waiting: the note does not fit");

extern const struct punt_target waiting_target;
