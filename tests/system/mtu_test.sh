#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Frames of 9,000 bytes between ports of every kind, and MTUs that a port cannot have: it says so, and
# what it had stays in force.
. tests/system/lib.sh

passes() {
	on "$1" ping -c 2 -i 0.2 -W 1 -M do -s 8972 "$2" >/dev/null
}
# refuses PORT MTU WORDS: the row says so.
refuses() {
	vsctl set Interface "$1" "mtu_request=$2" && advises "$1" "$3"
}
mtu_is() {
	[ "$(vsctl get Interface "$1" mtu)" = "$2" ]
}

# Virtio shares its memory with the back end piece by piece, and huge pages would be too many.
switch_options=(--no-hugepages)
switch_start
must vsctl add-br br0
must vsctl add-port br0 mi -- set Interface mi type=internal mtu_request=9000
must vsctl add-port br0 mt -- set Interface mt type=tap mtu_request=9000
must ip link add ms type veth peer name mv
devices+=(ms)
must ip link set ms up
must vsctl add-port br0 ms -- set Interface ms mtu_request=9000
# A card that DPDK drives, virtio, which receives into chains of buffers, and what serves it.
must vsctl add-br br1 -- add-port br1 back -- set Interface back type=dpdkvhostuser mtu_request=9000 \
	-- add-port br1 me -- set Interface me type=internal mtu_request=9000
must vsctl add-port br0 front -- set Interface front type=dpdk \
	"options:dpdk-devargs=\"net_virtio_user0,path=$rundir/back,queues=1\"" mtu_request=9000
host mi 192.0.2.1/24
host mt 192.0.2.2/24
host mv 192.0.2.3/24
host me 192.0.2.4/24
for name in mi mt mv me; do
	must on $name ip link set $name mtu 9000
done
for name in mi mt ms back front; do
	check "$name has an MTU of 9,000" eventually 5 mtu_is $name 9000
	check "and nothing is wrong with it: $name" is_fine $name
done
for from in mi mt mv me; do
	for number in 1 2 3 4; do
		check "frames of 9,000 bytes pass from $from to host $number" \
			eventually 10 passes $from 192.0.2.$number
	done
done

check "an MTU below 68 is refused" refuses mi 60 "must be between 68 and 65535"
check "as is one that 32 bits do not hold" refuses mi 4294968796 "4294968796: must be between"
check "internal ports refuse what the kernel does" refuses mi 65535 "port mi: cannot set the MTU"
check "guests' ports have a smallest one" refuses back 67 "must be between"
check "cards have one" refuses front 20000 "port front: the MTU must be between 68 and 9702"
for name in mi front back; do
	check "$name keeps what it had" mtu_is $name 9000
done
check "and 9,000 bytes still pass" passes mi 192.0.2.4
check "a refusal is forgotten with the next wish" vsctl set Interface front mtu_request=8900
check "which is in force" eventually 5 mtu_is front 8900
check "and nothing is wrong any more" eventually 5 is_fine front

device_mtu_is() {
	[[ "$(ip -o link show dev "$1")" == *" mtu $2 "* ]]
}
# follows MTU: the bridge's own port, which asks for none, has it.
follows() {
	eventually 5 mtu_is br2 "$1" && device_mtu_is br2 "$1"
}
must vsctl add-br br2 -- add-port br2 low -- set Interface low type=tap mtu_request=3000
check "without a wish of their own internal ports have the least MTU of the others" follows 3000
must vsctl add-port br2 least -- set Interface least type=tap
check "it goes down with them" follows 1500
must ip link set br2 mtu 1400
must vsctl set Interface low mtu_request=2500
check "what was set by hand stays as long as the least does" device_mtu_is br2 1400
must vsctl del-port br2 least
check "and up" follows 2500
must vsctl set Interface br2 mtu_request=2000
check "a wish goes first" follows 2000
must vsctl clear Interface br2 mtu_request
check "when it is gone the others count again" follows 2500

must vsctl del-port br0 front -- del-br br1 -- del-br br2
must vsctl add-port br0 card -- set Interface card type=dpdk \
	"options:dpdk-devargs=\"net_tap_card,iface=mq\""
must ip addr add 192.0.2.5/24 dev mq
must ip link set dev mq up
check "a card that has no frames that long says so" refuses card 9000 "port card: .*max frame size"
check "it keeps the MTU it had" mtu_is card 1500
check "and goes on" eventually 10 hears mt 192.0.2.5
