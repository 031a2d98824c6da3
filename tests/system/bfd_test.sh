#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# BFD: whether the far end is there. Two bridges of one switch watch each other over a link that can
# be cut in the middle, where links do not show it.
. "$(dirname "$0")/lib.sh"

switch_start
must ip link add bx type veth peer name mx
must ip link add by type veth peer name my
must ip link add middle type bridge mcast_snooping 0
for device in mx my; do
	must ip link set $device master middle
done
for device in bx by mx my middle; do
	must ip link set $device up
done
check "nobody is watched unasked" eval 'appctl bfd/show | grep -q "No far end is watched"'
must vsctl add-br left -- add-port left bx -- set interface bx type=system \
	bfd:enable=true bfd:min_rx=100 bfd:min_tx=100
must vsctl add-br right -- add-port right by -- set interface by type=system

status() {
	[ "$(vsctl get interface "$1" "bfd_status:$2" | tr -d '"')" = "$3" ]
}
check "who hears nobody is down" eventually 10 status bx state down
check "and does not forward" status bx forwarding false
must vsctl set interface by bfd:enable=true bfd:min_rx=200 bfd:min_tx=100 bfd:mult=5
check "two that hear each other are up" eventually 10 eval \
	'status bx state up && status by state up && status bx remote_state up'
check "and forward" eval 'status bx forwarding true && status by forwarding true'
check "vsctl does not complain" is_fine bx
check "they agree on how often" eventually 10 eval \
	'appctl bfd/show bx | grep -q "Remote Minimum RX Interval: 200ms"'
check "and on when to give up" eval 'appctl bfd/show bx | grep -q "Remote Detect Multiplier: 5"'
check "as JSON too" eval 'appctl -j bfd/show bx | grep -q "\"state\": *\"up\""'
check "another name is refused" eval \
	'! appctl bfd/show nobody >"$rundir/out" 2>&1 && grep -q "not watched by BFD" "$rundir/out"'

# A group falls back on its second port when the far end of the first one is gone.
must ofctl -O OpenFlow13 add-group left \
	group_id=1,type=ff,bucket=watch_port:bx,actions=output:bx,bucket=watch_port:LOCAL,actions=LOCAL
must ofctl add-flow left priority=5,in_port=LOCAL,actions=group:1
chooses() {
	appctl ofproto/trace left in_port=LOCAL | grep -q "$1"
}
check "while it is there the group uses it" eventually 5 chooses 'bucket 0'
must ip link set mx nomaster
check "a cut in the middle of the link is noticed" eventually 10 eval \
	'status bx state down && status by state down'
check "with the reason" status bx diagnostic "Control Detection Time Expired"
check "the links know nothing of it" eval '[ "$(vsctl get interface bx link_state)" = up ]'
check "a failover group leaves the port" eventually 5 not chooses 'bucket 0'
check "a flap is counted" status bx flap_count 2
must ip link set mx master middle
check "the far end is found again" eventually 10 eval 'status bx state up && status by state up'
check "and the group returns" eventually 5 chooses 'bucket 0'

must vsctl set interface by bfd:cpath_down=true
check "the far end says that the way behind it is broken" eventually 10 eval \
	'status bx remote_diagnostic "Concatenated Path Down" && status bx forwarding false'
must vsctl set interface by bfd:cpath_down=false
check "and that it is whole again" eventually 10 status bx forwarding true
must appctl bfd/set-forwarding bx false
check "a command decides over all" eventually 5 status bx forwarding false
must appctl bfd/set-forwarding bx normal
check "until it is taken back" eventually 5 status bx forwarding true

# Only its own frames are kept from the rules.
takes() {
	appctl ofproto/trace left "in_port=bx,udp,dl_dst=$1,tp_dst=3784,tun_id=$2" | grep -q "itself: bfd"
}
check "frames of BFD are the switch's" takes 02:00:00:00:00:01 5
must vsctl set interface bx bfd:bfd_remote_dst_mac=02:00:00:00:00:01
check "those for another address are traffic" not takes 02:00:00:00:00:02 5
must vsctl set interface bx bfd:check_tnl_key=true
check "so are those with another tunnel's key" not takes 02:00:00:00:00:01 5
check "and no others" takes 02:00:00:00:00:01 0
must vsctl remove interface bx bfd bfd_remote_dst_mac -- remove interface bx bfd check_tnl_key
check "all is well again" eventually 10 status bx state up

must vsctl remove interface by bfd enable
check "who stops says so" eventually 10 eval \
	'status bx state down && status bx diagnostic "Neighbor Signaled Session Down"'
check "and is watched no more" eventually 5 eval '[ "$(vsctl get interface by bfd_status)" = "{}" ]'

# Strangers on the link.
say() {
	python3 - "$@" <<-'END'
		import socket, struct, sys
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind(("by", 0))
		def total(header):
		    words = sum(struct.unpack("!10H", header))
		    words = (words & 0xffff) + (words >> 16)
		    return ~((words & 0xffff) + (words >> 16)) & 0xffff
		def send(ttl, body):
		    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0xc0, 28 + len(body), 0, 0, ttl, 17, 0,
		                     bytes([169, 254, 1, 1]), bytes([169, 254, 1, 0]))
		    ip = ip[:10] + struct.pack("!H", total(ip)) + ip[12:]
		    udp = struct.pack("!HHHH", 49152, 3784, 8 + len(body), 0)
		    s.send(bytes.fromhex("002320000001" "020000000099" "0800") + ip + udp + body)
		good = struct.pack("!BBBBIIIII", 0x20, 0x40, 3, 24, 7, 0, 1000000, 1000000, 0)
		send(254, good)
		for i in range(len(good)):
		    send(255, good[:i])
		send(255, b"\x40" + good[1:])
		send(255, good[:2] + b"\0" + good[3:])
		send(255, good[:4] + bytes(4) + good[8:])
		send(255, good[:8] + struct.pack("!I", 12345) + good[12:])
		if sys.argv[1:] == ["well"]:
		    send(255, good)
	END
}
must vsctl del-port right by
must say
check "nonsense is refused and counted" eventually 10 eval \
	'appctl bfd/show bx | grep -q "[0-9]* received, 2[0-9] refused"'
check "and changes nothing" status bx state down
must say well
check "a good word is heard" eventually 10 eval 'status bx remote_state down && status bx state init'
must vsctl set interface bx bfd:mult=300 bfd:bfd_src_ip=nowhere
check "wrong settings are explained" eventually 5 advises bx mult
must vsctl set interface bx bfd:mult=3 bfd:bfd_src_ip=10.0.0.1
check "and right ones accepted" eventually 5 is_fine bx

# Over a tunnel within the switch's own two bridges nothing new is needed: see the interop tests.
for i in 1 2 3 4 5; do
	must vsctl set interface bx bfd:enable=false -- set interface bx bfd:enable=true
done
check "it can be turned off and on" eventually 10 status bx state down
check "the daemon ends in peace" switch_stop
