#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Stock ovs-ofctl: every version of OpenFlow shows the switch, and programs its tables.
. tests/interop/lib.sh

ovs_ofctl() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 "$@"
}

# flows VERSION TEXT: the rules without their ages, in order of priority.
flows() {
	ovs_ofctl --no-stats --sort=priority -O "$1" dump-flows br0 | sed "s,^ *,,"
}

receive() {
	local frame=020000000002020000000001080045000028000100004006000001010101020202020001005000000000
	ovs_appctl netdev-dummy/receive p1 "${frame}000000005002000000000000" && appctl dummy/wait
}

switch_start
ovs_vsctl add-br br0 -- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2 \
	-- add-port br0 p3 -- set Interface p3 type=dummy ofport_request=3
for version in OpenFlow10 OpenFlow13 OpenFlow14 OpenFlow15; do
	check "$version: show names the ports" has '2\(p2\)' ovs_ofctl -O $version show br0
	check "$version: the first rule is NORMAL" is "priority=0 actions=NORMAL" flows $version
	check "$version: dump-desc" has 'Manufacturer: weir' ovs_ofctl -O $version dump-desc br0
	check "$version: dump-ports" has 'port +2|port +"?p2' ovs_ofctl -O $version dump-ports br0
	check "$version: dump-tables" has 'table 0' ovs_ofctl -O $version dump-tables br0
	check "$version: add-flow" ovs_ofctl -O $version add-flow br0 \
		priority=9,in_port=1,ip,nw_dst=10.0.0.0/8,actions=output:2
	check "$version: and it is there" has 'nw_dst=10.0.0.0/8 actions=output:"?(2|p2)' \
		flows $version
	check "$version: mod-flows" ovs_ofctl -O $version mod-flows br0 in_port=1,actions=output:3
	check "$version: and it is changed" has 'nw_dst=10.0.0.0/8 actions=output:"?(3|p3)' \
		flows $version
	check "$version: dump-aggregate" has 'flow_count=2' ovs_ofctl -O $version dump-aggregate br0
	check "$version: del-flows" ovs_ofctl -O $version del-flows br0 in_port=1
	check "$version: and it is gone" is "priority=0 actions=NORMAL" flows $version
done
check "a file of rules" ovs_ofctl add-flows br0 - <<'FLOWS'
priority=5,in_port=1,tcp,tp_dst=80,actions=mod_nw_dst:192.0.2.1,mod_vlan_vid:7,output:2
priority=4,in_port=1,actions=output:3
FLOWS
must receive
check "packets are counted at the rule they hit" eventually 20 has \
	'n_packets=1, n_bytes=54.*priority=5' ovs_ofctl dump-flows br0
check "and leave rewritten" has '81000007' ovs_appctl dummy/sent p2
check "no flow differs from what the rules say" is "" ovs_appctl revalidator/check
check "an unknown action is refused" not ovs_ofctl add-flow br0 actions=group:5
check "overlap is refused" not ovs_ofctl add-flow br0 \
	check_overlap,priority=5,in_port=1,actions=drop
check "a table that takes goto_table" ovs_ofctl -O OpenFlow13 add-flow br0 \
	in_port=2,actions=goto_table:3
