#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A host that lies to its neighbours, with and without a guard: in ARP, in neighbour discovery, as a
# router, as a DHCP server. The victims are the kernel's own.
. tests/system/lib.sh

# counts REASON: so were packets of the liar dropped.
counts() {
	appctl drops/show b | grep -qw "$1"
}

# tell PACKET: the liar sends it, in scapy's words; A, B and C are MACs.
tell() {
	on b /usr/bin/python3 -c "
import logging
logging.getLogger('scapy.runtime').setLevel(logging.ERROR)
from scapy.all import *
A, B, C = '$mac_a', '$mac_b', '$mac_c'
sendp($1, iface='b', verbose=False)"
}

# neighbour ADDRESS MAC: so a believes.
neighbour() {
	[ "$(on a ip neigh show "$1" dev a | awk '{ print $3 }')" = "$2" ]
}

# believes ADDRESS MAC PACKET: when it was told.
believes() {
	tell "$3"
	neighbour "$1" "$2"
}

# doubts ADDRESS MAC PACKET REASON: however often it is told, it goes on believing the other one.
doubts() {
	eventually 10 told_in_vain "$3" "$4" && neighbour "$1" "$2"
}
told_in_vain() {
	tell "$1"
	counts "$2"
}

switch_start
must vsctl add-br br0
n=0
for name in a b c; do
	n=$((n + 1))
	must vsctl add-port br0 $name -- set Interface $name type=internal
	host $name 192.0.2.$n/24
	must on $name ip addr add 2001:db8::$n/64 dev $name nodad
	declare "mac_$name=$(on $name cat /sys/class/net/$name/address)"
done
must eventually 10 on a ping -c 1 -W 1 192.0.2.3
must eventually 10 on a ping -c 1 -W 1 2001:db8::3

arp="Ether(src=B, dst=A) / ARP(op=2, psrc='192.0.2.3', hwsrc=B, hwdst=A, pdst='192.0.2.1')"
advert="Ether(src=B, dst=A) / IPv6(src='2001:db8::2', dst='2001:db8::1') /
	ICMPv6ND_NA(tgt='2001:db8::3', R=0, S=1, O=1) / ICMPv6NDOptDstLLAddr(lladdr=B)"
guard="$mac_b 192.0.2.2 2001:db8::2"

must vsctl set Port b other_config:allowed-addresses="$guard"
check "a guarded host is heard" eventually 10 on b ping -c 1 -W 1 192.0.2.1
check "with IPv6 too" eventually 10 on b ping -c 1 -W 1 2001:db8::1
check "but what it says in ARP of others is not" doubts 192.0.2.3 "$mac_c" "$arp" forged_arp
check "nor what it says in neighbour discovery" doubts 2001:db8::3 "$mac_c" "$advert" forged_nd
must vsctl clear Port b other_config
check "unguarded it is believed" eventually 10 believes 192.0.2.3 "$mac_b" "$arp"
check "in neighbour discovery too" eventually 10 believes 2001:db8::3 "$mac_b" "$advert"

# A router that is none: who believes it gives himself an address.
router="Ether(src=B, dst='33:33:00:00:00:01') / IPv6(src='fe80::b', dst='ff02::1', hlim=255) /
	ICMPv6ND_RA(routerlifetime=0) / ICMPv6NDOptPrefixInfo(prefix='2001:db8:bad::', prefixlen=64)"
must on a sysctl -qw net.ipv6.conf.a.accept_ra=1 net.ipv6.conf.a.autoconf=1
has_address() {
	on a ip -6 addr show dev a | grep -q 2001:db8:bad:
}
misled() {
	tell "$router"
	has_address
}
must vsctl set Port b other_config:ra-guard=true
check "a guarded host does not play the router" eventually 10 told_in_vain "$router" ra_guard
check "nobody has an address of its" not has_address
must vsctl clear Port b other_config
check "unguarded it would be obeyed" eventually 10 misled

# A DHCP server that is none.
cat >"$rundir/udhcpd.conf" <<-END
	start 192.0.2.100
	end 192.0.2.110
	interface b
	lease_file $rundir/leases
	pidfile $rundir/udhcpd.pid
END
touch "$rundir/leases"
on b busybox udhcpd -f "$rundir/udhcpd.conf" >/dev/null 2>&1 &
get_lease() {
	on a timeout 10 busybox udhcpc -i a -n -q -f -t 2 -T 1 -A 1 -s /bin/true >/dev/null 2>&1
}
check "unguarded, a host can play the DHCP server" eventually 20 get_lease
must vsctl set Port b other_config:dhcp-guard=true
check "guarded, it has no clients" eventually 20 eval '! get_lease && counts dhcp_guard'
