#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the daemon may do: as root little more than ports need, as another user just that.
. tests/system/lib.sh

status() {
	awk -v key="$1:" '$1 == key { print $2 }' "/proc/$(switch_pid)/status"
}
# has NUMBER…: these capabilities (linux/capability.h) and no others.
has() {
	local mask=0 bit
	for bit in "$@"; do
		mask=$((mask | 1 << bit))
	done
	[ $((16#$(status CapEff))) = $mask ]
}
chown=0 dac_override=1 fowner=3 net_bind_service=10 net_admin=12 net_raw=13 ipc_lock=14 sys_rawio=17
sys_ptrace=19 sys_admin=21
# Every thread has what the main thread has.
all_threads_agree() {
	local task
	for task in "/proc/$(switch_pid)"/task/*; do
		diff <(grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp:)' "$task/status") \
			<(grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp:)' "/proc/$(switch_pid)/status") || return
	done
}
# The errors, and what status says of faults among other things.
wrong_with_ports() {
	vsctl --bare --columns=error list Interface
	vsctl --bare --columns=status list Interface | grep -o 'config_error.*'
}
hosts_talk() {
	must vsctl add-br br0 -- add-port br0 na -- set Interface na type=internal \
		-- add-port br0 nb -- set Interface nb type=tap \
		-- add-port br0 v -- set Interface v type=dpdkvhostuser
	host na 192.0.2.1/24
	host nb 192.0.2.2/24
	check "$1: hosts on its devices talk" eventually 10 hears na 192.0.2.2
	must ip link add nc type veth peer name nd
	devices+=(nc)
	must ip link set dev nc up
	must vsctl add-port br0 nc
	host nd 192.0.2.3/24
	check "$1: and one behind a device of the kernel's" eventually 10 hears na 192.0.2.3
	check "$1: nothing is wrong with a port" [ -z "$(wrong_with_ports)" ]
}

mtu_is() {
	on "$1" ip link show dev "$1" | grep -q "mtu $2 "
}

hardened() {
	readelf -dlW "$build/vswitchd/vswitchd" >"$rundir/elf" &&
		grep -q 'NOW PIE' "$rundir/elf" && grep -q GNU_RELRO "$rundir/elf" &&
		grep -q 'GNU_STACK.* RW ' "$rundir/elf" &&
		nm -D "$build/vswitchd/vswitchd" | grep -q __stack_chk_fail &&
		nm -D "$build/vswitchd/vswitchd" | grep -q '__memcpy_chk\|__snprintf_chk'
}
# A sanitizer is what guards the stack of a program that is built with one.
grep -q __asan_init "$build/vswitchd/vswitchd" ||
	check "the program is hardened: PIE, RELRO, no executable stack, stack protector, FORTIFY" hardened
switch_start
check "root keeps what ports need" has $chown $dac_override $fowner \
	$net_bind_service $net_admin $net_raw $ipc_lock $sys_rawio $sys_ptrace $sys_admin
check "and can get nothing more" [ "$(status CapBnd)" = "$(status CapEff)" ]
check "not from programs either" [ "$(status NoNewPrivs)" = 1 ]
check "system calls are limited" [ "$(status Seccomp)" = 2 ]
check "for all threads" all_threads_agree
# Rings for system calls are made before that, one for each core, if the kernel lets anybody.
has_rings() {
	grep -q "io_uring: " "$rundir/vswitchd.log" ||
		[ "$(find "/proc/$(switch_pid)/fd" -lname '*io_uring*' | wc -l)" = "$(nproc --all)" ]
}
check "it has its rings" has_rings
appctl exit --cleanup >/dev/null
must eventually 10 test ! -e "$rundir/vswitchd.pid"

# refuses THREAD: it tries what only an intruder would want (tests/faults), and nothing goes through.
refuses() {
	rm -f "$WEIR_FAULTS.intruded"
	echo "intrude $1" >"$WEIR_FAULTS"
	eventually 10 grep -qx tried "$WEIR_FAULTS.intruded" || return
	cat "$WEIR_FAULTS.intruded"
	[ "$(wc -l <"$WEIR_FAULTS.intruded")" = 1 ]
}
# A sanitizer wants to be loaded first, and its own is allowed ptrace.
if ! grep -q __asan_init "$build/vswitchd/vswitchd"; then
	export WEIR_FAULTS=$rundir/faults
	LD_PRELOAD=$build/tests/faults/libfaults.so switch_start
	check "system calls of intruders are refused: workers" refuses worker0
	check "system calls of intruders are refused: the main thread" refuses vswitchd
	appctl exit --cleanup >/dev/null
	must eventually 10 test ! -e "$rundir/vswitchd.pid"
fi

mine=$rundir
rundir=$mine/user
export WEIR_RUNDIR=$rundir
chmod 755 "$mine"
user_switch() {
	"$build/vswitchd/vswitchd" --rundir "$rundir" --db "$rundir/db/conf.db" --detach \
		--log-file="$rundir/vswitchd.log" --user="$1" 2>&1
}
check "a user that does not exist" eval 'user_switch no-such-one | grep -q "there is no user no-such-one"'
check "a user that does" user_switch nobody
check "it is that user" [ "$(status Uid) $(status Groups)" = "$(id -u nobody) $(id -G nobody)" ]
check "with what devices need" has $net_bind_service $net_admin $net_raw $ipc_lock
check "and can get nothing more: user" [ "$(status CapBnd)" = "$(status CapEff)" ]
check "for all threads: user" all_threads_agree
check "it has its rings: user" has_rings
check "its files are its own" [ -z "$(find "$rundir" ! -user nobody)" ]
hosts_talk user
switch_stop
check "it starts again" user_switch nobody:nogroup
# The host's device is in a namespace, which that user may not enter.
check "a device in another namespace is found again" eventually 10 hears nb 192.0.2.1
check "and is the port's: nothing is wrong" is_fine na
must vsctl set Interface na mtu_request=1400
check "and can be set" eventually 10 mtu_is na 1400
check "with its database" vsctl br-exists br0
check "and its sockets" test -S "$rundir/v"
switch_stop
must chown root "$rundir/db/conf.db"
must chmod 600 "$rundir/db/conf.db"
check "a database that is not its own is said" eval 'user_switch nobody | grep -q "conf.db.*Permission denied"'
must chown nobody "$rundir/db/conf.db"
must user_switch nobody
appctl exit --cleanup >/dev/null
must eventually 10 test ! -e "$rundir/vswitchd.pid"
rundir=$mine
