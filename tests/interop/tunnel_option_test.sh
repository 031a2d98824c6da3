#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Rules that match and set tunnel options, as stock ovs-ofctl and ofctl send them, which do not know what
# the fields stand for.
. tests/interop/lib.sh

ovs_ofctl() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 "$@"
}

# adds CLIENT VERSION FLOW [WHAT]: the client adds the flow, and it is dumped as WHAT, else as it was typed.
adds() {
	local client=$1 version=$2 flow=$3 wanted=${4:-$3}
	ofctl del-flows br0 || return 1
	$client -O "$version" add-flow br0 "$flow" || return 1
	is " ${wanted/,actions/ actions}" ofctl --no-stats dump-flows br0 &&
		is " ${wanted/,actions/ actions}" ovs_ofctl --no-stats dump-flows br0
}

# again VERSION: what that version's dump says of the rules can be added again, and is the same.
again() {
	local rules
	rules=$(ofctl -O "$1" --no-stats dump-flows br0) && ofctl del-flows br0 &&
		ofctl -O "$1" add-flows br0 - <<<"$rules" && is "$rules" ofctl -O "$1" --no-stats dump-flows br0
}

switch_start
must ovs_vsctl add-br br0
for flow in tun_metadata0,actions=drop tun_metadata0=5,actions=drop \
	"actions=set_field:5->tun_metadata0" "actions=load:5->tun_metadata0[0..7]" \
	"actions=move:tun_metadata0[0..7]->reg0[0..7]" actions=delete_field:tun_metadata0 \
	"actions=learn(tun_metadata0=5)" "actions=learn(load:5->tun_metadata0[0..7])"; do
	for version in OpenFlow10 OpenFlow13 OpenFlow15; do
		check "$version: ofctl: nothing is bound: $flow" \
			has 'a tun_metadata field stands for no tunnel option' \
			eval "! ofctl -O $version add-flow br0 '$flow' 2>&1"
		check "$version: ovs-ofctl: nothing is bound: $flow" has INVALID_TLV_FIELD \
			eval "! ovs_ofctl -O $version add-flow br0 '$flow' 2>&1"
	done
done
must ofctl add-tlv-map br0 "{class=0x102,type=3,len=8}->tun_metadata0"
for client in ofctl ovs_ofctl; do
	for version in OpenFlow10 OpenFlow13 OpenFlow15; do
		for flow in tun_metadata0,actions=drop tun_metadata0=0,actions=drop \
			tun_metadata0=0x5,actions=drop tun_metadata0=0x5/0xf,actions=drop \
			tun_metadata0=0x123456789abcdef0,actions=drop \
			"actions=set_field:0->tun_metadata0" "actions=set_field:0x5->tun_metadata0" \
			"actions=set_field:0x5/0xf->tun_metadata0" \
			"actions=set_field:0x123456789abcdef0->tun_metadata0" \
			"actions=move:NXM_NX_TUN_METADATA0[0..15]->NXM_NX_REG0[0..15]" \
			"actions=learn(table=1,tun_metadata0=0x5)" actions=delete_field:tun_metadata0; do
			check "$version: $client: $flow" adds $client $version "$flow"
		done
		check "$version: $client: too long" not $client -O $version add-flow br0 \
			tun_metadata0=0x123456789abcdef012,actions=drop
	done
done
load="actions=load:0x5->NXM_NX_TUN_METADATA0[0..31]"
check "OpenFlow13: ofctl: a part of it" adds ofctl OpenFlow13 "$load"
check "OpenFlow15: says it in its own way" has 'set_field:0x5/0xffffffff->tun_metadata0' \
	ofctl -O OpenFlow15 --no-stats dump-flows br0
check "OpenFlow15: ofctl: a part of it" adds ofctl OpenFlow15 "$load" \
	"actions=set_field:0x5/0xffffffff->tun_metadata0"
for version in OpenFlow10 OpenFlow13 OpenFlow15; do
	check "$version: a dump is added again" again $version
done
