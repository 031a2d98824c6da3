#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Stock ovs-appctl finds the daemon by its pid file and runs its commands.
. tests/interop/lib.sh

switch_start
must ovs_vsctl add-br br0 -- add-port br0 p1 -- set Interface p1 type=dummy
check "version" has . ovs_appctl version
check "list-commands" has 'fdb/show' ovs_appctl list-commands
check "by the name of the target" has . ovs_appctl -t ovs-vswitchd version
check "by the path of the socket" has . \
	ovs_appctl -t "$rundir/vswitchd.$(switch_pid).ctl" version
check "fdb/show has OVS's columns" has 'port +VLAN +MAC +Age' ovs_appctl fdb/show br0
check "vlog/set and vlog/list" ovs_appctl vlog/set ANY:console:dbg
check "memory/show" has . ovs_appctl memory/show
check "coverage/show" has 'jsonrpc_received +total: [1-9]' ovs_appctl coverage/show
check "coverage/read-counter" has '^[1-9][0-9]*$' ovs_appctl coverage/read-counter jsonrpc_received
check "which names the nearest" not ovs_appctl coverage/read-counter jsonrpc_recived
check "dpif/show" has '^    p1 1/[0-9]+: \(dummy\)$' ovs_appctl dpif/show
check "with hits and misses" has '^netdev@ovs-netdev: hit:[0-9]+ missed:[0-9]+$' ovs_appctl dpif/show
check "dpif/dump-dps" is netdev@ovs-netdev ovs_appctl dpif/dump-dps
check "revalidator/wait" ovs_appctl revalidator/wait
check "dpctl/show" has 'lookups: hit:[0-9]+ missed:[0-9]+ lost:[0-9]+' ovs_appctl dpctl/show
check "with the datapath's ports" has 'port [0-9]+: p1 \(dummy\)' ovs_appctl dpctl/show
check "upcall/show" has 'flows +: \(current [0-9]+\) \(limit [1-9][0-9]*\)' ovs_appctl upcall/show
check "bridge/dump-flows" \
	has 'duration=[0-9]+s, n_packets=[0-9]+, n_bytes=[0-9]+, priority=0,actions=NORMAL' \
	ovs_appctl bridge/dump-flows br0
check "who asks for bonds is told that there are none" \
	eval '! ovs_appctl bond/show 2>"$rundir/told" &&
		grep -q "is not a valid command.*: there are no bonds yet" "$rundir/told"'
check "of a bridge that is none" not ovs_appctl bridge/dump-flows br9
check "bridge/reconnect" ovs_appctl bridge/reconnect br0
check "vlog/list-pattern" has console ovs_appctl vlog/list-pattern
for command in lcore-list log-list get-malloc-stats get-memzone-stats; do
	check "dpdk/$command" has . ovs_appctl "dpdk/$command"
done
check "dpdk/log-set" ovs_appctl dpdk/log-set pmd.net:debug
check "a level that is none is refused" not ovs_appctl dpdk/log-set pmd.net:loud
check "netdev-dpdk/get-mempool-info" has packets-0 ovs_appctl netdev-dpdk/get-mempool-info

check "netdev-dpdk/set-admin-state of a port that is none" not ovs_appctl netdev-dpdk/set-admin-state p1 up
check "netdev-dpdk/detach of a device that is none" not ovs_appctl netdev-dpdk/detach 0000:01:00.0
check "dpif/show-dp-features" has '^Max VLAN headers: 2$' ovs_appctl dpif/show-dp-features br0
check "dpif-netdev/pmd-sleep-show" has 'max sleep: +[0-9]+ us' ovs_appctl dpif-netdev/pmd-sleep-show
check "qos/show of a port without" has 'QoS not configured on p1' ovs_appctl qos/show p1
must vsctl set port p1 qos=@q -- --id=@q create qos type=egress-policer other_config:cir=1000000 \
	other_config:cbs=20000
check "qos/show" has '^QoS: p1 egress-policer$' ovs_appctl qos/show p1
check "with its rate" has '^  cir: 1000000$' ovs_appctl qos/show p1
check "qos/show-types" has '^QoS type: trtcm-policer$' ovs_appctl qos/show-types p1
check "of a port that is none" not ovs_appctl qos/show nobody
check "upcall/set-flow-limit" is "set flow_limit to 5000" ovs_appctl upcall/set-flow-limit 5000
check "is in force" eventually 5 eval 'appctl upcall/show | grep -q "limit 5000"'
check "a limit that is none is refused" not ovs_appctl upcall/set-flow-limit many
check "revalidator/pause" ovs_appctl revalidator/pause
check "revalidator/resume" ovs_appctl revalidator/resume

# Every command that needs no argument answers in JSON when it is asked to.
all_json() {
	local command
	for command in $(appctl list-commands | awk '/^  / && (NF == 1 || $2 ~ /^\[/) { print $1 }'); do
		case $command in exit | time/* | vlog/close | vlog/reopen) continue ;; esac
		timeout 20 appctl --format=json "$command" >"$rundir/answer" 2>/dev/null || continue
		/usr/bin/python3 -m json.tool <"$rundir/answer" >/dev/null || {
			echo "$command: no JSON"
			return 1
		}
	done
}
check "answers come as JSON" all_json

check "an unknown command fails" not ovs_appctl no/such-command
check "arguments are counted" not ovs_appctl fdb/show br0 x y
check "dpctl/dump-flows" ovs_appctl dpctl/dump-flows
check "of the only datapath" ovs_appctl dpctl/dump-flows -m netdev@ovs-netdev
check "and of no other" is_told 'there is one datapath' appctl dpctl/dump-flows system@ovs-system
check "dpctl/show of the only datapath" has 'lookups: hit' ovs_appctl dpctl/show -s ovs-netdev
check "and of no other" is_told 'there is one datapath' appctl dpctl/show system@ovs-system
check "dpif/dump-flows" ovs_appctl dpif/dump-flows -m br0
check "of a bridge that is none" is_told 'no bridge named br9' appctl dpif/dump-flows br9
check "workers of the only datapath" has 'packets received' \
	ovs_appctl dpif-netdev/pmd-stats-show netdev@ovs-netdev
check "as much of them as is wanted" has 'pmd usage' ovs_appctl dpif-netdev/pmd-rxq-show -secs 5
for command in pmd-stats-show pmd-stats-clear pmd-perf-show pmd-rxq-show pmd-rxq-rebalance pmd-sleep-show; do
	check "$command of no other" is_told 'ovs-system is not known' \
		appctl "dpif-netdev/$command" ovs-system
done
check "filters are not ignored" is_told 'filter=ip is not known' appctl dpctl/dump-flows filter=ip
check "exit" ovs_appctl exit
check "and it is gone" eventually 10 test ! -e "$rundir/vswitchd.pid"

switch_start
switch_stop KILL
check "after a kill ovs-vsctl does not wait" \
	is_told 'database connection failed' "$peer/usr/bin/ovs-vsctl" --db="unix:$rundir/db.sock" show
check "nor ovs-ofctl" is_told 'br0' "$peer/usr/bin/ovs-ofctl" show br0
check "nor ovs-appctl" is_told 'vswitchd' "$peer/usr/bin/ovs-appctl" version
check "nor ovsdb-client" is_told 'failed to connect' \
	"$peer/usr/bin/ovsdb-client" list-dbs "unix:$rundir/db.sock"
