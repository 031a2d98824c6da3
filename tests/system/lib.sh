#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by the system tests: a switch of the test's own, hosts that are network namespaces, and
# 'check', which says ok or not ok. All that was made is taken away when the script ends.

build=$(realpath "${WEIR_BUILD:-build}")
topic=$(basename "$0" _test.sh)
rundir=$(mktemp -d "${rundir_parent:-/tmp}/weir-system-XXXXXX")
export WEIR_RUNDIR=$rundir PATH=$build/utilities:$PATH
# A daemon in the background has nowhere else to complain.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}log_path=$rundir/sanitizer
export UBSAN_OPTIONS=${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}log_path=$rundir/sanitizer
export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
hosts=() devices=() daemons=() failures=0
switch_options=()

ip link set lo up 2>/dev/null

# check WORDS COMMAND…: one test.
check() {
	local words=$1 out
	shift
	if out=$("$@" 2>&1); then
		echo "ok - $topic: $words"
	else
		failures=$((failures + 1))
		echo "not ok - $topic: $words"
		printf '%s\n' "$*" "$out" | sed 's/^/  /' | tail -30
	fi
}

# How many times longer than usual things may take, on a busy machine or with sanitizers. Only what is
# wrong takes so long.
patience=${WEIR_PATIENCE:-3}

# eventually SECONDS COMMAND…: succeeds as soon as the command does.
eventually() {
	local end=$((SECONDS + $1 * patience))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# must COMMAND…: for set-up without which the rest makes no sense.
must() {
	"$@" && return
	echo "not ok - $topic: set-up: $*"
	[ ! -f "$rundir/vswitchd.log" ] || tail -20 "$rundir/vswitchd.log" | sed 's/^/  /'
	exit 1
}

switch_start() {
	must "$build/vswitchd/vswitchd" --rundir "$rundir" --detach --pidfile \
		--log-file="$rundir/vswitchd.log" "${switch_options[@]}"
	daemons+=("$(switch_pid)")
}

switch_pid() {
	cat "$rundir/vswitchd.pid"
}

# switch_stop [SIGNAL]: and waits until it is gone.
switch_stop() {
	local pid
	pid=$(switch_pid 2>/dev/null) || return 0
	kill "-${1:-TERM}" "$pid" 2>/dev/null || return 0
	eventually 10 test ! -d "/proc/$pid" || kill -9 "$pid"
}

# host NAME ADDRESS/LENGTH [DEVICE]: a namespace ws-NAME, with DEVICE (default: NAME) moved inside.
host() {
	local name=ws-$1 device=${3:-$1}
	if [ ! -e "/run/netns/$name" ]; then
		hosts+=("$1")
		must ip netns add "$name"
	fi
	must eventually 5 ip link show dev "$device" >/dev/null
	must ip link set dev "$device" netns "$name"
	must ip -n "$name" addr add "$2" dev "$device"
	must ip -n "$name" link set lo up
	must ip -n "$name" link set dev "$device" up
}

# on HOST COMMAND…
on() {
	local name=ws-$1
	shift
	ip netns exec "$name" "$@"
}

# hears HOST ADDRESS: a ping is answered (the first may be spent on learning).
hears() {
	on "$1" ping -c 2 -i 0.2 -W "$patience" "$2" >/dev/null
}

not() {
	! "$@"
}

# advice PORT: what its row says of settings of a port that works. Its error is for those that do not.
advice() {
	[ "$(vsctl get Interface "$1" error)" = "[]" ] && [ "$(vsctl get Interface "$1" ofport)" != -1 ] &&
		vsctl --if-exists get Interface "$1" status:config_error
}
# advises PORT WORDS: it does, in such words.
advises() {
	advice "$1" | grep -q -- "$2"
}
# is_fine PORT: it works, and there is nothing to say.
is_fine() {
	local words
	words=$(advice "$1") && [ "$words" = "" ]
}

# listens HOST PORT: somebody does.
listens() {
	on "$1" ss -ltnH "sport = :$2" | grep -q .
}

# carries FROM TO ADDRESS [IPERF-OPTION…]: iperf3 moves data between two hosts, however long that takes.
# The server of the time before may still be there, about to end.
carries() {
	local from=$1 to=$2 address=$3
	shift 3
	eventually 60 not listens "$to" 5201 && on "$to" iperf3 -s -1 -D &&
		eventually 60 listens "$to" 5201 &&
		on "$from" timeout $((120 * patience)) iperf3 -c "$address" -n 16M "$@"
}

# is_told PATTERN COMMAND…: it fails, soon, with one line that matches.
is_told() {
	local pattern=$1 out status
	shift
	out=$(timeout $((20 * patience)) "$@" 2>&1 >/dev/null)
	status=$?
	[ $status != 0 ] && [ $status != 124 ] && [ "$(wc -l <<<"$out")" = 1 ] &&
		grep -qE -- "$pattern" <<<"$out"
}

# Taps outlive their daemon; when it died early, its aliases say which are ours.
end_devices() {
	local device
	for device in $(ip -d link show 2>/dev/null | awk -v mark="weir:$rundir:" '
		/^[0-9]+:/ { name = $2; sub(/[:@].*/, "", name) }
		$1 == "alias" && index($2, mark) == 1 { print name }'); do
		ip link del dev "$device"
	done
}

# Whatever the test did: translated again, each flow does what it does.
check_flows() {
	local wrong
	wrong=$(timeout 30 appctl -j revalidator/check 2>/dev/null) || return 0
	[ "$wrong" != "[]" ] || return 0
	echo "not ok - $topic: flows are not what the rules say"
	sed 's/^/  /' <<<"$wrong" | head -40
	failures=$((failures + 1))
}

cleanup() {
	local status=$? pid
	trap - EXIT
	check_flows
	appctl exit --cleanup >/dev/null 2>&1 && eventually 10 test ! -e "$rundir/vswitchd.pid"
	switch_stop
	# A sanitizer looks for leaks when all is over, and who was told to exit may be about to.
	for pid in "${daemons[@]}"; do
		eventually 20 test ! -d "/proc/$pid"
	done
	end_devices
	for name in "${hosts[@]}"; do
		ip netns pids "ws-$name" 2>/dev/null | xargs -r kill 2>/dev/null
		ip netns del "ws-$name"
	done
	for device in "${devices[@]}"; do
		ip link del dev "$device" 2>/dev/null
	done
	if grep -qE 'Sanitizer|runtime error' "$rundir"/sanitizer.* 2>/dev/null; then
		head -n 60 "$rundir"/sanitizer.* | sed 's/^/  /'
		echo "not ok - $topic: a sanitizer complained"
		failures=$((failures + 1))
	fi
	rm -rf "$rundir"
	# Without a number it would be the status from before this trap.
	exit $((status ? status : failures > 0))
}
trap cleanup EXIT
