#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What somebody does who is new here: words in the wrong place, quotes forgotten, help asked for where
# there is none. Each is told what to type instead, and nothing has changed.
. tests/system/lib.sh

switch_options=(--enable-dummy)
switch_start
must vsctl add-br br0 -- add-port br0 p1 -- set Interface p1 type=dummy
before=$(vsctl list-br; vsctl list Interface p1; ofctl --no-stats dump-flows br0)

# helps PATTERN COMMAND…: it succeeds, and what it prints matches.
helps() {
	local pattern=$1
	shift
	"$@" 2>/dev/null | grep -qE -- "$pattern"
}

# points_out PATTERN COMMAND…: it fails and says so, perhaps with the word underlined.
points_out() {
	local pattern=$1 out
	shift
	! out=$("$@" 2>&1) && head -1 <<<"$out" | grep -qE -- "$pattern"
}

check "help about a verb, asked for behind it" helps '^ *add-br BRIDGE' vsctl add-br --help
check "about one that is no verb of the database" helps '^ *trace BRIDGE FLOW' vsctl trace --help
check "capture" helps '^ *capture ' vsctl capture --help
check "doctor" helps '^ *doctor ' vsctl doctor --help
check "without a daemon the manual is named" is_told 'no vswitchd runs in .*see vsctl\(8\)' \
	vsctl --rundir="$rundir/none" --help
check "an option behind its verb" is_told "'--may-exist' goes before" vsctl add-br br1 --may-exist
check "a misspelt option of a verb" is_told 'did you mean --may-exist' vsctl --may-exists add-br br0
check "one with a value" is_told 'did you mean --columns' vsctl --colums=name,type list Interface
check "a command is called by the name it was asked by" is_told '^vsctl: "trace" command .*: trace BRIDGE' \
	vsctl trace br0
check "an option of ofctl's that is misspelt" is_told 'did you mean --bundle' \
	ofctl --bundel add-flow br0 actions=drop
check "one that lacks its value" is_told "option '--timeout' needs a value" ofctl show br0 --timeout
check "one that takes none" is_told "option '--strict' takes no value" ofctl --strict=yes del-flows br0
check "a letter behind one with a value" is_told "unrecognized option '-x'" ofctl --rundir=/x -xy show br0
check "an option of appctl's that is misspelt" is_told 'did you mean --format' appctl --formt=json version
check "a flow without quotes" is_told 'takes 2 arguments, not 3: .*quotes' \
	ofctl add-flow br0 priority=5, actions=drop
check "a flow that is missing" is_told 'add-flow SWITCH FLOW' ofctl add-flow br0
check "an action where a match is wanted" points_out "'drop' is an action: put it behind actions=" \
	ofctl add-flow br0 in_port=1,drop
check "flows are not deleted, nor shown, by their priority" eval \
	"points_out 'only with --strict' ofctl del-flows br0 priority=9 &&
	points_out 'whatever their priority and timeouts\$' ofctl dump-flows br0 priority=9"
check "a port of TCP or UDP without either" points_out 'tp_dst: only together with .*udp' \
	ofctl add-flow br0 tp_dst=80,actions=drop
check "a bridge that is not there" is_told 'br1.mgmt: No such file.*: did you mean br0' \
	ofctl add-flow br1 actions=drop
# shows PATTERN: what is wrong, below what it is about.
shows() {
	vsctl show | grep -A1 "$1" | grep -qE "error: .*$2"
}
must vsctl set-manager ptcp:99999 2>/dev/null
check "a manager's address that is none" eventually 10 shows 'Manager' '99999.* is not a port'
must vsctl set-manager ptcp:16641:127.0.0.1 -- set-controller br0 ptcp:16642:127.0.0.1
check "one that is called" eventually 10 eval 'vsctl --db=tcp:127.0.0.1:16641 list-br >"$rundir/called"'
check "and a controller's" eventually 10 eval 'ofctl show tcp:127.0.0.1:16642 >"$rundir/called"'
# What is known of connections is written every few seconds.
must sleep 6
check "are not wrong because somebody has hung up" not shows '' 'closed'
must vsctl del-manager -- del-controller br0
check "nothing has changed" \
	[ "$before" = "$(vsctl list-br; vsctl list Interface p1; ofctl --no-stats dump-flows br0)" ]

# watched: what a monitor shows at once, though nobody reads it on a terminal.
watched() {
	local pid result
	ofctl monitor br0 watch: >"$rundir/watched" &
	pid=$!
	eventually 5 grep -q ADDED "$rundir/watched"
	result=$?
	kill $pid
	wait $pid
	return $result
}
check "a monitor shows the rules there are before any changes" watched
check "each tool says its version" eval \
	'ofctl --version | grep -q "[0-9]" && vsctl --version | grep -q "[0-9]" && appctl -V | grep -q "[0-9]"'
