#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Ports of type system: AF_PACKET on devices that exist already, here one end of a veth pair.
. tests/system/lib.sh

for name in a b; do
	devices+=("v$name")
	must ip link add "v$name" type veth peer name $name
	must ip link set dev "v$name" up
	host $name "192.0.2.$((16#$name - 9))/24"
done
switch_start
must vsctl add-br br0 -- add-port br0 va -- add-port br0 vb

check "hosts behind veth pairs hear each other" eventually 5 hears a 192.0.2.2
check "large packets pass" on a ping -c 1 -W "$patience" -s 1472 -M do 192.0.2.2

check "TCP with the kernel's partial checksums flows" carries a b 192.0.2.2

# cuts FROM TO ADDRESS: datagrams that leave a socket as one (UDP_SEGMENT) arrive as many.
cuts() {
	local from=$1 to=$2 address=$3 server
	on "$to" timeout $((20 * patience)) /usr/bin/python3 -c "
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('$address', 5002))
seen = set()
while len(seen) < 40:
    data = server.recv(2000)
    assert len(data) == 1000 and len(set(data)) == 1, len(data)
    seen.add(data[0])
open('$rundir/seen', 'w')
" &
	server=$!
	on "$from" timeout $((20 * patience)) /usr/bin/python3 -c "
import os, socket, time
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
peer.setsockopt(socket.IPPROTO_UDP, 103, 1000)  # UDP_SEGMENT
while not os.path.exists('$rundir/seen'):
    peer.sendto(b''.join(bytes([i]) * 1000 for i in range(40)), ('$address', 5002))
    time.sleep(0.1)
"
	wait $server
}
check "datagrams that the kernel leaves to be cut arrive" cuts a b 192.0.2.2

number_is_kernels() {
	[ "$(vsctl get Interface va ifindex)" = "$(ip -o link show dev va | cut -d: -f1)" ]
}
resets_are() {
	[ "$(vsctl get Interface vb link_resets)" = "$1" ]
}
check "a port's number is that of its device" number_is_kernels
check "its link has not changed" resets_are 0
mtu_is() {
	[ "$(vsctl get Interface "$1" mtu)" = "$2" ]
}
must vsctl add-port br0 tt -- set Interface tt type=tap
must ip link set va mtu 1400
check "an MTU that somebody else sets is told" eventually 5 mtu_is va 1400
check "and followed by the bridge's own port" eventually 5 mtu_is br0 1400
check "whose device has it" eval '[[ "$(ip -o link show dev br0)" == *" mtu 1400 "* ]]'
must ip link set va mtu 1500
check "also when it is more" eventually 5 mtu_is br0 1500
must ip link set tt mtu 1300
check "that of a tap, too" eventually 5 mtu_is br0 1300
must vsctl del-port tt
check "which counts for nothing when it is gone" eventually 5 mtu_is br0 1500
must ip -n ws-b link set dev b down
check "a link that goes is counted" eventually 10 resets_are 1
must ip -n ws-b link set dev b up
check "and one that comes back" eventually 10 resets_are 2
check "packets pass again" eventually 10 hears a 192.0.2.2

missing() {
	vsctl add-port br0 nosuchdevice
	vsctl get Interface nosuchdevice error | grep -q nosuchdevice
}
check "a device that is missing is named in the row's error" missing
check "and the other ports go on" hears a 192.0.2.2

# is_well PORT, is_failed PORT: what the database says of it.
is_well() {
	[ "$(vsctl get Interface "$1" ofport)" -gt 0 ] && is_fine "$1"
}
is_failed() {
	[ "$(vsctl get Interface "$1" ofport)" = -1 ] &&
		vsctl get Interface "$1" error | grep -q "$1"
}
check "its port has no number" is_failed nosuchdevice
devices+=(nosuchdevice)
must ip link add nosuchdevice type veth peer name c
check "a device that appears is used without a command" eventually 10 is_well nosuchdevice
must ip link set dev nosuchdevice up
host c 192.0.2.3/24
check "and carries packets" eventually 5 hears c 192.0.2.2

switch_stop TERM
must ip -n ws-c link del dev c
switch_start
check "a device that is missing when the daemon starts is named" is_failed nosuchdevice
check "and the other ports work" eventually 5 hears a 192.0.2.2
sleep 4
check "what is missing is logged once" \
	[ "$(grep -c 'WARN.*nosuchdevice' "$rundir/vswitchd.log")" = 2 ]
must ip link add nosuchdevice type veth peer name c
must ip link set dev nosuchdevice up
check "it is used when it appears" eventually 10 is_well nosuchdevice
host c 192.0.2.3/24
check "and carries packets again" eventually 5 hears c 192.0.2.2

must ip link del dev va
check "a device that goes away leaves the switch alive" eventually 5 vsctl show
must vsctl del-port br0 va
check "and its port can be deleted" not sh -c 'vsctl list-ports br0 | grep -qx va'
