#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Representors: ports of the switch that stand for functions of a card that guests have. The card, one of
# software (tests/card), has eight functions. In the long form only: its driver is compiled with what is
# in DPDK's sources.
# DPDK takes no driver from below a folder that everybody may write to, such as /tmp.
rundir_parent=/run
. tests/system/lib.sh
. .ci/card.sh
[ -n "${WEIR_LONG:-}" ] || exit 0
[ -e build/dpdk-headers/done ] || {
	echo "ok - $topic # SKIP DPDK's sources cannot be had: $(tail -1 build/dpdk-headers/apt.log)"
	exit 0
}
must card_compile build/dpdk-headers "$rundir/card.so"

error() {
	vsctl get Interface "$1" error | grep -q -- "$2"
}
is_up() {
	[ "$(vsctl get Interface "$1" link_state)" = up ]
}
# dpdk PORT DEVICE: the words that add it to a bridge that is said before.
dpdk() {
	printf '%s\n' "$1" -- set Interface "$1" type=dpdk "options:dpdk-devargs=\"$2\""
}
add() {
	local words
	mapfile -t words < <(dpdk "$2" "$3")
	vsctl --no-wait add-port "$1" "${words[@]}"
}
# guest N: who has function N: a host behind a bridge of its own.
guest() {
	must vsctl add-br "br-g$1" -- add-port "br-g$1" "g$1" -- set Interface "g$1" type=internal
	add "br-g$1" "function$1" "net_function$1,card=net_card0,number=$1"
	host "g$1" "192.0.2.$1/24"
}
restart() {
	switch_stop
	switch_start
}

switch_start
must vsctl add-br br0 -- set Open_vSwitch . "other_config:dpdk-extra=\"-d $rundir/card.so\""
restart
check "a driver of other's is loaded" eventually 5 vsctl br-exists br0

# A card whose first port is a representor.
must add br0 rep1 "net_card0,representor=[1]"
check "a representor is a port" eventually 10 is_up rep1
must add br0 rep2 "net_card0,representor=[2]"
check "one that its driver adds no more is refused with what to do" eventually 10 error rep2 \
	'name all of them in other_config:dpdk-extra'
must add br0 same "net_card0,representor=1"
check "the same one again is refused" eventually 10 error same 'is used by port rep1 already'
must add br0 many "net_card0,representor=[0-3]"
check "several are refused" eventually 10 error many 'names several representors'
must add br0 uplink net_card0
check "the card's address alone is the uplink" eventually 10 is_up uplink
check "which is another device" not error uplink '[a-z]'
must vsctl del-port rep1 -- del-port rep2 -- del-port same -- del-port many
check "the uplink stays when the representor goes" is_up uplink
must add br0 rep1 "net_card0,representor=[1]"
check "which can come back" eventually 10 is_up rep1
must vsctl del-port rep1 -- del-port uplink
must add br0 none "net_card0,representor=[9]"
check "one that the card has not is told" eventually 10 error none 'the card has no such representor'
must vsctl del-port none
must add br0 rep2 "net_card0,representor=vf2"
check "when no port uses the card others of it can come" eventually 10 is_up rep2
must vsctl del-port rep2

# All of them, from the start.
must vsctl set Open_vSwitch . \
	"other_config:dpdk-extra=\"-d $rundir/card.so --vdev net_card0,representor=[0-7]\""
restart
for i in 1 2 3; do
	must add br0 rep$i "net_card0,representor=[$i]"
	guest $i
done
must add br0 uplink net_card0
guest 8
for port in rep1 rep2 rep3 uplink function1 function8; do
	check "$port has a link" eventually 10 is_up $port
done
check "guests with functions hear each other through their representors" eventually 10 hears g1 192.0.2.2
check "and the wire through the uplink" eventually 10 hears g1 192.0.2.8
check "TCP arrives" carries g1 g2 192.0.2.2
must vsctl set Port rep3 tag=10
check "a representor's VLAN is its guest's" not hears g3 192.0.2.1
check "and no other's" hears g2 192.0.2.1
must ofctl add-flow br0 "priority=9,in_port=rep2,actions=drop"
check "a rule for a representor is obeyed" not hears g2 192.0.2.1
must ofctl del-flows br0 in_port=rep2
must vsctl del-port rep2
check "the card stays when a representor goes" eventually 10 hears g1 192.0.2.8
must add br0 rep2 "net_card0,representor=[2]"
check "which can come back" eventually 10 hears g2 192.0.2.1
restart
check "all of them are there after a restart" eventually 20 hears g2 192.0.2.1
check "and the uplink" eventually 10 hears g1 192.0.2.8
check "which has no error" not error uplink '[a-z]'
