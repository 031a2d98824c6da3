#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A router on os-ken between two hosts, with rules, groups and bundles as each version has them.
. tests/interop/lib.sh

# says PATTERN: the router says something that matches, or will soon.
says() {
	eventually 10 grep -qE -- "$1" "$rundir/router.log"
}

# pings HOST ADDRESS [PATTERN]: the host is answered, with a line that matches.
pings() {
	on "$1" ping -c 1 -W 1 "$2" | grep -q "${3:-1 received}"
}

switch_start
must vsctl add-br br0 -- set bridge br0 fail_mode=secure \
	-- add-port br0 left -- set Interface left type=internal ofport_request=1 \
	-- add-port br0 right -- set Interface right type=internal ofport_request=2
host left 10.0.1.2/24
host right 10.0.2.2/24
must on left ip route add default via 10.0.1.1
must on right ip route add default via 10.0.2.1
port=38653
for version in 10 13 14 15; do
	port=$((port + 1))
	: >"$rundir/router.log"
	/usr/bin/python3 tests/interop/router.py $version $port >"$rundir/router.log" 2>&1 &
	router=$!
	must vsctl set bridge br0 protocols=OpenFlow$version
	must vsctl set-controller br0 tcp:127.0.0.1:$port -- set controller br0 max_backoff=1000
	check "$version: the router is there" says features
	check "$version: it is heard" eventually 10 pings left 10.0.1.1
	check "$version: a host in another subnet is found" eventually 10 pings left 10.0.2.2
	hop=63
	[ $version = 10 ] && hop=64
	check "$version: one hop away" eventually 5 pings right 10.0.1.2 "ttl=$hop"
	check "$version: by a rule" has 'nw_dst=10.0.2.2' ofctl -O OpenFlow$version dump-flows br0
	[ $version = 10 ] || check "$version: and a group that has sent packets" eventually 5 has \
		'group_id=1,.*packet_count=[1-9]' ofctl -O OpenFlow$version dump-group-stats br0
	check "$version: no error was sent" not grep -E '^error|Traceback' "$rundir/router.log"
	kill $router
	wait $router 2>/dev/null
	must vsctl del-controller br0
	must vsctl set bridge br0 'protocols=[]'
	must ofctl del-flows br0
	must ofctl del-groups br0
done
check "no flow differs from what the rules say" is "" ovs_appctl revalidator/check
