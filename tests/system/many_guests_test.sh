#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Five hundred guests on one switch: DPDK itself would allow 32 devices.
. tests/system/lib.sh

guests=500

ms() {
	echo $(($(date +%s%N) / 1000000))
}
n_sockets() {
	[ "$(find "$rundir" -type s -name 'g[0-9]*' | wc -l)" = $guests ]
}
# Guests 1 to 20 talk in pairs at the same time.
pairs_pass() {
	local pids=() status=0 i
	for i in $(seq 1 2 20); do
		timeout 60 "$build/tests/vhost/latency" "vhost:$rundir/g$i" "vhost:$rundir/g$((i + 1))" \
			100 200 >"$rundir/pair$i" 2>&1 &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || status=1
	done
	cat "$rundir"/pair*
	[ $status = 0 ] && [ "$(cat "$rundir"/pair* | grep -c ' 0$')" = 10 ]
}

start=$(ms)
switch_start
echo "# ready after $(($(ms) - start)) ms"
words=()
for i in $(seq $guests); do
	words+=(-- add-port br0 "g$i" -- set Interface "g$i" type=dpdkvhostuser
		"ofport_request=$i")
done
start=$(ms)
check "$guests ports for guests come in one go" vsctl --timeout=100 add-br br0 "${words[@]}"
echo "# after $(($(ms) - start)) ms"
check "all have sockets" eventually 30 n_sockets
must ofctl del-flows br0
for i in $(seq 1 2 20); do
	echo "in_port=$i,actions=$((i + 1))"
done >"$rundir/rules"
must ofctl add-flows br0 "$rundir/rules"
check "guests among them talk" pairs_pass
check "all go in one go" vsctl --timeout=100 del-br br0
check "with their sockets" eventually 30 eval '! ls "$rundir"/g[0-9]* 2>/dev/null | grep -q .'
check "the switch lives" vsctl show
