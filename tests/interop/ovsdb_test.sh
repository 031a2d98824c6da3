#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The database server alone, driven by stock ovsdb-client, ovsdb-tool and python3-openvswitch.
. tests/interop/lib.sh

sock=unix:$rundir/db.sock db=$rundir/conf.db schema=vswitchd/vswitch.ovsschema

server_start() {
	rm -f "$rundir/db.pid"
	must "$build/utilities/dbserver" "$schema" "$db" --remote="p$sock" --detach \
		--pidfile="$rundir/db.pid" --log-file="$rundir/db.log" -vconsole:off
}

server_stop() {
	local pid
	pid=$(cat "$rundir/db.pid")
	kill "-${1:-TERM}" "$pid"
	eventually 10 test ! -d "/proc/$pid"
}

transact() {
	ovsdb-client transact "$sock" "[\"Open_vSwitch\",$1]"
}

insert='{"op":"insert","table":"Open_vSwitch","row":{"external_ids":["map",[["k","v"]]]}}'
select='{"op":"select","table":"Open_vSwitch","where":[],"columns":["external_ids"]}'

server_start
check "list-dbs" is "Open_vSwitch _Server" eval "ovsdb-client list-dbs $sock | sort"
check "get-schema" has '"name":"Open_vSwitch"' ovsdb-client get-schema "$sock" Open_vSwitch
check "needs-conversion" is no ovsdb-client needs-conversion "$sock" "$schema"
check "wait" timeout 10 ovsdb-client wait "$sock" Open_vSwitch connected
check "transact" has '"uuid"' transact "$insert"
check "a failed transaction changes nothing" has aborted transact "$insert,{\"op\":\"abort\"}"
check "select" is '[{"rows":[{"external_ids":["map",[["k","v"]]]}]}]' transact "$select"
check "dump" has 'k=v' ovsdb-client dump "$sock" Open_vSwitch Open_vSwitch external_ids

watch() {
	timeout 10 ovsdb-client "$@" Open_vSwitch next_cfg \
		--detach --no-chdir --pidfile="$rundir/watch.pid" --format=csv >"$rundir/watch.txt" &&
		transact '{"op":"mutate","table":"Open_vSwitch","where":[],"mutations":[["next_cfg","+=",41]]}' &&
		eventually 5 grep -q 'new,41\|,41$' "$rundir/watch.txt"
	local status=$?
	pkill -F "$rundir/watch.pid"
	transact '{"op":"update","table":"Open_vSwitch","where":[],"row":{"next_cfg":0}}'
	return $status
}
check "monitor" watch monitor "$sock" Open_vSwitch
check "monitor-cond" watch monitor-cond "$sock" Open_vSwitch '[["next_cfg",">",-1]]'

check "backup" eval "ovsdb-client backup $sock >$rundir/backup.db"
check "the backup is a database" has 8 ovsdb-tool db-version "$rundir/backup.db"
check "ovsdb-tool reads the journal" has 'insert row' ovsdb-tool show-log -m "$db"
check "a second server is refused" not "$build/utilities/dbserver" "$schema" "$db"
check "and so is a stock writer" not timeout 5 ovsdb-tool compact "$db"
server_stop
check "ovsdb-tool compacts what we wrote" ovsdb-tool compact "$db"
server_start
check "and we read what it wrote" has '"k","v"' transact "$select"
server_stop KILL
server_start
check "all is there after a kill" has '"k","v"' transact "$select"
server_stop
rm "$db"
must ovsdb-tool create "$db" "$schema"
must ovsdb-tool transact "$db" "[\"Open_vSwitch\",$insert]"
server_start
check "we read a stock journal" has '"k","v"' transact "$select"

check "Python's IDL writes and reads" /usr/bin/python3 tests/interop/ovsdb_idl.py "$sock" "$schema"
server_stop
