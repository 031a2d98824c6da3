#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Workers: which of them polls which receive queue, by configuration and by load.
. tests/system/lib.sh

if [ "$(nproc)" -lt 2 ]; then
	echo "ok - $topic # SKIP needs two cores"
	exit 0
fi
switch_options=(--enable-dummy)
switch_start
must vsctl set Open_vSwitch . other_config:pmd-cpu-mask=0x3
must vsctl add-br br0
for n in 1 2 3 4; do
	must vsctl add-port br0 d$n -- set Interface d$n type=dummy
done

# core_of PORT: the core whose worker polls the port's queue.
core_of() {
	appctl dpif-netdev/pmd-rxq-show |
		awk -v port="$1" '/core_id/ { sub(/:/, "", $NF); core = $NF } $1 == "port:" && $2 == port { print core }'
}
is_on() {
	[ "$(core_of "$1")" = "$2" ]
}
is_isolated() {
	appctl dpif-netdev/pmd-rxq-show -pmd "$1" | grep -q "isolated : $2"
}
# sent PORT: how many frames have left through it.
sent() {
	appctl ports/show | awk -v port="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "tx_packets") at = i }
		$2 == port { print $at }'
}
# receives PORT [N]: frames arrive there, and go to all others.
receives() {
	local i frame='in_port(1),eth(src=02:00:00:00:00:01,dst=ff:ff:ff:ff:ff:ff),eth_type(0x1234)' frames=()
	for ((i = 0; i < ${2:-1}; i++)); do
		frames+=("$frame")
	done
	appctl netdev-dummy/receive "$1" "${frames[@]}" >/dev/null
}
# forwards FROM TO [N]: frames between these ports are.
forwards() {
	local before
	before=$(sent "$2")
	receives "$1" "${3:-1}" && eventually 5 has_sent "$2" $((before + ${3:-1}))
}
has_sent() {
	[ "$(sent "$1")" -ge "$2" ]
}

queues() {
	appctl dpif-netdev/pmd-rxq-show -pmd "$1" | grep -c "port: d"
}
both_have_two() {
	[ "$(queues 0)" = 2 ] && [ "$(queues 1)" = 2 ]
}
check "two workers share the queues" both_have_two
for core in 0 1; do
	must vsctl set Interface d1 other_config:pmd-rxq-affinity=0:$core
	check "a queue is pinned to core $core" is_on d1 $core
	check "whose worker is isolated" is_isolated $core true
	check "and serves no other" test "$(queues $core)" = 1
	check "the other is not isolated" is_isolated $((1 - core)) false
	check "traffic passes" forwards d1 d2
done
must vsctl set Open_vSwitch . other_config:pmd-rxq-isolate=false
check "isolation can be switched off" is_isolated 1 false
check "then others come too" eventually 5 test "$(queues 1)" -gt 1
must vsctl set Interface d1 other_config:pmd-rxq-affinity=0:63
check "a core without a worker is as none" is_isolated 0 false
check "and the queue is served" forwards d1 d2

wrong() {
	vsctl set Interface d1 other_config:pmd-rxq-affinity="$1"
	advises d1 "pmd-rxq-affinity=.*QUEUE:CORE"
}
check "a wrong affinity is said" wrong 0-1
check "and one of a queue that there cannot be" wrong 4294967296:1
check "and that it is right again" eval "vsctl remove Interface d1 other_config pmd-rxq-affinity &&
	is_fine d1"

for mode in roundrobin group cycles; do
	must vsctl set Open_vSwitch . other_config:pmd-rxq-assign=$mode
	must appctl dpif-netdev/pmd-rxq-rebalance
	check "$mode: all queues are served" eval "[ \$((\$(queues 0) + \$(queues 1))) = 4 ]"
	check "$mode: traffic passes" forwards d3 d4
done
check "a core without a worker is not shown" not appctl dpif-netdev/pmd-stats-show -pmd 77
check "statistics of one core" eval "[ \$(appctl dpif-netdev/pmd-stats-show -pmd 1 | grep -c core_id) = 1 ]"

top_shows() {
	vsctl top | grep -Eq "$1"
}
check "top shows the workers" top_shows '^ +[01] +0 '
check "and the ports" top_shows '^d4 '

