#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# For how long ports, queues, groups and meters have been there, as stock ovs-ofctl and ofctl are told.
. tests/interop/lib.sh

ovs_ofctl() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 "$@"
}

switch_start
must ovs_vsctl add-br br0 -- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1
must appctl time/stop
must ovs_vsctl add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2 -- set Port p2 qos=@q \
	-- --id=@q create QoS type=trtcm-policer other_config:cir=1000 other_config:cbs=1000 >/dev/null
must ovs_ofctl -O OpenFlow13 add-group br0 group_id=3,type=all,bucket=actions=output:1
must ovs_ofctl -O OpenFlow13 add-meter br0 meter=4,kbps,band=type=drop,rate=9
must appctl time/warp 5250
for version in OpenFlow13 OpenFlow14 OpenFlow15; do
	for client in ovs_ofctl ofctl; do
		check "$version: $client: a port" has 'duration=5\.25' $client -O $version dump-ports br0 2
		check "$version: $client: a queue" has 'duration=5\.25' $client -O $version queue-stats br0 2
		check "$version: $client: a group" has 'duration=5\.25' \
			$client -O $version dump-group-stats br0 group_id=3
		check "$version: $client: a meter" has 'duration:5\.25' \
			$client -O $version meter-stats br0 meter=4
	done
done
check "other ports keep theirs when one goes" ovs_vsctl del-port p1
check "a second later" appctl time/warp 1000
check "they have all of it" has 'duration=6\.25' ovs_ofctl -O OpenFlow13 dump-ports br0 2
must ovs_vsctl del-port p2
check "a port that comes back" ovs_vsctl add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2
check "begins anew" has 'duration=0' ovs_ofctl -O OpenFlow13 dump-ports br0 2
