#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Mirrors between hosts: what is copied, where to, how much of it, and what contradicts itself.
. tests/system/lib.sh

# exchange FROM PACKET HOST=TAGS…: who gets it, and with which tags.
exchange() {
	/usr/bin/python3 tests/system/exchange.py "$@"
}

# mirror COLUMN=VALUE…: of the one mirror, which selects nothing else.
mirror() {
	must vsctl clear Mirror x select_src_port -- clear Mirror x select_dst_port \
		-- clear Mirror x select_vlan -- clear Mirror x snaplen -- clear Mirror x filter \
		-- set Mirror x select_all=false "$@"
}

switch_start
must vsctl add-br br0
for name in a b c m; do
	must vsctl add-port br0 $name -- set Interface $name type=internal
done
n=0
for name in a b c m; do
	n=$((n + 1))
	host $name 192.0.2.$n/24
done
must exchange b "b>*" a=untagged
a=$(vsctl get Port a _uuid) b=$(vsctl get Port b _uuid) m=$(vsctl get Port m _uuid)
must vsctl -- --id=@x create Mirror name=x "select_src_port=$a" "output_port=$m" \
	-- set Bridge br0 mirrors=@x >"$rundir/uuid"

check "what comes in at a port is copied" exchange a "a>b" b=untagged c=- m=untagged
check "what goes out there is not" exchange b "b>a" a=untagged c=- m=-
check "the port for copies gets nothing else" exchange b "b>*" a=untagged c=untagged m=-
check "and lets nothing in" exchange m "d>*" a=- b=- c=-
mirror "select_dst_port=$a"
check "what goes out at a port is copied" exchange b "b>a" a=untagged c=- m=untagged
check "what comes in there is not" exchange a "a>b" b=untagged m=-
mirror select_all=true
check "all is copied, once" exchange b "b>*" a=untagged c=untagged m=untagged
mirror select_all=true select_vlan=10
check "a VLAN is copied" exchange a "a>* vlan=10" b=10 c=10 m=10
check "and the others are not" exchange a "a>* vlan=11" b=11 c=11 m=-
mirror select_all=true snaplen=30
check "copies are cut short" exchange a "a>b" b==60 m==30
mirror select_all=true filter='"udp,udp_dst=53"'
check "what the filter is for is copied" \
	exchange a "a>b ip=192.0.2.1>192.0.2.2 udp=9>53" b=untagged m=untagged
check "and nothing else" exchange a "a>b ip=192.0.2.1>192.0.2.2 udp=9>54" b=untagged m=-
counted() {
	vsctl get Mirror x statistics | grep -qE 'tx_bytes=[1-9].*tx_packets=[1-9]'
}
check "copies are counted" eventually 15 counted

# To a VLAN, as RSPAN: m is an access port of it, c a trunk.
must vsctl set Port m tag=99 -- set Bridge br0 flood_vlans=99
mirror "select_src_port=$a" output_port=[] output_vlan=99
check "copies go to a VLAN" exchange a "a>b" b=99,untagged c=99 m=untagged
check "which others do not" exchange b "b>a" a=untagged c=- m=-
must vsctl clear Port m tag -- clear Bridge br0 flood_vlans

# Into a tunnel, whose other end is the kernel's.
must vsctl add-br br1 -- add-port br1 uu -- set Interface uu type=internal
must ip addr add 198.51.100.1/24 dev br1
must ip link set br1 up
host u 198.51.100.2/24 uu
must on u ip link add u type vxlan id 77 remote 198.51.100.1 dstport 4789 dev uu
must on u ip link set u up
must vsctl add-port br0 vx \
	-- set Interface vx type=vxlan options:remote_ip=198.51.100.2 options:key=77
mirror "select_src_port=$a" "output_port=$(vsctl get Port vx _uuid)" output_vlan=[]
check "copies travel in a tunnel" exchange a "a>b" b=untagged u=untagged m=-
check "and nothing else does" exchange b "b>*" a=untagged u=-

# says WORDS: the bridge tells what is wrong, and the rest works.
says() {
	vsctl get Bridge br0 status:config_error | grep -q -- "$1"
}
explains() {
	eventually 5 says "$1" && exchange b "b>a" a=untagged
}
mirror "select_src_port=$m" "output_port=$m"
check "a mirror that mirrors itself is explained" explains "cannot be mirrored itself"
mirror "select_src_port=$a" output_port=[]
check "as is one that copies nowhere" explains "no effect without output_port"
mirror "output_port=$m"
check "one that selects nothing" explains "selects nothing"
mirror select_all=true filter='"udp,udp_dst=x"'
check "and a filter that is none" explains filter
mirror "select_src_port=$b"
check "mended, it copies" exchange b "b>a" a=untagged m=untagged
