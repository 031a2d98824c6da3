#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Tunnels between the switch and OVS's userspace switch: every kind, over IPv4 and IPv6.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/peer.sh"

ovs_ofctl() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 "$@"
}

# The peer has a network of its own; a cable joins the two.
must ip netns add ws-peer
hosts+=(peer)
must ip -n ws-peer link set lo up
must ip link add ours type veth peer name theirs netns ws-peer
must ip link set ours up
must ip -n ws-peer link set theirs up
peer_in=(ip netns exec ws-peer)

switch_start
peer_start
must vsctl add-br br-int -- add-br br-phy -- add-port br-phy ours \
	-- add-port br-int a -- set Interface a type=internal
must ip addr add 198.51.100.1/24 dev br-phy
must ip addr add 2001:db8::1/64 dev br-phy nodad
must ip link set br-phy up
host a 192.0.2.1/24

must peer_vsctl add-br int -- set bridge int datapath_type=netdev \
	-- add-br phy -- set bridge phy datapath_type=netdev -- add-port phy theirs
must ip -n ws-peer addr add 198.51.100.2/24 dev phy
must ip -n ws-peer addr add 2001:db8::2/64 dev phy nodad
must ip -n ws-peer link set phy up
must ip -n ws-peer addr add 192.0.2.2/24 dev int
must ip -n ws-peer link set int up
must ip -n ws-peer link set dev int mtu 1400
must ip -n ws-a link set dev a mtu 1400

# tunnel KIND OUR-WORDS THEIR-WORDS: both ends anew.
tunnel() {
	local kind=$1 remote=$2 back=$3
	shift 3
	must vsctl --if-exists del-port br-int tun \
		-- add-port br-int tun -- set Interface tun type="$kind" \
		options:remote_ip="$remote" "$@"
	must peer_vsctl --if-exists del-port int tun \
		-- add-port int tun -- set Interface tun type="$kind" \
		options:remote_ip="$back" "$@"
}

# What crosses the cable, as another program understands it.
listen() {
	: >"$rundir/tcpdump.log"
	tcpdump --immediate-mode -Z root -Uni ours -w "$rundir/cable.pcap" 2>"$rundir/tcpdump.log" &
	listener=$!
	eventually 5 grep -q "listening on" "$rundir/tcpdump.log"
}
listen_no_more() {
	kill "$listener" && wait "$listener"
	return 0
}
shark() {
	tshark -nr "$rundir/cable.pcap" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-Y "$1" 2>/dev/null
}
# decodes KIND: nothing is malformed, or wrong in lengths and checksums, and pings are seen inside.
decodes() {
	listen_no_more
	shark "_ws.malformed || _ws.short || ip.checksum.status == 0 || udp.checksum.status == 0 ||
		_ws.expert.severity == error" | head -3 | tee "$rundir/complaints"
	[ ! -s "$rundir/complaints" ] && [ "$(shark "$1 && icmp.type == 8" | wc -l)" -ge 1 ] &&
		[ "$(shark "$1 && icmp.type == 0" | wc -l)" -ge 1 ]
}

for version in 4 6; do
	[ $version = 4 ] && ends="198.51.100.2 198.51.100.1" || ends="2001:db8::2 2001:db8::1"
	for kind in vxlan geneve gre; do
		tunnel $kind $ends options:key=5000
		must listen
		check "a ping over $kind in IPv$version" eventually 15 hears a 192.0.2.2
		check "tshark does not complain about it" decodes $kind
		check "TCP into $kind in IPv$version" carries a peer 192.0.2.2
		check "TCP out of $kind in IPv$version" carries a peer 192.0.2.2 -R
	done
done

tunnel vxlan 198.51.100.2 198.51.100.1 options:key=1 options:csum=true
check "checksums of ours are right" eventually 15 hears a 192.0.2.2
# Not both at once: OVS numbers a packet after it has summed it up.
tunnel gre 198.51.100.2 198.51.100.1 options:csum=true
check "GRE's checksum too" eventually 15 hears a 192.0.2.2
tunnel gre 198.51.100.2 198.51.100.1 options:seq=true
check "and its numbers" eventually 15 hears a 192.0.2.2
tunnel vxlan 198.51.100.2 198.51.100.1 options:key=9 options:exts=gbp
check "VXLAN with group policy" eventually 15 hears a 192.0.2.2

for version in 1 2; do
	tunnel erspan 198.51.100.2 198.51.100.1 options:key=5 options:erspan_ver=$version \
		options:erspan_idx=7 options:erspan_dir=1 options:erspan_hwid=4
	check "ERSPAN, version $version" eventually 15 hears a 192.0.2.2
done

