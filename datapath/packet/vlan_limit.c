/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/packet/vlan_limit.h"

#include "datapath/fast/parse.h"

bool vlan_limit_set(uint32_t limit)
{
	static uint32_t now = VLAN_LIMIT_MAX;

	if (!limit || limit > VLAN_LIMIT_MAX)
		limit = VLAN_LIMIT_MAX;
	if (limit == now)
		return false;
	now = limit;
	parse_set_vlan_limit(limit);
	return true;
}