must vsctl set Open_vSwitch . other_config:pmd-cpu-mask=0x1
check "one worker serves all" eventually 5 eval "[ \$(queues 0) = 4 ]"
check "traffic passes" forwards d2 d3

# The exact cache can be sized and switched off while traffic flows.
must vsctl set Open_vSwitch . other_config:exact-cache-entries=1000000
check "with a large cache traffic passes" forwards d2 d3
must vsctl set Open_vSwitch . other_config:emc-insert-inv-prob=0
check "without a cache traffic passes" forwards d2 d3
exact_hits() {
	appctl -j workers/show | /usr/bin/python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["exact_hits"])'
}
before=$(exact_hits)
check "and goes to the flow table" eval "forwards d2 d3 && [ $before = \$(exact_hits) ]"

# Balancing by itself: two busy queues on one worker are told apart within the minute.
must vsctl set Open_vSwitch . other_config:pmd-cpu-mask=0x3 other_config:pmd-rxq-isolate=false
for n in 1 2 3 4; do
	must vsctl set Interface d$n other_config:pmd-rxq-affinity=0:0
done
together() {
	is_on d1 0 && is_on d2 0
}
is_apart() {
	[ "$(core_of d1)" != "$(core_of d2)" ]
}
# Their loads are those of the last minute.
are_relieved() {
	forwards d1 d3 8 && forwards d2 d3 8 && appctl time/warp 61000 >/dev/null && eventually 1 is_apart
}
check "two queues are on one worker" together
for n in 1 2 3 4; do
	must vsctl remove Interface d$n other_config pmd-rxq-affinity
done
check "and stay there when they may go" together
must vsctl set Open_vSwitch . other_config:pmd-auto-lb=true \
	other_config:pmd-auto-lb-load-threshold=0 other_config:pmd-auto-lb-improvement-threshold=1
check "an overloaded worker is relieved of one" eventually 30 are_relieved
check "which is logged" grep -q "queues are spread anew" "$rundir/vswitchd.log"

# The lines that monitoring programs look for, each with the number where they expect it.
tells() {
	grep -Eq "^$1\$" "$rundir/perf" || { echo "no line is like $1" && head -28 "$rundir/perf" && false; }
}
tells_all() {
	appctl dpif-netdev/pmd-perf-show -nh -it 5 >"$rundir/perf"
	tells 'Measurement duration: [0-9.]+ s' &&
		tells 'pmd thread numa_id 0 core_id [01]:' &&
		tells '  Iterations: +[1-9][0-9]*  \([0-9.]+ us/it\)' &&
		tells '  - Used TSC cycles: +[1-9][0-9]*  \([ 0-9.]+ % of total cycles\)' &&
		tells '  - busy iterations: +[1-9][0-9]*  \([ 0-9.]+ % of used cycles\)' &&
		tells '  Sleep time \(us\): +[0-9]+  \([ 0-9]+ us/iteration avg\.\)' &&
		tells '  Rx packets: +[1-9][0-9]*  \([0-9]+ Kpps, [0-9]+ cycles/pkt\)' &&
		tells '  Datapath passes: +[1-9][0-9]*  \([1-9]\.[0-9]+ passes/pkt\)' &&
		tells '  - Megaflow hits: +[0-9]+  \([ 0-9.]+ %, [0-9.]+ subtbl lookups/hit\)' &&
		tells '  - Upcalls: +[1-9][0-9]*  \([ 0-9.]+ %, [0-9.]+ us/upcall\)' &&
		tells '  Tx batches: +[1-9][0-9]*  \([0-9.]+ pkts/batch\)'
}
check "where workers' cycles go is told as scripts know it" tells_all
all_are_told() {
	awk '/Rx packets:/ { packets += $3 }
		/^  - .*(hits|Upcalls|Lost upcalls): / { sub(/^.*: */, ""); sum += $1 }
		END { exit !(packets && sum >= packets) }' "$rundir/perf"
}
check "each packet's flow was found, or asked for" all_are_told
starts_anew() {
	appctl dpif-netdev/pmd-stats-clear
	appctl dpif-netdev/pmd-perf-show >"$rundir/perf"
	tells '  Rx packets: +0' && ! tells '  Rx packets: +[1-9].*'
}
check "cleared counts start at 0" starts_anew