# Without Ethernet headers, which each end makes anew.
bare() {
	local far=02:00:00:00:00:99
	tunnel "$@" options:packet_type=legacy_l3
	must on a ip neigh replace 192.0.2.2 lladdr $far dev a
	must on peer ip neigh replace 192.0.2.1 lladdr $far dev int
	must ofctl add-flow br-int "priority=50000,in_port=a,ip,actions=output:tun"
	must ofctl add-flow br-int "priority=50000,in_port=tun,ip,actions=mod_dl_src:$far,\
mod_dl_dst:$(on a cat /sys/class/net/a/address),output:a"
	must peer_ofctl add-flow "$peer_dir/int.mgmt" \
		"priority=50000,in_port=LOCAL,ip,actions=output:tun"
	must peer_ofctl add-flow "$peer_dir/int.mgmt" "priority=50000,in_port=tun,ip,\
actions=mod_dl_src:$far,mod_dl_dst:$(on peer cat /sys/class/net/int/address),LOCAL"
}
bare gre 198.51.100.2 198.51.100.1 options:key=3
must listen
check "GRE of packets without Ethernet headers" eventually 15 hears a 192.0.2.2
check "tshark sees IP in it" decodes "gre.proto == 0x0800"
check "TCP flows into it, cut into segments" carries a peer 192.0.2.2
check "and out of it" carries a peer 192.0.2.2 -R
bare gre 2001:db8::2 2001:db8::1
check "the same over IPv6" eventually 15 hears a 192.0.2.2
bare vxlan 198.51.100.2 198.51.100.1 options:key=4 options:exts=gpe
check "VXLAN that says what is inside" eventually 15 hears a 192.0.2.2
check "TCP flows into that" carries a peer 192.0.2.2
must on a ip neigh del 192.0.2.2 dev a
must on peer ip neigh del 192.0.2.1 dev int
must ofctl --strict del-flows br-int priority=50000,in_port=a,ip
must ofctl --strict del-flows br-int priority=50000,in_port=tun,ip
must peer_ofctl --strict del-flows "$peer_dir/int.mgmt" priority=50000,in_port=LOCAL,ip
must peer_ofctl --strict del-flows "$peer_dir/int.mgmt" priority=50000,in_port=tun,ip
tunnel vxlan 198.51.100.2 198.51.100.1 options:key=4 options:exts=gpe
check "also for Ethernet frames" eventually 15 hears a 192.0.2.2

# BFD, by itself and with what the two ends can want of it.
bfd_is() {
	[ "$(vsctl get interface tun bfd_status:state)" = "$1" ] &&
		[ "$(peer_vsctl get interface tun bfd_status:state)" = "$1" ]
}
for kind in geneve gre vxlan; do
	tunnel $kind 198.51.100.2 198.51.100.1 options:key=5000 bfd:enable=true bfd:min_rx=200
	check "BFD finds the far end over $kind" eventually 20 bfd_is up
done
flaps=$(vsctl get interface tun bfd_status:flap_count)
must vsctl set interface tun bfd:min_tx=300 bfd:min_rx=400 bfd:mult=5
settled() {
	appctl bfd/show tun | grep -q "Remote Minimum RX Interval: 200ms" &&
		appctl bfd/show tun | grep -q "RX Interval: Approx 400ms"
}
check "new intervals are agreed" eventually 10 settled
check "without a flap" eval '[ "$(vsctl get interface tun bfd_status:flap_count)" = "$flaps" ]'
must peer_vsctl set interface tun bfd:cpath_down=true
check "it says when the way behind it is broken" eventually 10 eval \
	'vsctl get interface tun bfd_status:forwarding | grep -q false'
must peer_vsctl set interface tun bfd:cpath_down=false
must peer_vsctl remove interface tun bfd enable
check "and when it stops" eventually 10 eval \
	'[ "$(vsctl get interface tun bfd_status:state)" = down ]'
check "user traffic was never BFD's business" eventually 5 hears a 192.0.2.2

tunnel geneve 198.51.100.2 198.51.100.1 options:key=flow
must ofctl add-flow br-int "in_port=a,actions=set_field:0x77->tun_id,output:tun"
must peer_ofctl add-flow "$peer_dir/int.mgmt" "priority=9,in_port=tun,tun_id=0x77,actions=NORMAL"
must peer_ofctl add-flow "$peer_dir/int.mgmt" "priority=8,in_port=tun,actions=drop"
must peer_ofctl add-flow "$peer_dir/int.mgmt" \
	"priority=9,in_port=LOCAL,actions=set_field:0x78->tun_id,output:tun"
must ofctl add-flow br-int "priority=9,in_port=tun,tun_id=0x78,actions=NORMAL"
must ofctl add-flow br-int "priority=8,in_port=tun,actions=drop"
check "keys set and matched by rules" eventually 15 hears a 192.0.2.2

