#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Queues, as the QoS of a port has them: stock ovs-ofctl and ofctl list them and what they have counted.
. tests/interop/lib.sh

ovs_ofctl() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 "$@"
}

switch_start
ovs_vsctl add-br br0 -- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2
frame="00000000000b00000000000a0800$(printf '%0172d' 0)"
must ovs_ofctl add-flow br0 in_port=1,actions=set_queue:5,output:2
for version in OpenFlow10 OpenFlow13 OpenFlow14 OpenFlow15; do
	check "$version: no queues" is "" \
		eval "ovs_ofctl -O $version queue-stats br0 | grep '^  port'"
done
# Bursts for two frames; the clock stands still, so that time adds nothing.
must appctl time/stop
must ovs_vsctl set Port p2 qos=@q -- --id=@q create QoS type=trtcm-policer \
	other_config:cir=1000 other_config:cbs=1000 queues:5=@five \
	-- --id=@five create Queue other_config:cir=100 other_config:cbs=180 >/dev/null
for _ in 1 2 3 4 5; do
	must appctl netdev-dummy/receive p1 "$frame" >/dev/null
done
must appctl dummy/wait >/dev/null
for version in OpenFlow10 OpenFlow13 OpenFlow14 OpenFlow15; do
	for client in ovs_ofctl ofctl; do
		check "$version: $client: all queues are there" has '2 queues' \
			eval "$client -O $version queue-stats br0"
		check "$version: $client: what one has counted" has \
			'port "?(2|p2)"? queue 5: bytes=200, pkts=2, errors=3' \
			eval "$client -O $version queue-stats br0 2 5"
		check "$version: $client: the queues of a port" has 'queue 5:' \
			eval "$client -O $version queue-get-config br0 2"
	done
	check "$version: a queue that is not there" has BAD_QUEUE \
		eval "ovs_ofctl -O $version queue-stats br0 2 6 2>&1 || true"
	check "$version: a port that is not there" has BAD_PORT \
		eval "ovs_ofctl -O $version queue-stats br0 77 2>&1 || true"
done
must ovs_vsctl -- set QoS "$(ovs_vsctl get Port p2 qos)" other_config:cir=2000
check "other rates leave the counters alone" eventually 5 has 'queue 5: bytes=200, pkts=2' \
	ofctl queue-stats br0 2 5
