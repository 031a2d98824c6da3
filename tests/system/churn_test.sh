#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Ports come and go by the hundred while traffic flows between others: not a packet of theirs is lost
# or overtaken, and nothing is left behind. CYCLES says how often (50; 1,000 in the long form).
. tests/system/lib.sh

cycles=${CYCLES:-${WEIR_LONG:+1000}}
cycles=${cycles:-50}
many=${MANY:-500}

# frames FILE FROM: how many there are; from that one on none is missing or out of order.
frames() {
	/usr/bin/python3 - "$@" <<'END'
import struct, sys
data = open(sys.argv[1], "rb").read()
at, n, last = 24, 0, None
while at + 16 <= len(data):
    length = struct.unpack_from("<I", data, at + 8)[0]
    if at + 16 + length > len(data):
        break
    number = struct.unpack_from("!I", data, at + 30)[0]
    assert n <= int(sys.argv[2]) or number == (last + 1) % 1000, f"frame {n}: {number} after {last}"
    at, n, last = at + 16 + length, n + 1, number
print(n)
END
}
/usr/bin/python3 - "$rundir/in.pcap" <<'END'
import struct, sys
with open(sys.argv[1], "wb") as f:
    f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i in range(1000):
        frame = bytes.fromhex("02000000000202000000000188b5") + struct.pack("!I", i) + bytes(42)
        f.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)
END
resident() {
	awk '/^Anonymous/ { print $2 }' "/proc/$(switch_pid)/smaps_rollup"
}
descriptors() {
	find "/proc/$(switch_pid)/fd" 2>/dev/null | wc -l
}
# ports N VERB…: one transaction for the ports 1 to N.
add_ports() {
	local words=() i
	for ((i = 1; i <= $1; i++)); do
		words+=(-- add-port br0 "c$i" -- set Interface "c$i" "type=$2")
		[ "$2" = dummy ] || words+=("options:vhost-server-path=$rundir/c$i.sock")
	done
	vsctl "${words[@]:1}"
}
del_ports() {
	local words=() i
	for ((i = 1; i <= $1; i++)); do
		words+=(-- del-port br0 "c$i")
	done
	vsctl "${words[@]:1}"
}
# DPDK's own devices, plugged in and out while packets run through them: one makes packets, one gives
# back on each queue what was sent there, and each worker sends on its own.
add_devices() {
	vsctl add-port br0 c21 -- set Interface c21 type=dpdk ofport_request=21 \
		options:n_rxq_desc=256 options:n_txq_desc=256 options:dpdk-devargs=net_null_c \
		-- add-port br0 c22 -- set Interface c22 type=dpdk ofport_request=22 \
		options:n_rxq=2 options:n_rxq_desc=256 options:n_txq_desc=256 options:dpdk-devargs=net_ring_c \
		-- add-port br0 c23 -- set Interface c23 type=internal ofport_request=23
}
del_devices() {
	vsctl del-port br0 c22 -- del-port br0 c23 && vsctl del-port br0 c21
}
count_ports() {
	[ "$(appctl -j ports/show | grep -o '"name": "c[0-9]*"' | wc -l)" = "$1" ]
}
total() {
	appctl -j ports/show | /usr/bin/python3 -c 'import json, sys
print(next(r[sys.argv[2]] for r in json.load(sys.stdin) if r["name"] == sys.argv[1]))' "$1" "$2"
}
advances() {
	[ "$(total out tx_packets)" -gt "$1" ]
}

switch_options=(--enable-dummy)
switch_start
[ "$(nproc)" -lt 2 ] || must vsctl set Open_vSwitch . other_config:pmd-cpu-mask=0x3
must vsctl add-br br0 -- set Bridge br0 fail_mode=secure \
	-- add-port br0 out -- set Interface out type=pcap options:write-file="$rundir/out.pcap" ofport_request=1 \
	-- add-port br0 in -- set Interface in type=pcap options:read-file="$rundir/in.pcap" \
	options:rate=500 options:repeat=true ofport_request=2
must ofctl add-flow br0 in_port=2,actions=output:1
must ofctl add-flow br0 in_port=21,actions=output:22
must ofctl add-flow br0 in_port=22,actions=output:23
check "traffic flows" eventually 10 advances 50
# The first frames may be lost while their flow is translated.
first=$(total out tx_packets)

# The first round makes what stays: pools, tables, threads.
must add_ports 10 dpdkvhostuserclient
must del_ports 10
must add_devices
check "packets flow through devices that came later" eventually 20 eval '[ "$(total c22 rx_packets)" -gt 1000 ]'
must del_devices
before=$(resident) open_before=$(descriptors)
rounds() {
	local i
	for ((i = 0; i < cycles; i++)); do
		add_ports 10 dpdkvhostuserclient && del_ports 10 || return
		add_ports 10 dummy && del_ports 10 || return
		add_devices && del_devices || return
	done
}
check "ports come and go ($cycles times 23)" rounds
check "none is left" eventually 10 count_ports 0
check "nor a descriptor" eventually 10 eval "[ \$(descriptors) -le $((open_before + 4)) ]"
# A sanitizer keeps what was freed.
grep -q __asan_init "$build/vswitchd/vswitchd" || check "nor much memory" eventually 10 eval "[ \$(resident) -le $((before + 4000)) ]"

check "$many guests' ports at once" add_ports "$many" dpdkvhostuserclient
check "they are all there" eventually 20 count_ports "$many"
now=$(total out tx_packets)
check "traffic flows on among them" eventually 10 advances "$now"
check "and all go at once" del_ports "$many"
check "none of them is left" eventually 20 count_ports 0

must vsctl del-port br0 in
must appctl dummy/wait
sent=$(total out tx_packets)
written() {
	frames "$rundir/out.pcap" "$first" >"$rundir/written" && [ "$(cat "$rundir/written")" = "$sent" ]
}
check "all that was sent was written, in order" eventually 10 written
check "and nothing was dropped on the way" not eval "appctl -j drops/show out | grep -q packets"
