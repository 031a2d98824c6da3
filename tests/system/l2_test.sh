#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What an Ethernet switch does for hosts: private VLANs, guarded ports, mirrors, multicast.
. tests/system/lib.sh

# packets HOST: that it has received.
packets() {
	on "$1" cat "/sys/class/net/$1/statistics/rx_packets"
}

# copied: the mirror's host has received more than before.
copied() {
	[ "$(packets m)" -gt "$before" ]
}

# exchange FROM PACKET HOST=TAGS…: who gets it, and with which tags.
exchange() {
	/usr/bin/python3 tests/system/exchange.py "$@"
}

# shows COMMAND TEXT: a command's answer has the text.
shows() {
	appctl "$1" br0 | grep -q "$2"
}

switch_start
must vsctl add-br br0 -- set Bridge br0 mcast_snooping_enable=true
for name in a b c m; do
	must vsctl add-port br0 $name -- set Interface $name type=internal
done
host a 192.0.2.1/24
host b 192.0.2.2/24
host c 192.0.2.3/24
host m 198.51.100.1/24
check "all hosts hear each other" hears b 192.0.2.3

must vsctl set Bridge br0 other_config:private-vlans="100 isolated 101" \
	-- set Port a tag=100 -- set Port b tag=101 -- set Port c tag=101
check "an isolated host hears the router" eventually 5 hears b 192.0.2.1
check "and the router it" hears a 192.0.2.3
check "but not another isolated host" not hears b 192.0.2.3
# In one community, and across a trunk to another bridge that knows the VLANs too.
must vsctl set Bridge br0 other_config:private-vlans="100 isolated 101 community 102" \
	-- set Port b tag=102 -- set Port c tag=102
check "hosts of a community hear each other" eventually 5 hears b 192.0.2.3
check "and the router" hears b 192.0.2.1
must vsctl add-br br1 -- set Bridge br1 other_config:private-vlans="100 isolated 101 community 102" \
	-- add-port br0 to1 -- set Interface to1 type=patch options:peer=to0 \
	-- add-port br1 to0 -- set Interface to0 type=patch options:peer=to1 \
	-- add-port br1 d tag=101 -- set Interface d type=internal
host d 192.0.2.4/24
check "an isolated host of another bridge hears the router" eventually 5 hears d 192.0.2.1
check "but no community" not hears d 192.0.2.2
must vsctl set Port d tag=102
check "a host of the community does" eventually 5 hears d 192.0.2.2
must vsctl clear Port d tag -- set Port to1 other_config:private-vlan-trunk=promiscuous \
	-- clear Bridge br1 other_config
check "a promiscuous trunk shows all as the primary" exchange b "b>*" d=100 a=untagged c=untagged
must vsctl set Port to1 other_config:private-vlan-trunk=isolated
check "an isolated trunk shows the primary only, as the isolated one" exchange a "a>*" d=101 b=untagged
check "and not the community" exchange b "b>*" d=- a=untagged
must vsctl del-br br1 -- del-port br0 to1
must vsctl clear Bridge br0 other_config -- clear Port a tag -- clear Port b tag -- clear Port c tag
check "until the VLANs are private no more" eventually 5 hears b 192.0.2.3

mac=$(on b cat /sys/class/net/b/address)
must vsctl set Port b other_config:allowed-addresses="$mac 192.0.2.2"
check "a host with its own address is heard" eventually 5 hears b 192.0.2.1
must on b ip addr add 192.0.2.22/24 dev b
check "but not with another's" not on b ping -c 1 -W 1 -I 192.0.2.22 192.0.2.1
check "which is counted" sh -c "appctl drops/show b | grep -qE 'forged_(arp|ip)'"
must vsctl clear Port b other_config

must vsctl -- --id=@m get Port m -- --id=@b get Port b -- --id=@x create Mirror name=x \
	select_src_port=@b output_port=@m -- set Bridge br0 mirrors=@x
before=$(packets m)
check "a mirrored host is heard" hears b 192.0.2.1
check "and its packets are copied" eventually 5 copied
check "and counted" eventually 15 sh -c \
	"vsctl get Mirror x statistics | grep -qE 'tx_packets=[1-9]'"
must vsctl clear Bridge br0 mirrors

for name in a b c; do
	must on $name sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
done
must on c ip addr add 239.1.2.3/32 dev c autojoin
check "who asks for a group is noticed" eventually 10 shows mdb/show 239.1.2.3
must on a ip route add 239.0.0.0/8 dev a
check "and hears it" eventually 10 on a ping -c 1 -W 1 239.1.2.3
must on c ip addr del 239.1.2.3/32 dev c
check "until it leaves" eventually 10 not shows mdb/show 239.1.2.3
group="a>01:00:5e:09:09:09 ip=192.0.2.1>239.9.9.9 udp=1>2"
check "a group that nobody asked for goes to all" exchange a "$group" b=untagged c=untagged
must appctl mdb/add br0 b 0 239.9.9.9
check "one given by hand goes there" exchange a "$group" b=untagged c=-
must vsctl set Port c other_config:mcast-snooping-flood=true
check "and to ports that get all" exchange a "$group" b=untagged c=untagged
must vsctl clear Port c other_config
must appctl mdb/del br0 b 0 239.9.9.9
must vsctl set Bridge br0 other_config:mcast-snooping-disable-flood-unregistered=true
check "then to nobody, if nobody asks" exchange a "$group" b=- c=-
must vsctl clear Bridge br0 other_config
must on c ip addr add ff15::1234/128 dev c autojoin
check "IPv6's groups are noticed, too" eventually 10 shows mdb/show ff15::1234

# Without a controller nothing is forwarded if rules are all that counts.
must vsctl set Bridge br0 fail_mode=secure
check "a secure bridge has no rules of its own" exchange a "a>*" b=- c=-
must vsctl set Bridge br0 fail_mode=standalone
check "a standalone one switches" exchange a "a>*" b=untagged c=untagged
check "and learns" exchange b "b>a" a=untagged c=-
must appctl fdb/flush br0
check "until it shall forget" exchange c "c>b" a=untagged b=untagged
must vsctl set Bridge br0 other_config:mac-aging-time=1
check "and what is not heard of is forgotten" eventually 20 not shows fdb/show :0c
