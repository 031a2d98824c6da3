#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What neutron-openvswitch-agent does on a host: its bridges, their rules, a port that is wired, and
# how it finds out that the switch was restarted.
. tests/interop/lib.sh

switch_start
of() {
	"$peer/usr/bin/ovs-ofctl" -O OpenFlow13 "$@"
}
check "the agent's way to the database" ovs_vsctl set-manager ptcp:6640:127.0.0.1
check "what the agent asks first" has dpdkvhostuserclient ovs_vsctl get Open_vSwitch . iface_types
for bridge in br-int br-tun; do
	check "$bridge is made as the agent does" ovs_vsctl --may-exist add-br $bridge \
		-- set Bridge $bridge datapath_type=netdev fail_mode=secure \
		other_config:disable-in-band=true other_config:mac-table-size=50000 \
		protocols=OpenFlow10,OpenFlow13,OpenFlow14
	check "$bridge has the controller that the agent is" ovs_vsctl \
		set-controller $bridge tcp:127.0.0.1:6633 \
		-- set Controller $bridge inactivity_probe=10000 controller_rate_limit=100
done
check "patch ports" ovs_vsctl --may-exist add-port br-int patch-tun \
	-- set Interface patch-tun type=patch options:peer=patch-int \
	-- --may-exist add-port br-tun patch-int \
	-- set Interface patch-int type=patch options:peer=patch-tun
check "a tunnel" ovs_vsctl --may-exist add-port br-tun vxlan-c0000202 \
	-- set Interface vxlan-c0000202 type=vxlan options:df_default=true options:remote_ip=192.0.2.2 \
	options:local_ip=192.0.2.1 options:in_key=flow options:out_key=flow \
	options:egress_pkt_mark=0 options:csum=true options:tos=inherit
check "has its number" has '^[1-9][0-9]*$' ovs_vsctl get Interface vxlan-c0000202 ofport

check "a guest's port, cut off until it is wired" ovs_vsctl --may-exist add-port br-int tap0 \
	-- set Interface tap0 type=internal 'external_ids:iface-id="5b4e7a6e-0000-4000-8000-000000000001"' \
	external_ids:iface-status=active 'external_ids:attached-mac="fa:16:3e:00:00:01"' \
	-- set Port tap0 vlan_mode=trunk tag=4095 trunks=4095
check "without an error" is '[]' ovs_vsctl get Interface tap0 error
check "and without advice" not has config_error ovs_vsctl get Interface tap0 status
# All that the agent notes about the network.
check "which is in VLAN 3 then" ovs_vsctl set Port tap0 tag=3 \
	'other_config:net_uuid="8c7a"' other_config:network_type=vxlan other_config:segmentation_id=77 \
	-- clear Port tap0 vlan_mode -- clear Port tap0 trunks
check "what a child of the agent watches" has tap0 "$peer/usr/bin/ovsdb-client" dump \
	"unix:$rundir/db.sock" Interface name ofport external_ids

number=$(ovs_vsctl get Interface patch-int ofport)
tunnel=$(ovs_vsctl get Interface vxlan-c0000202 ofport)
rules() {
	cat <<-END
	table=23,priority=0,cookie=0xfeed,actions=drop
	table=0,priority=1,cookie=0xfeed,in_port=$number,actions=resubmit(,2)
	table=0,priority=1,cookie=0xfeed,in_port=$tunnel,actions=resubmit(,4)
	table=2,priority=0,cookie=0xfeed,dl_dst=00:00:00:00:00:00/01:00:00:00:00:00,actions=resubmit(,20)
	table=2,priority=0,cookie=0xfeed,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,actions=resubmit(,22)
	table=4,priority=1,cookie=0xfeed,tun_id=77,actions=push_vlan:0x8100,set_field:4099->vlan_vid,resubmit(,10)
	table=10,priority=1,cookie=0xfeed,actions=learn(table=20,priority=1,hard_timeout=300,cookie=0xfeed,NXM_OF_VLAN_TCI[0..11],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],load:0->NXM_OF_VLAN_TCI[],load:NXM_NX_TUN_ID[]->NXM_NX_TUN_ID[],output:OXM_OF_IN_PORT[]),output:$number
	table=20,priority=0,cookie=0xfeed,actions=resubmit(,22)
	table=22,priority=1,cookie=0xfeed,dl_vlan=3,actions=strip_vlan,set_field:77->tun_id,output:$tunnel
	table=22,priority=0,cookie=0xfeed,actions=drop
	END
}
check "the rules of br-tun come in a bundle" of --bundle add-flows br-tun <(rules)
check "the canary of br-int" of add-flow br-int table=23,priority=0,cookie=0xfeed,actions=drop
canary() {
	of dump-flows br-int table=23 | grep -v NXST | grep -v OFPST | grep -c priority=0
}
count() {
	of dump-flows br-tun cookie=0xfeed/-1 | grep -c cookie=
}
check "the agent sees its canary" is 1 canary
check "and its rules" is 10 count
switch_stop TERM
switch_start
check "after a planned restart as well, so that it does nothing" is 1 canary
check "its rules are the same" is 10 count
check "and lead to the same port" is "$tunnel" ovs_vsctl get Interface vxlan-c0000202 ofport
switch_stop KILL
switch_start
check "after a crash the canary is gone, and it begins anew" is 0 canary
check "rules of an earlier agent go by their cookie" of --strict del-flows br-tun cookie=0xdead/-1
check "the port goes with its guest" ovs_vsctl --if-exists del-port br-int tap0
