#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# vhost-user ports. The guest is testpmd: a virtio device on the socket, bridged to a tap in a
# namespace, so that the guest has an address and answers.
. tests/system/lib.sh

command -v dpdk-testpmd >/dev/null || {
	echo "ok - $topic # SKIP dpdk-testpmd is not installed"
	exit 0
}
socket=$rundir/guest.sock
# A guest runs until it reads something from here.
must mkfifo "$rundir/silence"
exec 9<>"$rundir/silence"

guest_has_device() {
	ip -n ws-g link show dev g >/dev/null 2>&1
}

guest_start() {
	[ -e /run/netns/ws-g ] || { hosts+=(g) && must ip netns add ws-g; }
	ip netns exec ws-g nice dpdk-testpmd --no-huge -m 64 --no-pci --no-telemetry \
		--no-shconf --lcores 0@0-1,1@0-1 --vdev "net_virtio_user0,path=$socket,$1" \
		--vdev net_tap0,iface=g,mac=02:00:00:00:0a:01 -- --total-num-mbufs=4096 \
		--auto-start <&9 >"$rundir/guest.out" 2>&1 &
	must eventually 30 guest_has_device
	must ip -n ws-g addr add 192.0.2.1/24 dev g
	must ip -n ws-g link set g up
}

guest_kill() {
	ip netns pids ws-g | xargs -r kill -9
	eventually 5 not guest_has_device
	# Unlike QEMU it does not take over a socket that is there.
	rm -f "$rundir/guest.sock"
}

link_is() {
	[ "$(vsctl get Interface vg link_state)" = "$1" ]
}

status_says() {
	vsctl get Interface vg status | grep -q "$1"
}

switch_start
must vsctl add-br br0 -- add-port br0 b -- set Interface b type=internal \
	-- add-port br0 vg -- set Interface vg type=dpdkvhostuserclient \
	"options:vhost-server-path=$socket"
host b 192.0.2.2/24

check "a port whose guest is not there yet is down" link_is down
check "and its status says what it waits for" eventually 5 status_says "waiting"
guest_start server=1,queues=1
check "the link comes up with the guest" eventually 10 link_is up
check "the guest is heard" eventually 10 hears b 192.0.2.1
check "the status says so" eventually 5 status_says "connected"

guest_kill
check "the link goes down with the guest" eventually 10 link_is down
guest_start server=1,queues=1
check "a guest that comes back is heard" eventually 10 hears b 192.0.2.1

# Somebody who connects, sends half a message, and waits.
stall() {
	/usr/bin/python3 -c "
import os, socket, time
try:
    os.unlink('$rundir/stall.sock')
except FileNotFoundError:
    pass
s = socket.socket(socket.AF_UNIX)
s.bind('$rundir/stall.sock')
s.listen()
while True:
    c, _ = s.accept()
    c.send(b'\x01\x00\x00')
    time.sleep(0.1)
" &
	stalling=$!
}
stall
must vsctl add-port br0 vs -- set Interface vs type=dpdkvhostuserclient \
	"options:vhost-server-path=$rundir/stall.sock"
guest_kill
guest_start server=1,queues=1
check "a peer that stalls in its handshake does not keep others from theirs" \
	eventually 20 hears b 192.0.2.1
kill $stalling
must vsctl del-port br0 vs

# Whoever made the socket may have called it otherwise.
guest_kill
must ln -s . "$rundir/other"
reaches() {
	must vsctl --if-exists del-port vg
	must vsctl add-port br0 vg -- set Interface vg type=dpdkvhostuserclient \
		"options:vhost-server-path=$rundir/other/guest.sock"
}
reaches
guest_start server=1,queues=1
check "a socket is found by another name" eventually 10 hears b 192.0.2.1
reaches
check "and by a port that takes the place of the first" eventually 10 hears b 192.0.2.1
check "the first has left" not grep -q "is in use until" "$rundir/vswitchd.log"

guest_kill
must vsctl del-port br0 vg -- add-port br0 vserver -- set Interface vserver type=dpdkvhostuser
check "a server port makes its socket" eventually 5 test -S "$rundir/vserver"
socket=$rundir/vserver
guest_start queues=1
check "and serves a guest" eventually 10 hears b 192.0.2.1
must vsctl del-port br0 vserver
check "the socket goes with the port" eventually 5 not test -e "$socket"
guest_kill
