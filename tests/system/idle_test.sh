#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A switch with nothing to do sleeps, whatever its ports are, and wakes when a packet comes.
. tests/system/lib.sh

latency=$build/tests/vhost/latency

# Milliseconds of processor time the switch has had.
cpu_ms() {
	cat "/proc/$(switch_pid)"/task/*/schedstat | awk '{ sum += $1 } END { print int(sum / 1e6) }'
}
is_asleep() {
	local before
	before=$(cpu_ms)
	sleep 1
	[ $(($(cpu_ms) - before)) -lt 100 ]
}
# passes FROM TO: 30 frames, each after 10 ms of nothing; none is lost.
passes() {
	timeout 60 "$latency" "$1" "$2" 10000 30 >"$rundir/passed"
	cat "$rundir/passed"
	grep -q ' 0$' "$rundir/passed"
}

# Virtio shares its memory with the back end piece by piece, and huge pages would be too many.
switch_options=(--no-hugepages)
switch_start
words=()
for i in $(seq 20); do
	words+=(-- add-port br0 "g$i" -- set Interface "g$i" type=dpdkvhostuserclient
		"options:vhost-server-path=$rundir/g$i" "ofport_request=$((10 + i))")
done
must ip link add va type veth peer name vb
must ip link set va up
must ip link set vb up
must vsctl add-br br0 "${words[@]}" -- add-port br0 va \
	-- set Interface va ofport_request=40 -- add-port br0 i1 \
	-- set Interface i1 type=internal ofport_request=1 \
	-- add-port br0 i2 -- set Interface i2 type=internal ofport_request=2
must ip link set i1 up
must ip link set i2 up
must ofctl del-flows br0
for rule in in_port=1,actions=2 in_port=2,actions=1 in_port=11,actions=12; do
	must ofctl add-flow br0 "$rule"
done

check "with guests, devices of the kernel's and its own, it sleeps" eventually 20 is_asleep
check "and wakes for a device" passes device:i1 device:i2
check "and for a guest" passes "vhost:$rundir/g1" "vhost:$rundir/g2"

check "queues that wake it are told" eval 'appctl queues/show | grep -q "^g1 .* true "'

# A device that DPDK drives, and that interrupts.
must vsctl add-port br0 card -- set Interface card type=dpdk ofport_request=4 \
	options:rx-interrupts=true "options:dpdk-devargs=\"net_vhost0,iface=$rundir/card,queues=1\""
must ofctl del-flows br0
must ofctl add-flow br0 in_port=4,actions=2
check "a card that can interrupt says so" \
	eventually 5 eval '[ "$(vsctl get Interface card status:rx_interrupts)" = "\"true\"" ]'
check "it sleeps beside it" eventually 20 is_asleep
check "and wakes when it interrupts" passes "vhost:$rundir/card" device:i2
check "its MTU changes" vsctl set Interface card mtu_request=1400
check "and it still wakes" passes "vhost:$rundir/card" device:i2
check "and sleeps" eventually 20 is_asleep

must vsctl del-port br0 card

# Virtio's driver is not safe with interrupts when its other end goes.
must vsctl add-port br0 back -- set Interface back type=dpdkvhostuser
must vsctl add-port br0 virtio -- set Interface virtio type=dpdk options:rx-interrupts=true \
	"options:dpdk-devargs=\"net_virtio_user0,path=$rundir/back,queues=1\""
check "one that is not safe with interrupts has none" \
	eventually 5 eval '[ "$(vsctl get Interface virtio status:rx_interrupts)" = "\"false\"" ]'
check "and goes together with its other end" vsctl del-port br0 back -- del-port br0 virtio

must ip link del dev i1
check "a device that was deleted does not keep it awake" eventually 20 is_asleep

must vsctl add-port br0 null -- set Interface null type=dpdk \
	"options:dpdk-devargs=\"net_null0,no-rx=1\""
check "with a device that has nothing to wait on it sleeps most of the time" \
	eventually 20 eval '[ "$(before=$(cpu_ms); sleep 1; echo $(($(cpu_ms) - before)))" -lt 200 ]'
check "and queues that do not" eval 'appctl queues/show | grep -q "^null .* false "'
