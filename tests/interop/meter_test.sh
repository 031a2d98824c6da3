#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Meters with stock ovs-ofctl: shown as they were made, obeyed, counted, and gone with their rules.
. tests/interop/lib.sh

ovs_ofctl() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 "$@"
}

# refused ERROR COMMAND…: the switch answers with this error.
refused() {
	local error=$1 out
	shift
	out=$("$@" 2>&1) && return 1
	grep -q "$error" <<<"$out" || {
		echo "$out"
		return 1
	}
}

ipv4=020000000002020000000001080045600028000100004011667b0a0000010a00000200010002001400000000000000000000000000000000

# receive N: packets of 60 bytes, all at the same time.
receive() {
	local frame=$(printf '%-120s' $ipv4 | tr ' ' 0)
	for ((i = 0; i < $1; i++)); do
		ovs_appctl netdev-dummy/receive p1 "$frame" || return 1
	done
}

# sent N [PATTERN]: so many packets have left through p2 in this round.
sent() {
	local n
	appctl dummy/sent p2 >>"$rundir/sent"
	n=$(grep -c "${2:-^02}" "$rundir/sent")
	[ "$n" = "$1" ] || {
		echo "$n packets left"
		return 1
	}
}

switch_start
ovs_vsctl add-br br0 -- set bridge br0 fail_mode=secure \
	-- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2
must ovs_appctl time/stop
for version in OpenFlow13 OpenFlow14 OpenFlow15; do
	of() {
		ovs_ofctl -O $version "$@"
	}
	check "$version: features" has 'max_bands:8' of meter-features br0
	check "$version: add" of add-meter br0 meter=1,pktps,burst,stats,band=type=drop,rate=5,burst_size=5
	check "$version: twice is refused" refused METER_EXISTS \
		of add-meter br0 meter=1,kbps,band=type=drop,rate=7
	check "$version: it is shown as it was made" \
		has '^meter=1 pktps burst stats bands=' of dump-meters br0
	check "$version: with its bands" has 'type=drop rate=5 burst_size=5' of dump-meter br0 meter=1
	check "$version: an unknown one cannot be used" refused METER \
		of add-flow br0 in_port=1,actions=meter:9,output:2
	check "$version: a rule" of add-flow br0 in_port=1,actions=meter:1,output:2
	check "$version: eight packets" receive 8
	check "$version: five pass" eventually 5 sent 5
	check "$version: all are counted" has 'meter:1 flow_count:1 packet_in_count:8 byte_in_count:480' \
		of meter-stats br0
	check "$version: three were too many" has '0: packet_count:3 byte_count:180' of meter-stats br0 meter=1
	check "$version: a second later" ovs_appctl time/warp 1000
	check "$version: nine more" receive 9
	check "$version: five pass again" eventually 5 sent 10
	check "$version: the others are counted as drops" has meter_exceeded appctl drops/show
	check "$version: by kilobits" of mod-meter br0 meter=1,kbps,burst,band=type=drop,rate=1,burst_size=1
	check "$version: three" receive 3
	check "$version: 1000 bits are two of them" eventually 5 sent 12
	check "$version: what a band of another kind does" of mod-meter br0 \
		meter=1,pktps,burst,bands=type=dscp_remark,rate=1,burst_size=1,prec_level=1
	check "$version: is shown" has 'type=dscp_remark rate=1 burst_size=1 prec_level=1' of dump-meters br0
	check "$version: two" receive 2
	check "$version: all pass" eventually 5 sent 14
	check "$version: one is marked" sent 1 '^.\{28\}4540'
	check "$version: an unknown one" has UNKNOWN_METER of dump-meter br0 meter=7
	check "$version: del" of del-meter br0 meter=1
	check "$version: takes its rule along" not has meter of dump-flows br0
	check "$version: and is gone" not has meter=1 of dump-meters br0
	check "$version: many" sh -c "for i in 2 3 4; do
		$peer/usr/bin/ovs-ofctl -O $version add-meter br0 meter=\$i,kbps,band=type=drop,rate=\$i; done"
	check "$version: all at once" of del-meters br0
	check "$version: are gone" not has meter= of dump-meters br0
	rm "$rundir/sent"
done
check "no flow differs from what the rules say" is "" ovs_appctl revalidator/check
