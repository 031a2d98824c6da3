#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Stock ovs-vsctl: bridges and ports come and go, and are what it was told.
. tests/interop/lib.sh

switch_start
check "add-br waits until it is done" ovs_vsctl add-br br0 -- set Bridge br0 datapath_type=netdev
check "list-br" is "br0" ovs_vsctl list-br
check "the bridge has a device" ip link show br0
check "add-port" ovs_vsctl add-port br0 p1 tag=10 -- set Interface p1 type=dummy
check "ofport is filled in" has '^[1-9][0-9]*$' ovs_vsctl get Interface p1 ofport
check "a requested ofport is given" ovs_vsctl add-port br0 p2 \
	-- set Interface p2 type=dummy ofport_request=42
check "and shown" is 42 ovs_vsctl get Interface p2 ofport
check "list-ports" is "p1 p2" ovs_vsctl list-ports br0
check "list-ifaces" is "p1 p2" ovs_vsctl list-ifaces br0
check "port-to-br" is br0 ovs_vsctl port-to-br p1
check "iface-to-br" is br0 ovs_vsctl iface-to-br p2
check "br-exists" ovs_vsctl br-exists br0
check "br-exists of another fails" not ovs_vsctl br-exists br1
check "get of a column" is 10 ovs_vsctl get Port p1 tag
check "set and get of a map" ovs_vsctl set Interface p1 external_ids:iface-id=abc \
	-- set Bridge br0 other_config:mac-aging-time=60
check "and it is there" is abc ovs_vsctl get Interface p1 external_ids:iface-id
check "remove and clear" ovs_vsctl remove Interface p1 external_ids iface-id -- clear Port p1 tag
check "and it is gone" is "[]" ovs_vsctl get Port p1 tag
check "a duplicate is refused" not ovs_vsctl add-br br0
check "--may-exist accepts it" ovs_vsctl --may-exist add-br br0
check "show" has 'Bridge br0' ovs_vsctl show
check "list in JSON" has '"headings"' ovs_vsctl --format=json list Interface
check "find" has 'p2' ovs_vsctl --columns=name find Interface ofport=42
check "create and destroy of other rows" ovs_vsctl -- --id=@m create Mirror name=m0 \
	-- set Bridge br0 mirrors=@m
check "which go with their last reference" ovs_vsctl clear Bridge br0 mirrors
check "and are gone" is "" ovs_vsctl --no-headings --columns=name list Mirror
check "a wrong value is refused" not ovs_vsctl set Port p1 tag=5000
check "an unknown column is refused" not ovs_vsctl set Port p1 tga=5
check "two bridges in one transaction" ovs_vsctl add-br br1 -- add-br br2
check "wait-until" ovs_vsctl wait-until Interface p1 'ofport!=[]'
check "the versions are those of the switch" has . ovs_vsctl get Open_vSwitch . ovs_version
check "the port types are published" has 'internal.*tap' \
	ovs_vsctl get Open_vSwitch . iface_types
check "del-port" ovs_vsctl del-port br0 p1
check "del-br takes its ports along" ovs_vsctl del-br br0 -- del-br br1 -- del-br br2
check "nothing is left" is "" ovs_vsctl list-br
check "nor in the tables" is "" ovs_vsctl --no-headings --columns=name list Interface
