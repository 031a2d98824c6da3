#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# VXLAN between the switch and the kernel's own device: one end is a bridge whose device bears the
# tunnel's address, the other a namespace. Everything else a host could do with a tunnel goes on top.
. tests/system/lib.sh

switch_start
must vsctl add-br br-int \
	-- add-br br-phy \
	-- add-port br-phy up -- set Interface up type=internal \
	-- add-port br-int a -- set Interface a type=internal \
	-- add-port br-int vx4 -- set Interface vx4 type=vxlan options:key=5000 \
	options:remote_ip=198.51.100.2 \
	-- add-port br-int vx6 -- set Interface vx6 type=vxlan options:key=6000 \
	options:remote_ip=2001:db8::2
host a 192.0.2.1/24
host far 198.51.100.2/24 up
must ip addr add 198.51.100.1/24 dev br-phy
must ip addr add 2001:db8::1/64 dev br-phy nodad
must ip link set br-phy up
must ip -n ws-far addr add 2001:db8::2/64 dev up nodad

# far_tunnel DEVICE VNI LOCAL REMOTE ADDRESS
far_tunnel() {
	must ip -n ws-far link add "$1" type vxlan id "$2" local "$3" remote "$4" dstport 4789 \
		${6:+"${@:6}"}
	must ip -n ws-far addr add "$5" dev "$1"
	must ip -n ws-far link set "$1" up
}

far_tunnel k4 5000 198.51.100.2 198.51.100.1 192.0.2.9/24

check "the far end's address is found" eventually 10 on far ping -c 1 -W 1 198.51.100.1
check "a ping goes through a tunnel over IPv4" eventually 10 hears a 192.0.2.9
check "and the other way round" hears far 192.0.2.1
check "large packets fill the far end's MTU" on a ping -c 1 -W "$patience" -s 1422 -M do 192.0.2.9
check "neighbours are shown" sh -c "appctl tnl/neigh/show | grep -q 198.51.100.2"
check "routes are shown" sh -c "appctl ovs/route/show | grep -q '198.51.100.2/32 dev br-phy'"

must ip -n ws-a link set dev a mtu 1450
check "TCP flows into the tunnel, cut into segments by the switch" carries a far 192.0.2.9
check "TCP flows out of the tunnel" carries a far 192.0.2.9 -R

must ip -n ws-far link set k4 down
far_tunnel k6 6000 2001:db8::2 2001:db8::1 192.0.2.10/24
must ip -n ws-a link set dev a mtu 1430
check "a ping goes through a tunnel over IPv6" eventually 10 hears a 192.0.2.10
check "TCP flows into the tunnel over IPv6" carries a far 192.0.2.10
check "TCP flows out of it" carries a far 192.0.2.10 -R

# An underlay with room for jumbo frames.
for device in br-phy up a; do
	must vsctl set Interface $device mtu_request=9100
done
large() { # 9,000 bytes with their headers
	on a ping -c 1 -W 1 -s 8972 -M do 192.0.2.10 >/dev/null
}
must ip -n ws-a link set dev a mtu 9000
must ip -n ws-far link set k6 mtu 9000
check "jumbo frames go through a tunnel" eventually 10 large
check "jumbo TCP flows into the tunnel" carries a far 192.0.2.10
check "jumbo TCP flows out of it" carries a far 192.0.2.10 -R

no_faults() {
	! appctl drops/show | grep -E 'tunnel_(cut|wrong|checksum|no_port|offload)|not_cut'
}
check "no packet was found faulty" no_faults
