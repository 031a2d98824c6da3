#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Controllers on os-ken: the switch calls them, and does without them when they are silent.
. tests/interop/lib.sh

controller=
# controller_start VERSION PORT: a learning switch, whose words go to a file.
controller_start() {
	: >"$rundir/controller.log"
	/usr/bin/python3 tests/interop/learning_switch.py "$1" "$2" >"$rundir/controller.log" 2>&1 &
	controller=$!
}

controller_stop() {
	kill "$controller"
	wait "$controller" 2>/dev/null
}

# said PATTERN: the controller has said something that matches, or will soon.
said() {
	eventually 10 grep -qE -- "$1" "$rundir/controller.log"
}

column() {
	vsctl --bare --columns="$1" list controller
}

flows() {
	ofctl -O "$1" --no-stats dump-flows br0
}

# forwards FROM TO FRAME: what comes in at one port leaves through the other.
forwards() {
	appctl netdev-dummy/receive "$1" "$3" && appctl dummy/wait
	appctl dummy/sent "$2" | grep -q "^$3"
}

# reaches FROM TO FRAME WORDS: the same, by way of the controller, which says WORDS.
reaches() {
	appctl netdev-dummy/receive "$1" "$3" && said "$4" && eventually 3 sent "$2" "$3"
}

sent() {
	appctl dummy/sent "$1" | grep -q "^$2"
}

a_frame=00000000000200000000000108004500002800010000400600000101010102020202000100500000000000
b_frame=00000000000100000000000208004500002800010000400600000202020201010101005000010000000000
rest=00000050020000000000000000

switch_start
vsctl add-br br0 -- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2
port=36653
for version in 10 13 14 15; do
	port=$((port + 1))
	controller_start $version $port
	check "$version: protocols are set" vsctl set bridge br0 protocols=OpenFlow$version
	check "$version: set-controller" vsctl set-controller br0 tcp:127.0.0.1:$port \
		-- set controller br0 max_backoff=1000 inactivity_probe=20000
	check "$version: the controller hears of the switch" said 'features'
	check "$version: is_connected" eventually 5 is true column is_connected
	check "$version: role" is other column role
	check "$version: another version is refused" not ofctl -O OpenFlow12 show br0
	check "$version: a packet is asked about" reaches p1 p2 "$a_frame$rest" \
		'packet_in 1 00:00:00:00:00:01 00:00:00:00:00:02'
	check "$version: and the answer teaches" reaches p2 p1 "$b_frame$rest" 'learned .*:01 1'
	check "$version: a rule was made of it" eventually 5 has 'in_port=2,dl_dst=00:00:00:00:00:01' \
		flows OpenFlow$version
	check "$version: no error was sent" not grep -q '^error' "$rundir/controller.log"
	must vsctl set controller br0 inactivity_probe=1000
	controller_stop
	check "$version: is_connected after the end" eventually 5 is false column is_connected
	check "$version: it stands alone after three probes" \
		eventually 10 forwards p1 p2 "$a_frame$rest"
	check "$version: del-controller" vsctl del-controller br0
	check "$version: leaves NORMAL" has NORMAL flows OpenFlow$version
done
