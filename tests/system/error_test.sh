#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What goes wrong is said in one sentence, where it was asked, and the rest works.
. tests/system/lib.sh

switch_start
must vsctl add-br br0 \
	-- add-port br0 a -- set Interface a type=internal \
	-- add-port br0 b -- set Interface b type=internal
host a 192.0.2.1/24
host b 192.0.2.2/24

# says WORD COMMAND…: the command's words, or the row's error, contain WORD.
port_error() {
	local name=$1 word=$2
	shift 2
	vsctl add-port br0 "$name" -- set Interface "$name" "$@"
	vsctl get Interface "$name" error | grep -qi -- "$word"
}
check "an unknown port type is named, with the nearest" port_error x1 internal type=internl
check "a missing device is named" port_error nosuch nosuch type=system
check "a wrong devargs string is named" \
	port_error x2 net_nosuch type=dpdk options:dpdk-devargs=net_nosuch0
check "an unknown option is named, with the nearest" \
	port_error x3 dpdk-devargs type=dpdk options:dpdk-devarg=net_null0
check "a name that no device can have is refused" port_error 'x4%d' 'has no blanks' type=internal
check "the rest of the configuration works" hears a 192.0.2.2

# fails_with WORD COMMAND…
fails_with() {
	local word=$1 out
	shift
	out=$("$@" 2>&1) && return 1
	[ "$(wc -l <<<"$out")" -le 3 ] && grep -qi -- "$word" <<<"$out"
}
daemon=$build/vswitchd/vswitchd
check "a second daemon is refused" fails_with vswitchd.pid "$daemon" --rundir "$rundir"
mkdir "$rundir/other"
echo 'no database' >"$rundir/other/conf.db"
check "an unreadable database is named" fails_with conf.db "$daemon" --rundir "$rundir/other"
check "a directory without permission is named" fails_with "$rundir" \
	setpriv --reuid=65534 --clear-groups "$daemon" --rundir "$rundir"
check "a wrong option is explained" fails_with rundir "$daemon" --rundri x
check "an unknown command is answered with the nearest" fails_with fdb/show appctl fdb/shw
check "a tool without a daemon says where it looked" \
	fails_with /nowhere env WEIR_RUNDIR=/nowhere vsctl show