# Options: both ends read and write them with one table, which stock ovs-ofctl gives to both.
options="{class=0x102,type=0x80,len=4}->tun_metadata0,{class=0x102,type=1,len=12}->tun_metadata9"
must ofctl del-flows br-int
must peer_ofctl del-flows "$peer_dir/int.mgmt"
check "ovs-ofctl binds options" ovs_ofctl add-tlv-map br-int "$options"
must peer_ofctl add-tlv-map "$peer_dir/int.mgmt" "$options"
table_is_theirs() {
	diff <(ovs_ofctl dump-tlv-map br-int | tail -n +2) \
		<(peer_ofctl dump-tlv-map "$peer_dir/int.mgmt" | tail -n +2)
}
check "and prints the table as it does OVS's" table_is_theirs
must ovs_ofctl add-flow br-int "in_port=a,actions=set_field:0x1234->tun_metadata0,\
set_field:0xabcdef0123456789->tun_metadata9,set_field:0x77->tun_id,output:tun"
must peer_ofctl add-flow "$peer_dir/int.mgmt" \
	"priority=9,in_port=tun,tun_metadata0=0x1234,tun_metadata9=0x89/0xff,actions=NORMAL"
must peer_ofctl add-flow "$peer_dir/int.mgmt" "priority=8,in_port=tun,actions=drop"
must peer_ofctl add-flow "$peer_dir/int.mgmt" "priority=9,in_port=LOCAL,\
actions=set_field:0x4321->tun_metadata0,load:7->tun_metadata9[64..79],output:tun"
must ovs_ofctl add-flow br-int "priority=9,in_port=tun,tun_metadata0=0x4321,\
tun_metadata9=0x70000000000000000/0xffff0000000000000000,actions=NORMAL"
must ovs_ofctl add-flow br-int "priority=8,in_port=tun,actions=drop"
check "options set by one are matched by the other" eventually 15 hears a 192.0.2.2
must ovs_ofctl add-flow br-int "priority=10,in_port=tun,icmp,tun_metadata0,actions=controller"
"$peer/usr/bin/ovs-ofctl" --timeout=15 -P nxt_packet_in2 monitor br-int 65534 \
	>"$rundir/options.log" 2>&1 &
monitor=$!
check "a controller is told the options of a packet" eventually 10 eval \
	'{ hears a 192.0.2.2; grep -q "tun_metadata0=0x4321,tun_metadata9=0x7" "$rundir/options.log"; }'
kill $monitor
refuses_to_forget() {
	! ovs_ofctl del-tlv-map br-int 2>"$rundir/refusal.txt" &&
		grep -q NXTTMFC_INVALID_TLV_DEL "$rundir/refusal.txt"
}
check "what rules use stays bound" refuses_to_forget
must ofctl del-flows br-int
check "and goes without them" ovs_ofctl del-tlv-map br-int

# A controller is told who sent it, in IPv6 too, and what it lets go on has that still.
tunnel vxlan 2001:db8::2 2001:db8::1 options:key=9
must peer_ofctl add-flow "$peer_dir/int.mgmt" actions=NORMAL
must ovs_ofctl add-flow br-int actions=NORMAL
must ovs_ofctl add-flow br-int \
	"priority=40000,in_port=tun,actions=controller(pause,userdata=07),resubmit(,1)"
must ovs_ofctl add-flow br-int "table=1,tun_ipv6_src=2001:db8::2,actions=NORMAL"
"$peer/usr/bin/ovs-ofctl" --timeout=15 -P nxt_packet_in2 monitor br-int 65534 resume \
	>"$rundir/paused.log" 2>&1 &
monitor=$!
check "packets of IPv6 tunnels can be paused and go on" eventually 10 hears a 192.0.2.2
check "a controller is told where they came from" eventually 5 \
	grep -q "tun_ipv6_src=2001:db8::2,tun_ipv6_dst=2001:db8::1" "$rundir/paused.log"
kill $monitor

# Guests with the MTU that is left in a common underlay, and jumbo frames in a larger one.
sizes() {
	local mtu=$1 under=$2
	must ip -n ws-peer link set dev theirs mtu "$under"
	must ip link set dev ours mtu "$under"
	must vsctl set interface ours mtu_request="$under" -- set interface br-phy \
		mtu_request="$under"
	must ip link set dev br-phy mtu "$under"
	must peer_vsctl set interface theirs mtu_request="$under" -- set interface phy \
		mtu_request="$under" -- set interface int mtu_request="$mtu"
	must ip -n ws-peer link set dev int mtu "$mtu"
	must vsctl set interface a mtu_request="$mtu"
	must ip -n ws-a link set dev a mtu "$mtu"
}
fills() {
	on a ping -c 1 -W 1 -s $(($1 - 28)) -M do 192.0.2.2
}
must ofctl del-flows br-int
must ofctl add-flow br-int actions=NORMAL
must peer_ofctl del-flows "$peer_dir/int.mgmt"
must peer_ofctl add-flow "$peer_dir/int.mgmt" actions=NORMAL
tunnel vxlan 198.51.100.2 198.51.100.1 options:key=5000
for mtu in 1450 8950; do
	sizes $mtu $((mtu + 50))
	check "packets of $mtu bytes fill the tunnel" eventually 10 fills $mtu
	check "TCP at MTU $mtu flows in" carries a peer 192.0.2.2
	check "and out" carries a peer 192.0.2.2 -R
done

no_faults() {
	! appctl drops/show | grep -E 'tunnel_(cut|wrong|checksum|offload|unknown)|not_cut'
}
check "no packet was found faulty" no_faults
