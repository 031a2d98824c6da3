#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Flow monitors, as stock ovs-ofctl and a controller see them.
. tests/interop/lib.sh

ovs_ofctl() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 "$@"
}

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
	of() {
		ovs_ofctl -O $version "$@"
	}
	of add-flow br0 priority=3,in_port=1,actions=output:2
	of add-flow br0 priority=3,in_port=2,actions=output:1
	: >"$rundir/monitor.log" # or what the last one heard is taken for this one's
	"$peer/usr/bin/ovs-ofctl" -O $version --timeout=60 monitor br0 watch:in_port=1 \
		>"$rundir/monitor.log" 2>&1 &
	monitor=$!
	check "$version: rules that are there" hears 'event=(ADDED|INITIAL).*in_port="?(1|p1)"?.* actions=output:"?(2|p2)'
	check "$version: a rule is added" of add-flow br0 priority=4,in_port=1,cookie=9,actions=output:1
	check "$version: told" hears 'event=ADDED.*cookie=0x9.*in_port="?(1|p1)"? actions=output:"?(1|p1)'
	check "$version: is modified" of --strict mod-flows br0 priority=4,in_port=1,actions=output:2,output:1
	check "$version: told" hears 'event=MODIFIED.*actions=output:"?(2|p2)"?,output:"?(1|p1)'
	check "$version: is deleted" of --strict del-flows br0 priority=4,in_port=1
	check "$version: told" hears 'event=(DELETED|REMOVED) reason=delete.*in_port="?(1|p1)'
	check "$version: others are not" not grep -qE 'in_port="?(2|p2)"?' "$rundir/monitor.log"
	kill $monitor
	wait $monitor 2>/dev/null
	of del-flows br0
done
/usr/bin/python3 tests/interop/monitor.py "$rundir" || failures=$((failures + 1))
