#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A thousand far ends, each in a hundred virtual networks: by one port and rules that say where a
# packet goes, and by a port for each far end.
. tests/system/lib.sh

n=1000 vnis=10
[ -z "${WEIR_LONG:-}" ] || vnis=100
switch_start
must vsctl add-br br-int -- add-br br-phy \
	-- add-port br-phy up -- set Interface up type=internal \
	-- add-port br-int a -- set Interface a type=internal \
	-- add-port br-int vx -- set Interface vx type=vxlan options:remote_ip=flow options:key=flow
host a 10.1.255.1/16
host up 198.18.255.2/16
must ip addr add 198.18.255.1/16 dev br-phy
must ip link set br-phy up
# Whom nobody answers for would not be asked again for a second; so all are there, and answer.
seq "$n" | awk '{ printf "addr add 198.18.%d.%d/32 dev up\n", $1 / 250, $1 % 250 + 1 }' \
	>"$rundir/addresses"
must ip -n ws-up -batch "$rundir/addresses"
must ip -n ws-a neigh add 10.1.0.0 lladdr 02:00:00:00:00:99 dev a 2>/dev/null || true
seq "$n" | awk '{ printf "neigh add 10.1.%d.%d lladdr 02:00:00:00:00:99 dev a\n",
	$1 / 250, $1 % 250 + 1 }' >"$rundir/neighbours"
must ip -n ws-a -batch "$rundir/neighbours"

# Rules find the far end by the guest's address, and the network by the port.
{
	echo "table=0,priority=0,actions=drop"
	seq "$n" | awk '{ i = sprintf("%d.%d", $1 / 250, $1 % 250 + 1)
		printf "table=0,in_port=a,ip,nw_dst=10.1.%s,actions=set_field:198.18.%s->tun_dst,resubmit(,1)\n", i, i }'
	seq "$vnis" | awk '{ printf "table=1,udp,tp_dst=%d,actions=set_field:%d->tun_id,vx\n",
		4000 + $1, 4000 + $1 }'
} >"$rundir/rules"
must ofctl del-flows br-int
must ofctl add-flows br-int "$rundir/rules"

# arrive VNIS: one packet for each far end in so many networks; those that a busy machine had no time
# for are sent again, until each was seen where all arrive.
arrive() {
	python3 - "$n" "$1" <<-'END'
		import os, select, socket, sys, time

		def at(namespace, *words):
		    fd = os.open("/run/netns/" + namespace, os.O_RDONLY)
		    if libc.setns(fd, 0):
		        raise OSError("setns")
		    return socket.socket(*words)

		import ctypes
		libc = ctypes.CDLL(None)
		n, vnis = map(int, sys.argv[1:])
		far = at("ws-up", socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
		far.bind(("up", 0))
		far.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)  # SO_RCVBUFFORCE
		near = at("ws-a", socket.AF_INET, socket.SOCK_DGRAM)
		left = {(bytes((198, 18, i // 250, i % 250 + 1)), 4000 + vni)
		        for vni in range(1, vnis + 1) for i in range(1, n + 1)}

		def read(seconds):
		    while left and select.select([far], [], [], seconds)[0]:
		        frame = far.recv(2048)
		        if frame[23] == 17 and frame[36:38] == b"\x12\xb5":
		            left.discard((frame[30:34], int.from_bytes(frame[46:49], "big")))

		end = time.monotonic() + 60
		sent = 0
		while left and time.monotonic() < end:
		    for number, (ip, vni) in enumerate(sorted(left)):
		        near.sendto(b"hello", (f"10.1.{ip[2]}.{ip[3]}", vni))
		        sent += 1
		        if number % 64 == 0:
		            read(0.002)
		    read(0.5)
		print(f"{len(left)} are missing, {sent} were sent")
		sys.exit(bool(left))
	END
}
check "a packet for each of $n far ends arrives, having been held" arrive 1
known() {
	[ "$(appctl tnl/neigh/show | grep -c ' br-phy$')" -ge "$n" ]
}
check "all are known now" eventually 10 known
start=$SECONDS
check "one arrives in each of $vnis networks of each" arrive "$vnis"
lost() {
	appctl drops/show | grep -E "tunnel_(no|route|wait_in|too)"
}
check "none was lost for want of a way" not lost
echo "# $n far ends, $((n * vnis)) packets that each asked for a flow: $((SECONDS - start)) s"

# A port for each.
# ports FIRST LAST
ports() {
	local words=(--if-exists del-port br-int vx) i
	for i in $(seq "$1" "$2"); do
		words+=(-- add-port br-int "t$i" -- set Interface "t$i" type=vxlan
			options:key=flow
			options:remote_ip="198.18.$((i / 250)).$((i % 250 + 1))")
	done
	vsctl "${words[@]}"
}
start=$SECONDS
check "there can be a port for each far end" ports 1 $((n / 2))
check "indeed" ports $((n / 2 + 1)) "$n"
ready() {
	[ "$(appctl ofproto/list-tunnels | grep -c ' br-phy$')" = "$n" ]
}
check "and all have a way" eventually 30 ready
echo "# $n tunnel ports in $((SECONDS - start)) s"
must ofctl del-flows br-int
must ofctl add-flow br-int "in_port=a,udp,actions=set_field:4001->tun_id,flood"
check "a packet can go into all of them" arrive 1
