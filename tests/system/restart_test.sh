#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A restart keeps everything, a crash as well, and a second daemon is refused.
. tests/system/lib.sh

switch_start
must vsctl add-br br0 \
	-- add-port br0 a tag=7 -- set Interface a type=internal \
	-- add-port br0 b tag=7 -- set Interface b type=internal
host a 192.0.2.1/24
host b 192.0.2.2/24
check "hosts hear each other" hears a 192.0.2.2
before=$(vsctl get Bridge br0 datapath_id)

second() {
	local out
	out=$("$build/vswitchd/vswitchd" --rundir "$rundir" 2>&1) && return 1
	grep -q 'vswitchd.pid\|already' <<<"$out"
}
check "a second daemon on the same directory is refused" second
check "and leaves the first unharmed" hears a 192.0.2.2

for signal in TERM KILL; do
	switch_stop $signal
	check "SIG$signal ends the daemon" not vsctl show
	switch_start
	kept() {
		[ "$(vsctl list-ports br0 | tr '\n' ' ')" = "a b " ] &&
			[ "$(vsctl get Port a tag)" = 7 ]
	}
	check "after SIG$signal bridges, ports and tags are there" kept
	check "and the datapath id is the same" [ "$(vsctl get Bridge br0 datapath_id)" = "$before" ]
	check "and hosts hear each other without a command" hears a 192.0.2.2
done

must ip -n ws-a link set dev a name eth0
switch_stop TERM
switch_start
check "a device that was renamed in its namespace is found again" hears a 192.0.2.2
must vsctl del-port br0 b
check "deleting a port ends its device" not ip -n ws-b link show dev b

# The database may lose a port while no daemon runs.
must vsctl add-port br0 c -- set Interface c type=internal
host c 192.0.2.3/24
must vsctl add-port br0 e -- set Interface e type=internal
must cp "$rundir/conf.db" "$rundir/with-ports.db"
must vsctl del-port br0 c -- del-port br0 e
switch_stop TERM
must cp "$rundir/conf.db" "$rundir/without-ports.db"
must cp "$rundir/with-ports.db" "$rundir/conf.db"
switch_start
check "ports come with the database they are in" eventually 5 ip link show dev c
must ip link set dev c netns ws-c
switch_stop TERM
check "and their devices stay" ip -n ws-c link show dev c
must cp "$rundir/without-ports.db" "$rundir/conf.db"
switch_start
check "devices of ports deleted while no daemon ran are ended" \
	eventually 5 not ip -n ws-c link show dev c
check "in every namespace" not ip link show dev e
check "and no other" ip -n ws-a link show dev eth0
namespaces_held() {
	ls -l "/proc/$(switch_pid)/fd" | grep -c ' net:\['
}
check "and no namespace is held" [ "$(namespaces_held)" = 0 ]

check "exit over the control socket ends the daemon" appctl exit --cleanup
check "and it is gone" eventually 10 test ! -e "$rundir/vswitchd.pid"
check "with its devices" not ip -n ws-a link show dev eth0
