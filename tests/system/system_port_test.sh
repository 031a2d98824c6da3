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
check "large packets pass" on a ping -c 1 -W 1 -s 1472 -M do 192.0.2.2

tcp() {
	on b iperf3 -s -1 -D --pidfile "$rundir/iperf.pid" && sleep 0.3
	on a timeout 15 iperf3 -c 192.0.2.2 -t 2 -J | grep -q '"bits_per_second"'
}
check "TCP with the kernel's partial checksums flows" tcp

missing() {
	vsctl add-port br0 nosuchdevice
	vsctl get Interface nosuchdevice error | grep -q nosuchdevice
}
check "a device that is missing is named in the row's error" missing
check "and the other ports go on" hears a 192.0.2.2

must ip link del dev va
check "a device that goes away leaves the switch alive" eventually 5 vsctl show
must vsctl del-port br0 va
check "and its port can be deleted" not sh -c 'vsctl list-ports br0 | grep -qx va'
