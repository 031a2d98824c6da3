#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Policing: what comes in or leaves above a rate is dropped, counted and told.
. tests/system/lib.sh

# The clock stands still, so that exactly the burst passes, however slow the machine is.
switch_options=(--enable-dummy)
switch_start
must vsctl add-br br0 -- add-port br0 d1 -- set Interface d1 type=dummy ofport_request=1 \
	-- add-port br0 d2 -- set Interface d2 type=dummy ofport_request=2
must ofctl del-flows br0
must ofctl add-flow br0 in_port=1,actions=output:2
must appctl time/stop

frame='in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=2)'

counter() {
	appctl -j ports/show | /usr/bin/python3 -c 'import json, sys
print(next(r[sys.argv[2]] for r in json.load(sys.stdin) if r["name"] == sys.argv[1]))' "$1" "$2"
}
dropped() {
	appctl -j drops/show "$1" | /usr/bin/python3 -c 'import json, sys
print(sum(r["packets"] for r in json.load(sys.stdin) if r["reason"] == sys.argv[1]))' "$2"
}
# burst N: N frames into d1, until all have been dealt with.
burst() {
	local frames=() i
	for ((i = 1; i <= $1; i++)); do
		frames+=("$frame")
		if [ ${#frames[@]} = 50 ] || [ "$i" = "$1" ]; then
			appctl netdev-dummy/receive d1 "${frames[@]}" >/dev/null || return
			appctl dummy/wait >/dev/null || return
			appctl dummy/sent d2 >/dev/null || return
			frames=()
		fi
	done
}
# passes N: so many of the last frames have left.
passes() {
	[ "$(counter d2 tx_packets)" = $((sent_before + $1)) ]
}
try() {
	sent_before=$(counter d2 tx_packets)
	burst "$1"
}
must try 20
check "without limits all pass" passes 20

# The frames have 42 bytes: 10 kilobits of burst are 29 of them.
must vsctl set Interface d1 ingress_policing_rate=1000 ingress_policing_burst=10
must try 50
check "of what comes in no more than the burst passes" passes 29
check "the rest is dropped with its reason" test "$(dropped d1 ingress_policed)" = 21
check "and counted as received and dropped" test "$(counter d1 rx_dropped)" = 21
must appctl time/warp 1000
must try 50
check "time brings new credit, the burst at most" passes 29
must vsctl set Interface d1 ingress_policing_rate=0
must try 50
check "without a rate all pass again" passes 50

must vsctl set Interface d1 ingress_policing_kpkts_rate=1 ingress_policing_kpkts_burst=1
check "packets are limited too: a thousand pass" eval "try 1050 && passes 1000"
must vsctl set Interface d1 ingress_policing_kpkts_rate=0

# 28 of the 42 bytes are the IP packet.
must vsctl set Port d2 qos=@q -- --id=@q create QoS type=egress-policer \
	other_config:cir=280 other_config:cbs=280
before=$(dropped d2 egress_policed)
must try 15
check "of what leaves no more than the burst passes" passes 10
check "the rest is dropped with its reason" test "$(dropped d2 egress_policed)" = $((before + 5))
check "and counted as dropped when sent" test "$(counter d2 tx_dropped)" = 5
check "of an interface without faults nothing is said" is_fine d2
must vsctl clear Port d2 qos
must try 15
check "without QoS all pass" passes 15

must vsctl set Port d2 qos=@q -- --id=@q create QoS type=trtcm-policer \
	other_config:cir=280 other_config:cbs=280 other_config:eir=280 other_config:ebs=140
must try 30
check "two rates: both bursts pass" passes 15
must vsctl -- --all destroy QoS -- clear Port d2 qos -- set Port d2 qos=@q \
	-- --id=@q create QoS type=trtcm-policer other_config:cir=2800000 other_config:cbs=2800000 \
	queues:0=@zero -- --id=@zero create Queue other_config:cir=280 other_config:cbs=280
must try 30
check "queue 0 may have rates of its own" passes 10

must vsctl set Port d2 qos=@q -- --id=@q create QoS type=trtcm-policer \
	other_config:cir=280 other_config:cbs=280 queues:5=@five \
	-- --id=@five create Queue other_config:cir=140 other_config:cbs=140
must ofctl add-flow br0 in_port=1,actions=set_queue:5,output:2
must try 30
check "a rule chooses a queue with a rate of its own" passes 5
must ofctl add-flow br0 in_port=1,actions=set_queue:5,pop_queue,output:2
must try 30
check "and takes it back" passes 10
must ofctl add-flow br0 in_port=1,actions=enqueue:2:6
must appctl time/warp 2000
must try 30
check "a queue that is not there is queue 0" passes 10
must vsctl set Port d2 qos=@q -- --id=@q create QoS type=linux-htb other_config:max-rate=1000
check "a QoS that is not known is said" \
	advises d2 "QoS type 'linux-htb'.*egress-policer"
must try 30
check "and does nothing" passes 30
