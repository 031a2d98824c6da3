#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two switches as two hypervisors: guests of one tenant hear each other across them, and those of
# another tenant with the very same addresses stay apart.
. tests/system/lib.sh

two=$rundir/two
must ip netns add ws-hyp
hosts+=(hyp)
must ip -n ws-hyp link set lo up
must ip link add ours type veth peer name theirs netns ws-hyp
must ip link set ours up
must ip -n ws-hyp link set theirs up

switch_start
must on hyp "$build/vswitchd/vswitchd" --rundir "$two" --detach --pidfile --log-file="$two.log"
second() {
	WEIR_RUNDIR=$two "$@"
}
end_second() {
	second appctl exit --cleanup >/dev/null 2>&1 && eventually 10 test ! -e "$two/vswitchd.pid"
}
trap 'status=$?; end_second; (exit $status); cleanup' EXIT

# hypervisor REMOTE CABLE RED BLUE: a bridge of the underlay, and one for each tenant.
hypervisor() {
	must vsctl add-br phy -- add-port phy "$2" \
		-- add-br red -- add-port red "$3" -- set Interface "$3" type=internal \
		-- add-br blue -- add-port blue "$4" -- set Interface "$4" type=internal \
		-- add-port red tun-red -- set Interface tun-red type=vxlan \
		options:remote_ip="$1" options:key=5000 \
		-- add-port blue tun-blue -- set Interface tun-blue type=vxlan \
		options:remote_ip="$1" options:key=5001
}
hypervisor 198.51.100.2 ours a c
must ip addr add 198.51.100.1/24 dev phy
must ip link set phy up
WEIR_RUNDIR=$two hypervisor 198.51.100.1 theirs b d
must ip -n ws-hyp addr add 198.51.100.2/24 dev phy
must ip -n ws-hyp link set phy up
host a 192.0.2.1/24
host c 192.0.2.1/24

# guest NAME ADDRESS: on the second hypervisor.
guest() {
	must ip netns add "ws-$1"
	hosts+=("$1")
	must eventually 5 ip -n ws-hyp link show dev "$1" >/dev/null
	must ip -n ws-hyp link set dev "$1" netns "ws-$1"
	must ip -n "ws-$1" addr add "$2" dev "$1"
	must ip -n "ws-$1" link set dev "$1" up
}
guest b 192.0.2.2/24
guest d 192.0.2.3/24

check "guests of one tenant hear each other" eventually 15 hears a 192.0.2.2
check "those of the other do too" eventually 15 hears c 192.0.2.3
check "and nobody hears the other tenant's" not hears a 192.0.2.3
check "even the same address is another's" not hears c 192.0.2.2

appears() {
	second appctl ofproto/list-tunnels | grep -q "tun-red.*vxlan.*198.51.100.1.*5000.*phy"
}
check "the tunnels are listed with their way" appears
status_tells() {
	vsctl get Interface tun-red status:tunnel_egress_iface | grep -q phy
}
check "Interface.status names the bridge they leave by" eventually 10 status_tells

# A tunnel of a tenant's own, within the tenant's: the red bridges are its underlay.
deeper() {
	must vsctl add-br deep -- add-port deep "$2" -- set Interface "$2" type=internal \
		-- add-port deep tun-deep -- set Interface tun-deep type=geneve \
		options:remote_ip="$1" options:key=9
}
deeper 10.8.0.2 e
WEIR_RUNDIR=$two deeper 10.8.0.1 f
must ip addr add 10.8.0.1/24 dev red
must ip link set red up
must ip -n ws-hyp addr add 10.8.0.2/24 dev red
must ip -n ws-hyp link set red up
host e 10.7.0.1/24
guest f 10.7.0.2/24
must ip -n ws-e link set dev e mtu 1400
must ip -n ws-f link set dev f mtu 1400
check "a tunnel in a tunnel carries packets" eventually 15 hears e 10.7.0.2
check "and TCP, cut in between" carries e f 10.7.0.2
check "both ways" carries e f 10.7.0.2 -R
sound() {
	! appctl drops/show | grep -E "recirc_not_cut|tunnel_(cut|wrong|checksum|offload|nested)"
}
check "without a fault" sound
