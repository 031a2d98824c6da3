#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A planned restart keeps rules, groups, meters and MACs; after a crash the database alone counts.
. tests/system/lib.sh

switch_start
must vsctl add-br br0 \
	-- add-port br0 b -- set Interface b type=internal
must vsctl add-port br0 a -- set Interface a type=internal
must vsctl add-br br1
host a 192.0.2.1/24
host b 192.0.2.2/24
check "hosts hear each other" hears a 192.0.2.2

of() {
	ofctl -O OpenFlow15 "$@"
}
must of add-meter br0 meter=7,kbps,burst,stats,bands=type=drop,rate=100000,burst_size=5000

must of add-group br0 group_id=9,type=indirect,bucket=actions=normal
must of add-group br0 group_id=4,type=indirect,bucket=actions=group:9
must of add-group br0 group_id=5,type=select,selection_method=hash,bucket=bucket_id:1,weight:3,actions=output:1,bucket=bucket_id:2,weight:1,watch_port:2,actions=output:2
must ofctl -O OpenFlow10 add-flow br0 "priority=7,in_port=9,actions=mod_vlan_vid:5,output:2"
must ofctl del-flows br1
must ofctl add-flow br0 "table=1,cookie=0x11,priority=9,ip,nw_dst=10.0.0.0/8,idle_timeout=900,actions=learn(table=2,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),group:4"
must of add-flow br0 "table=0,cookie=0x22,priority=50,send_flow_rem,hard_timeout=800,importance=12,ip,nw_dst=192.0.2.2,actions=meter:7,normal"
must of add-flow br0 "table=3,priority=1,reg0=5,ct_state=+trk,tun_id=7,actions=set_field:1->metadata,write_actions(output:1),goto_table:5"
must of add-tlv-map br0 "{class=0x102,type=3,len=8}->tun_metadata4"
must of add-flow br0 "table=3,priority=2,tun_metadata4=0x5/0xff,actions=set_field:0x9->tun_metadata4,move:tun_metadata4[0..7]->reg0[0..7],output:1"
must on a ping -c 3 -i 0.2 192.0.2.2 >/dev/null

# What may change while nothing is done to it is left out.
rules() {
	local bridge
	for bridge in br0 br1; do
		of dump-flows "$bridge" | sed -e 's/duration=[0-9.]*s, //; s/, *\(idle\|hard\)_age=[0-9]*//g; s/n_packets=[0-9]*, n_bytes=[0-9]*, //' | grep -v OFPST | sort
		of dump-groups "$bridge"
		of dump-meters "$bridge"
	done | sed 's/ (xid=0x[0-9a-f]*)//'
}
macs() {
	appctl fdb/show br0 | sed 1d | awk '{ print $1, $2, $3 }' | sort
}
packets() {
	of dump-flows br0 cookie=0x22/-1 | sed -n 's/.*n_packets=\([0-9]*\),.*/\1/p'
}
counted() {
	[ "$(packets)" -ge 3 ]
}
check "packets are counted" eventually 5 counted
rules=$(rules)
macs=$(macs)
counted=$(packets)
numbers=$(vsctl get Interface a ofport),$(vsctl get Interface b ofport)
check "there is something to keep" grep -q 'group:4' <<<"$rules"
check "ports have not the numbers of their names' order" [ "$numbers" = 2,1 ]

switch_stop TERM
check "the daemon leaves its state behind" [ -s "$rundir/vswitchd.state" ]
check "for itself alone" [ "$(stat -c %a "$rundir/vswitchd.state")" = 600 ]
cp "$rundir/vswitchd.state" "$rundir/kept.state"
switch_start
check "the next one takes it" [ ! -e "$rundir/vswitchd.state" ]
same() {
	diff <(echo "$2") <("$1")
}
check "ports keep their numbers" \
	[ "$(vsctl get Interface a ofport),$(vsctl get Interface b ofport)" = "$numbers" ]
check "rules, groups and meters are the same" same rules "$rules"
check "a bridge that had no rules has none" [ -z "$(ofctl dump-flows br1 | grep actions)" ]
check "packet counts go on" [ "$(packets)" -ge "$counted" ]
check "MACs are known" same macs "$macs"
check "hosts hear each other" hears a 192.0.2.2

switch_stop KILL
switch_start
check "after a crash the rules are the bridge's own" \
	[ "$(ofctl dump-flows br0 | grep -c actions=)" = 1 ]
check "and hosts hear each other" hears a 192.0.2.2

for fault in short version garbage torn; do
	switch_stop TERM
	cp "$rundir/kept.state" "$rundir/vswitchd.state"
	case $fault in
	short) truncate -s 20 "$rundir/vswitchd.state" ;;
	version) printf '\x00\x00\x00\x63' | dd of="$rundir/vswitchd.state" bs=1 seek=8 conv=notrunc 2>/dev/null ;;
	garbage) head -c 5000 /dev/urandom >"$rundir/vswitchd.state" ;;
	torn) printf 'XXXX' | dd of="$rundir/vswitchd.state" bs=1 seek=200 conv=notrunc 2>/dev/null ;;
	esac
	: >"$rundir/vswitchd.log"
	switch_start
	check "a $fault file is refused in the log" grep -q 'saved state is not used: .*vswitchd.state: it ' "$rundir/vswitchd.log"
	check "and the switch works" hears a 192.0.2.2
done

must vsctl set Open_vSwitch . other_config:save-state=false
switch_stop TERM
check "with save-state=false nothing is saved" [ ! -e "$rundir/vswitchd.state" ]
must cp "$rundir/kept.state" "$rundir/vswitchd.state"
switch_start
must vsctl remove Open_vSwitch . other_config save-state

# As scripts made for Open vSwitch restart it.
must vsctl set Open_vSwitch . other_config:flow-restore-wait=true
switch_stop TERM
switch_start
check "with flow-restore-wait nothing is forwarded" not hears a 192.0.2.2
check "nor restored by the switch" [ "$(ofctl dump-flows br0 | grep -c actions=)" = 1 ]
must ofctl add-flow br0 "priority=9,actions=normal"
must vsctl remove Open_vSwitch . other_config flow-restore-wait
check "once it is removed hosts hear each other" hears a 192.0.2.2
check "by the rules that were put in" grep -q priority=9 <<<"$(ofctl dump-flows br0)"
must vsctl set Open_vSwitch . other_config:flow-restore-wait=true
check "set while the switch runs it changes nothing" hears a 192.0.2.2
must vsctl remove Open_vSwitch . other_config flow-restore-wait

check "exit --cleanup leaves nothing behind" appctl exit --cleanup
check "and it is gone" eventually 10 test ! -e "$rundir/vswitchd.pid"
check "with its state" [ ! -e "$rundir/vswitchd.state" ]
