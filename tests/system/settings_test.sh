#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Settings of the whole switch: what acts at once and what waits for the next start.
. tests/system/lib.sh

switch_start
must vsctl add-br br0

# logged WORDS [TIMES]: the log says so, so often.
logged() {
	[ "$(grep -c -- "$1" "$rundir/vswitchd.log")" = "${2:-1}" ]
}
says() {
	local word=$1
	shift
	"$@" 2>&1 | grep -q -- "$word"
}
extra() {
	vsctl set Open_vSwitch . other_config:dpdk-extra="$1"
}
check "what waits for a restart is said at once" says "note: .*dpdk-extra.*started again" \
	extra --log-level=lib.eal:3
check "and in the log" eventually 5 logged "dpdk-extra takes effect when the daemon is started"
must vsctl set Bridge br0 external_ids:a=b
check "once" logged "dpdk-extra takes effect when the daemon is started"
check "what acts at once is not said to have no effect" not says "effect" \
	vsctl set Open_vSwitch . other_config:stats-update-interval=6000
check "nor what acts at the next start" not says "no effect" \
	vsctl set Open_vSwitch . other_config:vhost-sock-dir=guests

switch_stop TERM
rm "$rundir/vswitchd.log"
switch_start
check "after a restart nothing waits" logged "started again" 0

check "a run directory without a name is refused" \
	says "rundir" "$build/vswitchd/vswitchd" --rundir= --db "$rundir/other.db"

relative() {
	local result=0
	mkdir -p "$rundir/some/run"
	(cd "$rundir/some" && "$build/vswitchd/vswitchd" --rundir run --detach --log-file=log.txt) ||
		return
	WEIR_RUNDIR=$rundir/some/run vsctl add-br rel0 || result=1
	[ -S "$rundir/some/run/rel0.mgmt" ] && [ -s "$rundir/some/log.txt" ] || result=1
	appctl --rundir "$rundir/some/run" exit --cleanup || result=1
	eventually 10 test ! -e "$rundir/some/run/vswitchd.pid" || result=1
	[ -s "$rundir/some/run/conf.db" ] && [ ! -e "$rundir/some/run/rel0.mgmt" ] && return $result
}
check "a relative run directory stays what it was when the daemon detaches" relative

check "bridges are there" test -e "$rundir/br0.mgmt"
must vsctl --no-wait destroy Open_vSwitch .
check "without its row the switch has no bridges" eventually 5 test ! -e "$rundir/br0.mgmt"
check "and no devices" eventually 5 not ip link show dev br0
must vsctl add-br br1
has_datapaths() {
	vsctl get Open_vSwitch . datapaths | grep -q 'netdev=.*system=' &&
		vsctl list-dp-cap netdev | grep -q max_vlan_headers
}
check "a row made anew says what the datapath can do" has_datapaths
