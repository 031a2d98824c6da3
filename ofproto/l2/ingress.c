/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/l2/ingress.h"

#include "datapath/drop.h"
#include "ofproto/actions/normal.h"
#include "ofproto/l2/guard.h"
#include "ofproto/l2/l2.h"
#include "ofproto/l2/mirror.h"
#include "ofproto/protocol.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(port_blocked, "the port is blocked by the spanning tree or its guard");
DROP_REASON(mirror_port, "the port is there for what mirrors copy, and takes nothing in");

bool ingress_admits(struct xlate *x, const struct view_port *port)
{
	const struct view_lport *lport = port->lport;
	const struct drop_reason *reason;

	if (port->protocols && protocols_take(x, port))
		return false;
	if (mirrors_own(x->bridge->l2, lport)) {
		xlate_drop(x, &drop_mirror_port);
		return false;
	}
	reason = guard_refusal(lport->guard, x);
	if (reason) {
		xlate_drop(x, reason);
		return false;
	}
	mirror_in(x, lport);
	if (lport->state == LPORT_FORWARDS)
		return true;
	normal_learn(x, lport);
	xlate_drop(x, &drop_port_blocked);
	return false;
}
