#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# BFD has its own thread and timers: whatever controllers, clients and new flows make the rest of the
# switch do, a far end that lives is not given up.
. "$(dirname "$0")/lib.sh"

switch_start
must ip link add bx type veth peer name by
must ip link set bx up
must ip link set by up
# About two seconds without a word end a session.
watch=(bfd:enable=true bfd:min_rx=300 bfd:min_tx=100 bfd:mult=6)
must vsctl add-br left -- add-port left bx -- set interface bx type=system "${watch[@]}"
must vsctl add-br right -- add-port right by -- set interface by type=system "${watch[@]}"
must vsctl add-br busy

are_up() {
	[ "$(vsctl get interface bx bfd_status:state)" = up ] &&
		[ "$(vsctl get interface by bfd_status:state)" = up ]
}
flaps() {
	echo "$(vsctl get interface bx bfd_status:flap_count)" \
		"$(vsctl get interface by bfd_status:flap_count)"
}
received() {
	appctl bfd/show bx | sed -n 's/.* \([0-9]*\) received.*/\1/p'
}
check "both ends are up" eventually 20 are_up
before=$(flaps)
heard=$(received)

seq 100000 | awk '{ printf "priority=%d,ip,nw_src=10.%d.%d.%d,actions=drop\n",
	$1 % 7 + 1, $1 / 65536, $1 / 256 % 256, $1 % 256 }' >"$rundir/rules"
rules() { # loads them all, and deletes them all, until told to stop
	while [ -e "$rundir/go" ]; do
		ofctl add-flows busy "$rundir/rules" && echo loaded >>"$rundir/loads"
		ofctl del-flows busy
	done
}
ports() { # changes the configuration, so that all bridges are published anew
	local words i
	while [ -e "$rundir/go" ]; do
		words=()
		for i in $(seq 20); do
			words+=(-- add-port busy "d$i" -- set interface "d$i" type=internal)
		done
		vsctl "${words[@]:1}"
		words=()
		for i in $(seq 20); do
			words+=(-- del-port busy "d$i")
		done
		vsctl "${words[@]:1}"
	done
}
touch "$rundir/go" "$rundir/loads"
rules &
rules &
ports &
loaded() {
	[ "$(wc -l <"$rundir/loads")" -ge 4 ]
}
check "rules are loaded without end" eventually 60 loaded
later() { # twice the time that would end a session
	[ $(($(received) - heard)) -ge 12 ]
}
check "frames of BFD are heard all the time" eventually 60 later
rm "$rundir/go"
wait
check "no session was lost" eval '[ "$(flaps)" = "$before" ]'
check "both ends are still up" are_up
