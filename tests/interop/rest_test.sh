#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The calls of os-ken's REST interface: statistics, flows, groups and meters of every version.
. tests/interop/lib.sh

# asks VERSION PORT: until all has been asked.
asks() {
	must vsctl set bridge br0 protocols="OpenFlow$1"
	must vsctl set-controller br0 "tcp:127.0.0.1:$2" -- set controller br0 max_backoff=1000
	eventually 90 grep -q '^done' "$rundir/rest.log"
}

# answered WORDS: that call was.
answered() {
	grep -q "^ok $1\$" "$rundir/rest.log"
}

switch_start
vsctl add-br br0 -- set bridge br0 fail_mode=secure \
	-- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2
port=37653
for version in 10 13 14 15; do
	port=$((port + 1))
	: >"$rundir/rest.log"
	/usr/bin/python3 tests/interop/rest.py $version $port >"$rundir/rest.log" 2>&1 &
	asker=$!
	check "$version: all is asked" asks $version $port
	for call in desc flow_mod flows sums tables ports "port desc" queues "no flows"; do
		check "$version: $call" answered "$call"
	done
	[ $version = 10 ] || for call in group_mod meter_mod groups "group desc" "group features" meters \
		"meter config" role; do
		check "$version: $call" answered "$call"
	done
	check "$version: nothing fails" not grep '^not ok' "$rundir/rest.log"
	kill $asker
	wait $asker 2>/dev/null
	vsctl del-controller br0
done
