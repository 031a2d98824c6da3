#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# VLANs between hosts: access ports, trunks, native VLANs, tunnels of tags, priorities, the dead VLAN.
. tests/system/lib.sh

# exchange FROM PACKET HOST=TAGS…: who gets it, and with which tags.
exchange() {
	/usr/bin/python3 tests/system/exchange.py "$@"
}

# counts PORT REASON: so were packets dropped.
counts() {
	appctl drops/show "$1" | grep -qw "$2"
}

switch_start
must vsctl add-br br0 \
	-- add-port br0 a tag=10 -- set Interface a type=internal \
	-- add-port br0 b tag=10 -- set Interface b type=internal \
	-- add-port br0 c tag=20 -- set Interface c type=internal
host a 192.0.2.1/24
host b 192.0.2.2/24
host c 192.0.2.3/24

check "hosts of one VLAN hear each other" hears a 192.0.2.2
check "hosts of two VLANs do not" not hears a 192.0.2.3

must vsctl set Port c tag=10
check "a port moved into the VLAN is heard" eventually 5 hears a 192.0.2.3
must vsctl set Port b tag=20
check "a port moved out of it is not" not hears a 192.0.2.2
must vsctl clear Port b tag
check "a trunk port does not get the VLAN untagged" not hears a 192.0.2.2

# The host b sees the tags now.
must vsctl set Port c tag=20
check "a trunk carries frames tagged" exchange a "a>*" b=10 c=-
check "and takes tagged ones" exchange b "b>* vlan=20/3" a=- c=untagged
check "an access port takes none" exchange a "a>* vlan=10" b=- c=-
check "which is counted" eventually 5 counts a tag_on_access
must vsctl set Port b trunks=10
check "a trunk for some VLANs carries those" exchange a "a>*" b=10 c=-
check "and no others" exchange b "b>* vlan=20" a=- c=-
check "which is counted, too" eventually 5 counts b vlan_mismatch
must vsctl set Port b vlan_mode=native-tagged tag=20 trunks=10,20
check "what comes untagged is in the native VLAN" exchange b "b>*" a=- c=untagged
check "which leaves tagged" exchange c "c>*" a=- b=20
must vsctl set Port b vlan_mode=native-untagged
check "or untagged" exchange c "c>*" a=- b=untagged
check "while the others are tagged" exchange a "a>*" b=10 c=-

must vsctl clear Port b trunks -- set Port b vlan_mode=trunk -- clear Port b tag \
	-- set Port a vlan_mode=dot1q-tunnel
check "a tunnel adds a tag of 802.1ad" exchange a "a>* vlan=7" b=s10+7 c=-
check "and takes it off" exchange b "b>* svlan=10 vlan=8" a=8 c=-
must vsctl set Port a other_config:qinq-ethtype=802.1q
check "or one of 802.1Q" exchange a "a>* vlan=7" b=10+7 c=-
must vsctl set Port a cvlans=7
check "for some customers' VLANs it passes those" exchange a "a>* vlan=7" b=10+7 c=-
check "and no others" exchange a "a>* vlan=8" b=- c=-
check "which is counted as well" eventually 5 counts a cvlan_mismatch

must vsctl clear Port a cvlans -- set Port a vlan_mode=access -- set Port c tag=10
check "a priority gets lost on the way to an access port" exchange b "b>* vlan=10/5" a=untagged
must vsctl set Port a other_config:priority-tags=if-nonzero
check "unless it shall be shown" exchange b "b>* vlan=10/5" a=0/5 c=untagged
check "where there is one" exchange b "b>* vlan=10" a=untagged c=untagged
check "a frame with nothing but a priority is let in" exchange a "a>* vlan=0/4" b=10/4 c=untagged

must vsctl set Port a tag=4095 vlan_mode=trunk trunks=4095
check "in the dead VLAN nobody hears anybody" exchange a "a>* vlan=4095" b=- c=-
check "which is told" eventually 5 counts a dead_vlan
must vsctl clear Port a trunks -- clear Port a vlan_mode -- set Port a tag=10

# Two tags in rules.
must vsctl add-port br0 d tag=10 -- set Interface d type=internal
host d 192.0.2.4/24
must ofctl add-flow br0 "priority=9,in_port=b,dl_type=0x8100,actions=drop"
check "rules take a second tag for a type of packet" exchange b "b>* vlan=10 vlan=5" c=- d=-
must vsctl set Open_vSwitch . other_config:vlan-limit=2
must vsctl clear Port c tag
check "unless they shall see both" exchange b "b>* vlan=10 vlan=5" c=10+5 d=-

# Another bridge behind a patch.
must vsctl add-br br1 -- add-port br0 to1 -- set Interface to1 type=patch options:peer=to0 \
	-- add-port br1 to0 -- set Interface to0 type=patch options:peer=to1 \
	-- add-port br1 e tag=10 -- set Interface e type=internal
host e 192.0.2.5/24
check "VLANs pass from bridge to bridge" exchange a "a>*" e=untagged c=10 d=untagged
check "and stay apart there" exchange b "b>* vlan=20" e=- a=-

# A device that could strip and insert tags: they are in the frames all the same.
must ip link add packets type veth peer name f
devices+=(packets)
must ip link set packets up
must vsctl add-port br0 af -- set Interface af type=dpdk \
	'options:dpdk-devargs="net_af_packet0,iface=packets"'
host f 192.0.2.6/24
check "a device with tag offloads sends tags" exchange a "a>*" f=10 c=10
check "and receives them" exchange f "f>* vlan=10/3" a=0/3 c=10/3
check "two of them, too" exchange f "f>* vlan=20 vlan=5" a=- c=20+5
must vsctl del-port br0 af

# complains PORT WORDS SETTING…: what is wrong is told at the port, and the others go on.
complains() {
	local port=$1 words=$2
	shift 2
	must vsctl set Port "$port" "$@"
	eventually 5 advises "$port" "$words" || return 1
	exchange a "a>*" d=untagged
}
check "a tag that cannot be is refused" not vsctl set Port c tag=5000
check "as is one in a list" not vsctl set Port c trunks=1,5000
check "a list of VLANs at an access port is explained" \
	complains c "carries its tag's VLAN only" tag=10 trunks=10,20
check "as is a mode without its tag" complains e "needs a tag" tag=[] vlan_mode=native-tagged
