#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Packets on their way to controllers and back, in all formats; as stock ovs-ofctl's monitor prints
# them.
. tests/interop/lib.sh

ovs_ofctl() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 "$@"
}

hears() {
	eventually 10 grep -qE -- "$1" "$rundir/monitor.log" || {
		cat "$rundir/monitor.log"
		return 1
	}
}

monitor=
# monitor_start OPTION…
monitor_start() {
	: >"$rundir/monitor.log"
	"$peer/usr/bin/ovs-ofctl" --timeout=60 "$@" >"$rundir/monitor.log" 2>&1 &
	monitor=$!
	eventually 10 sh -c "$peer/usr/bin/ovs-ofctl packet-out br0 \
		'in_port=none packet=0000000000ff0000000000018888 actions=controller' &&
		sleep 0.2 && grep -q PACKET_IN '$rundir/monitor.log'"
}

monitor_stop() {
	kill $monitor
	wait $monitor 2>/dev/null
}

# receive: a frame of 60 bytes.
receive() {
	appctl netdev-dummy/receive p1 "0000000000020000000000018888$(printf '%092d' 0)"
}

switch_start
vsctl add-br br0 -- set bridge br0 fail_mode=secure \
	-- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2
for version in OpenFlow10 OpenFlow13 OpenFlow14 OpenFlow15; do
	for format in standard nxt_packet_in nxt_packet_in2; do
		must monitor_start -O $version -P $format monitor br0 65534
		ovs_ofctl -O $version del-flows br0
		ovs_ofctl add-flow br0 cookie=0x17,in_port=1,actions=load:5-\>NXM_NX_REG3[],controller
		receive
		check "$version $format: by action" hears 'total_len=60 .*in_port="?(1|p1)"? .*\(via action\)'
		check "$version $format: whole" hears 'data_len=60'
		if [ $format != standard ]; then
			check "$version $format: with cookie" hears 'cookie=0x17'
			check "$version $format: with registers" hears 'reg3=0x5'
		fi
		ovs_ofctl del-flows br0
		ovs_ofctl add-flow br0 'in_port=1,actions=controller(userdata=01.02.03,max_len=20)'
		receive
		if [ $format = nxt_packet_in2 ]; then
			check "$version $format: with userdata" hears 'userdata=01.02.03'
		fi
		ovs_ofctl -O OpenFlow13 del-flows br0
		ovs_ofctl -O OpenFlow13 add-flow br0 priority=0,actions=controller
		receive
		check "$version $format: no match" hears 'in_port="?(1|p1)"? .*\(via no_match\)'
		ovs_ofctl -O OpenFlow13 mod-port br0 p1 no-packet-in
		: >"$rundir/monitor.log"
		receive
		ovs_ofctl packet-out br0 'in_port=none packet=0000000000fe0000000000018888 actions=controller'
		check "$version $format: a port that asks no controller" hears '(0000.0000.00fe|00:00:00:00:00:fe)'
		check "$version $format: has not asked" not grep -qE 'in_port="?(1|p1)' "$rundir/monitor.log"
		ovs_ofctl -O OpenFlow13 mod-port br0 p1 packet-in
		monitor_stop
	done
done
must monitor_start -O OpenFlow10 -P nxt_packet_in2 monitor br0 65534
ovs_ofctl del-flows br0
ovs_ofctl add-flow br0 'in_port=1,actions=controller(pause,userdata=07),output:2'
receive
check "a paused packet can be read" hears 'userdata=07'
appctl time/stop
ovs_ofctl -O OpenFlow13 add-meter br0 meter=controller,pktps,burst,band=type=drop,rate=1,burst_size=1
: >"$rundir/monitor.log"
for i in 1 2 3; do
	receive
done
check "a meter for all packets to controllers" eventually 10 has 'packet_in_count:3' \
	ovs_ofctl -O OpenFlow13 meter-stats br0
check "lets as many pass as it shall" hears 'userdata=07'
check "and no more" has '0: packet_count:2' ovs_ofctl -O OpenFlow13 meter-stats br0
ovs_ofctl -O OpenFlow13 del-meters br0
appctl time/start
monitor_stop
/usr/bin/python3 tests/interop/packet_in.py "$rundir" || failures=$((failures + 1))
check "no flow differs from what the rules say" is "" ovs_appctl revalidator/check
