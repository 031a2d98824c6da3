#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Packets' memory: it grows as ports come, is used again when they go, and when there is no more of it
# the port that is too much says so while all others go on.
. tests/system/lib.sh

switch_options=(--no-hugepages)
switch_start
must vsctl add-br br0
for name in ma mb; do
	must vsctl add-port br0 $name -- set Interface $name type=internal
done
host ma 192.0.2.1/24
host mb 192.0.2.2/24

# A sum over all pools.
pools() {
	appctl -j datapath/show | /usr/bin/python3 -c "
import json, sys
print(sum(pool['$1'] for pool in json.load(sys.stdin)['pools']))"
}
# add NAME MTU: 4,096 descriptors and more.
add() {
	vsctl add-port br0 "$1" -- set Interface "$1" type=dpdk "mtu_request=$2" options:n_rxq_desc=4096 \
		options:n_txq_desc=4096 "options:dpdk-devargs=\"net_null_$1,no-rx=1\""
}
# Whether it works with less than it asked for or not at all.
says() {
	{ vsctl get Interface "$1" error; advice "$1"; } | grep -q "$2"
}

packets=$(pools packets)
reserved=$(pools reserved)
check "a port has memory" add n1 1500
check "which is more than there was" [ "$(pools packets)" -gt "$packets" ]
grown=$(pools packets)
check "it goes" vsctl del-port br0 n1
check "and gives it back" eventually 5 eval '[ "$(pools reserved)" = "$reserved" ]'
check "the next has the same" add n2 1500
check "and not more" [ "$(pools packets)" = "$grown" ]
must vsctl del-port br0 n2

# About 90 MB each, of 1,024 at most.
n=0
while [ $n -lt 20 ] && add "j$n" 9000 >/dev/null 2>&1 && is_fine "j$n"; do
	n=$((n + 1))
done
check "ports with jumbo frames come until memory ends" [ "$n" -ge 3 ]
check "which the one too many says" says "j$n" "dpdk-socket-mem"
check "others forward" hears ma 192.0.2.2
must vsctl del-port br0 "j$n"
for ((i = 0; i < n; i++)); do
	must vsctl del-port br0 "j$i"
done
check "all give it back" eventually 5 eval '[ "$(pools reserved)" = "$reserved" ]'
for i in 1 2 3; do
	check "it serves ports of another kind: $i" add "k$i" 1500
	check "and nothing is wrong: $i" is_fine "k$i"
done
check "others forward still" hears ma 192.0.2.2
