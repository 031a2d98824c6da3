#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What libvirt runs when a guest with <virtualport type='openvswitch'> starts, lives and stops.
. tests/interop/lib.sh

switch_start
must ovs_vsctl add-br br0 -- set Bridge br0 datapath_type=netdev
devices+=(vnet0)
must ip tuntap add vnet0 mode tap
must ip link set vnet0 up

check "start: add-port with VLAN and names" ovs_vsctl --may-exist add-port br0 vnet0 \
	vlan_mode=native-untagged tag=5 trunk=6,7 \
	-- set Interface vnet0 'external-ids:attached-mac="52:54:00:12:34:56"' \
	-- set Interface vnet0 'external-ids:iface-id="7d1a0f4b-3c6f-4a53-8a2b-000000000001"' \
	-- set Interface vnet0 'external-ids:vm-id="7d1a0f4b-3c6f-4a53-8a2b-000000000002"' \
	-- set Interface vnet0 external-ids:iface-status=active
check "without an error" is '[]' ovs_vsctl get Interface vnet0 error
check "and without advice" not has config_error ovs_vsctl get Interface vnet0 status
check "its statistics are a map" has '^\["map",\[\["' \
	ovs_vsctl --if-exists --format=list --data=json --no-headings --columns=statistics \
	list Interface vnet0
for key in rx_bytes rx_packets rx_errors rx_dropped tx_bytes tx_packets tx_errors tx_dropped; do
	check "with $key" has '^[0-9]+$' ovs_vsctl get Interface vnet0 statistics:$key
done
check "the bridge of the port is found" is br0 ovs_vsctl iface-to-br vnet0
check "migration data is kept" ovs_vsctl set Interface vnet0 'external_ids:PortData="a b"'
check "and read" is '"a b"' ovs_vsctl get Interface vnet0 external_ids:PortData
check "the VLAN changes while it runs" ovs_vsctl clear Port vnet0 tag -- clear Port vnet0 trunk \
	-- clear Port vnet0 vlan_mode -- set Port vnet0 tag=9
check "bandwidth limits are taken" ovs_vsctl set Interface vnet0 ingress_policing_rate=1000 \
	-- set Interface vnet0 ingress_policing_burst=100
check "a QoS tree is taken" ovs_vsctl --id=@queue0 create queue other_config:max-rate=1000000 \
	-- --id=@qos create qos type=linux-htb other_config:max-rate=1000000 queues:0=@queue0 \
	-- set Port vnet0 qos=@qos
check "and taken away" ovs_vsctl -- clear Port vnet0 qos -- --all destroy qos -- --all destroy queue
check "a vhost-user port is found by its path" ovs_vsctl --may-exist add-port br0 vhost0 \
	-- set Interface vhost0 type=dpdkvhostuserclient "options:vhost-server-path=$rundir/vhost0"
check "by find" is vhost0 ovs_vsctl --no-headings --columns=name find Interface \
	"options:vhost-server-path=$rundir/vhost0"
check "stop: del-port" ovs_vsctl --if-exists del-port vnet0
check "twice" ovs_vsctl --if-exists del-port vnet0
check "the device stays, as it is libvirt's" ip link show vnet0
