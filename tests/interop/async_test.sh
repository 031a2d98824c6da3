#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What controllers are told without asking: ended rules, ports that change, roles.
. tests/interop/lib.sh

ovs_ofctl() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 "$@"
}

# hears PATTERN: stock ovs-ofctl's monitor prints it, or will soon.
hears() {
	eventually 10 grep -qE -- "$1" "$rundir/monitor.log" || {
		cat "$rundir/monitor.log"
		return 1
	}
}

switch_start
vsctl add-br br0 -- set bridge br0 fail_mode=secure \
	-- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2
for version in OpenFlow10 OpenFlow13 OpenFlow14 OpenFlow15; do
	: >"$rundir/monitor.log"
	"$peer/usr/bin/ovs-ofctl" -O $version --timeout=60 monitor br0 65534 >"$rundir/monitor.log" 2>&1 &
	monitor=$!
	# It has said what it wants when a packet gets through.
	check "$version: the monitor is there" eventually 10 sh -c "
		$peer/usr/bin/ovs-ofctl -O $version packet-out br0 'in_port=none packet=0000000000020000000000018888 actions=controller' &&
		sleep 0.2 && grep -q PACKET_IN '$rundir/monitor.log'"
	ovs_ofctl -O $version add-flow br0 send_flow_rem,cookie=7,in_port=1,actions=output:2
	appctl netdev-dummy/receive p1 000000000002000000000001888800000000000000000000000000000000 >/dev/null
	check "$version: a rule that is deleted" ovs_ofctl -O $version del-flows br0 in_port=1
	check "$version: is told, with its counts" hears \
		'FLOW_REMOVED.*in_port="?(1|p1)"? reason=delete.*cookie:0x7 .*pkts1 bytes30'
	check "$version: a port is added" vsctl add-port br0 p3 -- set Interface p3 type=dummy ofport_request=3
	check "$version: and told" hears 'PORT_STATUS.*ADD: 3\(p3\)'
	check "$version: is changed" ovs_ofctl -O $version mod-port br0 p3 no-forward
	check "$version: and told" hears 'PORT_STATUS.*MOD: 3\(p3\)'
	check "$version: is deleted" vsctl del-port br0 p3
	check "$version: and told" hears 'PORT_STATUS.*DEL: 3\(p3\)'
	kill $monitor
	wait $monitor 2>/dev/null
done
/usr/bin/python3 tests/interop/async.py "$rundir" || failures=$((failures + 1))
