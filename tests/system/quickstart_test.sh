#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The quickstart's two hypervisors: what ./quickstart --overlay says it shows, and that it leaves
# nothing behind.
. tests/system/lib.sh

export WEIR_QUICKSTART=ws-q
trap './quickstart stop >/dev/null; cleanup' EXIT

check "two switches start as two hypervisors, their tenants apart" ./quickstart --overlay
same_address() {
	[ "$(on q-red1 ip -o neigh show 192.0.2.2)" != "$(on q-blue1 ip -o neigh show 192.0.2.2)" ]
}
check "an address of both tenants is another guest for each" same_address
crossing() {
	WEIR_RUNDIR=/run/weir-ws-q-overlay/"$1" appctl ofproto/list-tunnels |
		grep -q "vx-$2 *vxlan .*$3 .*phy"
}
check "the red tenant crosses as VNI 5000" crossing 1 red 5000
check "the blue one as VNI 5001" crossing 2 blue 5001
wrong_key() {
	WEIR_RUNDIR=/run/weir-ws-q-overlay/1 vsctl set Interface vx-red options:key=5001 \
		-- set Interface vx-blue options:key=5000
}
check "keys can be changed" wrong_key
check "with the keys changed over, red hears blue" eventually 15 hears q-red1 192.0.2.3
check "it can be stopped" ./quickstart stop
nothing_left() {
	[ ! -e /run/weir-ws-q-overlay ] && ! ip netns list | grep -q '^ws-q'
}
check "and nothing is left" nothing_left
