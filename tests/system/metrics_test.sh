#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Figures for monitoring over HTTP: what they say, and what clients may do.
. tests/system/lib.sh

switch_start
must vsctl add-br br0 \
	-- add-port br0 a -- set Interface a type=internal \
	-- add-port br0 b -- set Interface b type=internal
host a 192.0.2.1/24
host b 192.0.2.2/24
must ofctl add-flow br0 "table=0,priority=9,ip,nw_dst=192.0.2.9,actions=drop"

ask() {
	/usr/bin/python3 tests/system/metrics.py "$@"
}
open_sockets() {
	ss -Hltnx 2>/dev/null | grep -c -e ':9475 ' -e metrics.sock
}
check "nothing is served unless asked for" [ "$(open_sockets)" = 0 ]
must vsctl set Open_vSwitch . other_config:metrics-address=ptcp:9475:127.0.0.1
must on a ping -c 3 -i 0.2 192.0.2.2 >/dev/null
on a ping -c 1 -W 1 192.0.2.9 >/dev/null
metrics=$(ask get 9475)
check "the text is as Prometheus wants it" [ -n "$metrics" ]
has() {
	grep -q "$1" <<<"$metrics"
}
value() {
	sed -n "s/^$1 //p" <<<"$metrics"
}
check "packets of ports" [ "$(value 'weir_port_receive_packets_total{port="a"}')" -ge 3 ]
check "link" [ "$(value 'weir_port_up{port="a"}')" = 1 ]
check "workers' load" has '^weir_worker_load_ratio{worker="0",core="[0-9]*"} '
check "workers' caches" has '^weir_worker_cache_hits_total{worker="0",cache="exact"} '
check "what stages cost" has '^weir_worker_stage_cycles_total{worker="0",stage="classify"} '
check "how long misses waited" [ "$(value 'weir_miss_wait_seconds_count')" -ge 1 ]
check "how long translating took" has '^weir_translation_seconds_bucket{le="+Inf"} [1-9]'
check "rules" [ "$(value 'weir_table_rules{bridge="br0",table="0"}')" = 2 ]
check "MACs" [ "$(value 'weir_macs{bridge="br0"}')" -ge 2 ]
check "turns of the main loop" has '^weir_main_loop_turn_seconds_count [1-9]'
check "the process" has '^process_resident_memory_bytes [1-9]'
check "all that coverage counts" has '^weir_events_total{event="worker_packets"} [1-9]'
dropped() {
	metrics=$(appctl metrics/show)
	grep -q '^weir_dropped_packets_total{port="[a-z0-9]*",reason="[a-z_]*"} [1-9]' <<<"$metrics"
}
check "drops with their reason" eventually 5 dropped
check "nonsense is answered or hung up on" ask hostile 9475
check "a crowd of one address does not keep another out" ask crowd 9475
check "the switch does not mind" hears a 192.0.2.2

must vsctl set Open_vSwitch . "other_config:metrics-address=\"punix:$rundir/metrics.sock\""
check "a unix socket will do" ask get "$rundir/metrics.sock"
check "which is not everybody's" [ "$(stat -c %a "$rundir/metrics.sock")" = 660 ]
check "the port is closed" not ask get 9475
: >"$rundir/vswitchd.log"
must vsctl set Open_vSwitch . other_config:metrics-address=9475
check "an address of another kind is explained" \
	eventually 5 grep -q 'metrics.*WARN\|WARN.*ptcp:PORT\|WARN.*9475' "$rundir/vswitchd.log"
must vsctl remove Open_vSwitch . other_config metrics-address
check "once the key is gone nothing is served" not test -S "$rundir/metrics.sock"
