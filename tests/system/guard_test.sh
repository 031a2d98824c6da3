#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What hosts may send and get to see: learning and its limits, protected and guarded ports, storms.
. tests/system/lib.sh

# reaches FROM TO DESTINATION SOURCE TYPE [PAYLOAD]: the frame arrives.
reaches() {
	/usr/bin/python3 tests/system/frame.py "$@"
}

# misses FROM TO …: it does not, for 0.7 s.
misses() {
	WEIR_PATIENCE=1 reaches "$@"
	[ $? = 2 ]
}

# counts PORT REASON: so were packets dropped.
counts() {
	appctl drops/show "$1" | grep -qw "$2"
}

# knows PORT-OR-ADDRESS: the MAC table does.
knows() {
	appctl fdb/show br0 | grep -qi "$1"
}

status_says() {
	vsctl get Bridge br0 status | grep -q "$1"
}

all=ffffffffffff A=02000000000a B=02000000000b C=02000000000c stranger=0200000000ee
switch_start
must vsctl add-br br0
for name in a b c; do
	must vsctl add-port br0 $name -- set Interface $name type=internal
done
host a 192.0.2.1/24
host b 192.0.2.2/24
host c 192.0.2.3/24

check "a broadcast reaches all" reaches a c $all $A 88b5
must reaches b a $all $B 88b5
check "a frame for a known host does not" misses a c $B $A 88b5
must vsctl set Bridge br0 flood_vlans=0
check "but in a VLAN that is flooded it does" eventually 5 reaches a c $B $A 88b5
must vsctl clear Bridge br0 flood_vlans

check "network control frames are not forwarded" misses a b 0180c200000e $A 88b5
check "which is counted" eventually 5 counts a reserved_multicast
must vsctl set Bridge br0 other_config:forward-bpdu=true
check "unless asked for" eventually 5 reaches a b 0180c200000e $A 88b5
must vsctl clear Bridge br0 other_config

must vsctl set Port a protected=true -- set Port b protected=true
check "protected hosts do not hear each other" eventually 5 misses a b $all $A 88b5
check "others do" reaches a c $all $A 88b5
must vsctl set Port a protected=false -- set Port b protected=false

must appctl fdb/add br0 c 0 02:00:00:00:00:0c
check "an address put in by hand stays" misses a b $C $A 88b5
must reaches b - $all $C 88b5
check "whoever else sends from it" reaches a c $C $A 88b5
must appctl fdb/del br0 0 02:00:00:00:00:0c

must vsctl set Bridge br0 other_config:mac-table-size=20
must reaches a b $all $A 88b5
must reaches b - $all each 88b5 "" 200
check "a full table takes room from who has most" eventually 5 knows 02:55:00:00:00
check "and keeps the others" knows 02:00:00:00:00:0a
check "and its size" test "$(appctl fdb/show br0 | wc -l)" -le 22
must vsctl clear Bridge br0 other_config
must appctl fdb/flush br0

must vsctl set Interface b external_ids:attached-mac='"02:00:00:00:00:0b"' \
	-- set Port b other_config:forged-transmits=reject
check "a frame from the host's own address is let in" eventually 5 reaches b a $all $B 88b5
check "one from another is not" misses b a $all $stranger 88b5
check "which is counted" eventually 5 counts b forged_mac
must vsctl set Port b other_config='{mac-changes=reject}'
must reaches b a $all $stranger 88b5
check "nothing goes to an address that the host made up" not knows 02:00:00:00:00:ee
must vsctl set Port b other_config='{promiscuous=reject}'
check "a frame flooded for somebody is not seen by others" eventually 5 misses a b 0200000000dd $A 88b5
check "one for the host is" reaches a b $B $A 88b5
check "as are broadcasts" reaches a b $all $A 88b5
must vsctl clear Port b other_config

# IPv4 from 192.0.2.2 to all, UDP from 67 to 68; IPv6 to all nodes, a router advertisement.
offer=450000240000000040110000c0000202ffffffff
dhcp=0043004400100000
must vsctl set Port b other_config:dhcp-guard=true other_config:ra-guard=true
check "a guarded host does not offer addresses" eventually 5 misses b a $all $B 0800 $offer$dhcp
check "which is counted" eventually 5 counts b dhcp_guard
check "but may ask for one" reaches b a $all $B 0800 ${offer}0044004300100000
advert=6000000000103afffe800000000000000000000000000002ff020000000000000000000000000001
check "nor plays the router" misses b a 333300000001 $B 86dd ${advert}86000000400000000000000000000000
check "which is counted too" eventually 5 counts b ra_guard
must vsctl clear Port b other_config

must vsctl set Port b other_config:storm-broadcast=10
must reaches b - $all $B 88b5 "" 2000
check "a storm of broadcasts is cut short" eventually 5 counts b storm_broadcast
must vsctl set Port b other_config='{storm-multicast=10,storm-unknown-unicast=10}'
must reaches b - 01005e010101 $B 88b5 "" 2000
check "one of multicasts" eventually 5 counts b storm_multicast
must reaches b - 0200000000dd $B 88b5 "" 2000
check "and one for hosts that nobody knows" eventually 5 counts b storm_unknown
must vsctl clear Port b other_config

loop() {
	for _ in 1 2 3 4 5 6 7 8; do
		reaches a - $all $stranger 88b5
		reaches b - $all $stranger 88b5
	done
	status_says 'between ports a and b'
}
check "addresses that go back and forth are told of" eventually 20 loop

# complains ROW COLUMN-OR-KEY VALUE WORDS: it is said that it is wrong, and the rest works.
complains() {
	local port=$1 words=$2
	shift 2
	vsctl set Port "$port" "$@" || true
	if ! eventually 5 eval "{ advice $port; vsctl get Bridge br0 status; } |
		grep -q -- '$words'"; then
		vsctl --columns=error,status list Interface "$port"
		vsctl get Bridge br0 status
		return 1
	fi
	reaches a b $all $A 88b5
}
heal() {
	must vsctl clear Port c trunks -- clear Port c tag -- clear Port c vlan_mode \
		-- clear Port c other_config -- clear Port c cvlans
}
check "a list of trunks on an access port is explained" complains c trunk vlan_mode=access tag=5 trunks=6,7
heal
check "customers' VLANs without a tunnel are explained" complains c cvlans vlan_mode=trunk cvlans=5
heal
check "addresses that are none are explained" complains c allowed-addresses other_config:allowed-addresses=nonsense
heal
must vsctl set Bridge br0 other_config:private-vlans="isolated 101"
check "private VLANs without a primary are explained" eventually 5 status_says private-vlans
must vsctl set Bridge br0 other_config:private-vlans="100 isolated 4099"
check "and ones that cannot be" eventually 5 status_says 4099
must vsctl clear Bridge br0 other_config
check "a tag that cannot be is refused" not vsctl set Port c tag=5000
