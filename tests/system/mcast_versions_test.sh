#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Groups of hosts that speak IGMP 1, 2 and 3, and MLD 1 and 2: what the kernel itself says when it joins
# and leaves is understood.
. tests/system/lib.sh

# exchange FROM PACKET HOST=TAGS…: who gets it, and with which tags.
exchange() {
	/usr/bin/python3 tests/system/exchange.py "$@"
}

in_group() {
	appctl mdb/show br0 | grep -q " $1 "
}

# joins ADDRESS/LENGTH FILTER: the host a joins the group, and says so with such a packet, which b hears.
joins() {
	local pid
	on b timeout 20 tcpdump -p -n -i b -c 1 -Q in "$2" >/dev/null 2>&1 &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		on a ip addr del "$1" dev a 2>/dev/null
		on a ip addr add "$1" dev a autojoin
		sleep 0.3
	done
	wait $pid
}

switch_start
must vsctl add-br br0 -- set Bridge br0 mcast_snooping_enable=true
for name in a b c; do
	must vsctl add-port br0 $name -- set Interface $name type=internal
done
must vsctl set Port b other_config:mcast-snooping-flood-reports=true
host a 192.0.2.1/24
host b 192.0.2.2/24
host c 192.0.2.3/24

# version FAMILY NUMBER GROUP/LENGTH FILTER PACKET: all about one.
version() {
	local name="$1 $2" group=${3%/*}
	must on a sysctl -qw "net.ipv${6:-4}.conf.a.force_${1,,}_version=$2"
	check "a host says in $name which group it wants" joins "$3" "$4"
	check "$name is understood" eventually 10 in_group "$group"
	check "who asked in $name gets the group, others do not" exchange b "$5" a=untagged c=-
	must on a ip addr del "$3" dev a
}

version IGMP 1 239.4.4.1/32 'igmp[0] == 0x12' "b>01:00:5e:04:04:01 ip=192.0.2.2>239.4.4.1 udp=1>2"
check "who leaves in IGMP 1 says nothing" in_group 239.4.4.1
must appctl time/warp 301000
check "and is forgotten in time" eventually 10 not in_group 239.4.4.1
version IGMP 2 239.4.4.2/32 'igmp[0] == 0x16' "b>01:00:5e:04:04:02 ip=192.0.2.2>239.4.4.2 udp=1>2"
check "who leaves in IGMP 2 is believed" eventually 10 not in_group 239.4.4.2
version IGMP 3 239.4.4.3/32 'igmp[0] == 0x22' "b>01:00:5e:04:04:03 ip=192.0.2.2>239.4.4.3 udp=1>2"
check "as in IGMP 3" eventually 10 not in_group 239.4.4.3

# Behind a router alert.
version MLD 1 ff15::4:1/128 'ip6[6] == 0 and ip6[48] == 131' \
	"b>33:33:00:04:00:01 ip6=2001:db8::2>ff15::4:1 udp=1>2" 6
check "who leaves in MLD 1 is believed" eventually 10 not in_group ff15::4:1
version MLD 2 ff15::4:2/128 'ip6[6] == 0 and ip6[48] == 143' \
	"b>33:33:00:04:00:02 ip6=2001:db8::2>ff15::4:2 udp=1>2" 6
check "as in MLD 2" eventually 10 not in_group ff15::4:2
