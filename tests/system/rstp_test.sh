# SPDX-License-Identifier: Apache-2.0
# Spanning trees: a ring of three bridges, links that are cut, hosts, and the guard against bridges.
. "$(dirname "$0")/lib.sh"

switch_start

# A ring of veth pairs r0-r1, r1-r2, r2-r0, and a host on each bridge.
for i in 0 1 2; do
	next=$(((i + 1) % 3))
	must ip link add "l$i$next" type veth peer name "l$next$i"
	must ip link set "l$i$next" up
	must ip link set "l$next$i" up
done
build_ring() {
	local i next last words=()
	for i in 0 1 2; do
		next=$(((i + 1) % 3)) last=$(((i + 2) % 3))
		words+=(-- add-br "r$i"
			-- set bridge "r$i" rstp_enable=true "other_config:rstp-priority=$((i * 4096))"
			-- add-port "r$i" "l$i$next" -- set interface "l$i$next" type=system
			-- add-port "r$i" "l$i$last" -- set interface "l$i$last" type=system
			-- add-port "r$i" "h$i" -- set interface "h$i" type=internal)
	done
	must vsctl "${words[@]}"
}

# states STATE: how many ports of the ring are in it.
states() {
	for i in 0 1 2; do
		appctl rstp/show "r$i"
	done | grep -c "^ *l.* $1 "
}
is_tree() {
	[ "$(states Forwarding)" = "$1" ] && [ "$(states Discarding)" = "$2" ]
}
all_hear() {
	hears h0 10.9.0.2 && hears h1 10.9.0.3 && hears h2 10.9.0.1
}
column() {
	[ "$(vsctl get "$1" "$2" "$3")" = "$4" ]
}
ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

# within_two_seconds FORWARDING DISCARDING: of the protocol's own time, however long the machine takes:
# its clock stands, and is pushed on a second only when nothing more happens.
within_two_seconds() {
	local second since
	since=$(ms)
	for second in 0 1 2; do
		if eventually 5 is_tree "$@"; then
			echo "# $second s by the protocol's clock, $(($(ms) - since)) ms in all" >"$rundir/took"
			return
		fi
		must appctl time/warp 1000
	done
	return 1
}

# watched WORDS COMMAND…: as check, while a host sends broadcasts: there is no loop meanwhile.
watched() {
	local words=$1 pid sent arrived most gap
	shift
	/usr/bin/python3 tests/system/ring.py h0 h1 >"$rundir/ring" &
	pid=$!
	sleep 0.5
	check "$words" "$@"
	kill $pid
	wait $pid
	read -r sent arrived most gap <"$rundir/ring"
	cat "$rundir/took"
	echo "# $sent broadcasts, $arrived arrived, at most $most copies of one, $gap ms without any"
	check "$words, and no loop meanwhile" test "${most:-99}" -ge 1 -a "${most:-99}" -le 2
}

must appctl time/stop
build_ring
check "a ring of three becomes a tree within two seconds" within_two_seconds 5 1
cat "$rundir/took"
for i in 0 1 2; do
	host "h$i" "10.9.0.$((i + 1))/24"
done
check "hosts hear each other" eventually 5 all_hear
check "the bridge with the least priority is the root" \
	eventually 5 eval 'appctl rstp/show r0 | grep -q "This bridge is the root"'
check "the database names the roles" eventually 5 column port l10 rstp_status:rstp_port_role Root
check "and the way to the root" eventually 5 column bridge r2 rstp_status:rstp_root_path_cost '"2000"'
check "which follows from the speed of the links" column interface l20 link_speed 10000000000
must appctl fdb/add r0 h0 0 02:00:00:00:00:aa
must appctl fdb/add r1 l10 0 02:00:00:00:00:aa

cut() {
	must ip link set l01 down
	within_two_seconds 4 0
}
watched "a cut is gone round within two seconds" cut
check "and hosts hear each other again" eventually 5 all_hear
must appctl time/start
mend() {
	must ip link set l01 up
	: >"$rundir/took"
	eventually 15 is_tree 5 1
}
watched "mended, the ring is a tree again" mend
check "and hosts still hear each other" eventually 5 all_hear
since=$(ms)
must ip link set l12 down
check "by the wall's clock a cut is gone round soon, too" eventually 10 is_tree 4 0
echo "# $(($(ms) - since)) ms"
must ip link set l12 up
check "and mended" eventually 15 is_tree 5 1

check "a port of this host's forwards at once" column port h0 rstp_status:rstp_port_state Forwarding
must vsctl -- --id=@p get port h2 -- --id=@m create mirror name=m select_all=true output_port=@p \
	-- set bridge r2 mirrors=@m >/dev/null
check "one that gets mirrors' copies takes no part" \
	eventually 5 eval '! appctl rstp/show r2 | grep -q " h2 "'
must vsctl clear bridge r2 mirrors
must vsctl set port l20 other_config:rstp-admin-port-state=false
check "a port that RSTP shall not let work is disabled" \
	eventually 5 column port l20 rstp_status:rstp_port_state Disabled
must vsctl remove port l20 other_config rstp-admin-port-state
must vsctl set bridge r0 other_config:rstp-ageing-time=20 other_config:rstp-max-age=6
check "the root's times are the tree's" \
	eventually 5 eval 'appctl rstp/show r2 | sed -n "/Root ID/,/Bridge ID/p" | grep -q "max-age *6s"'

must vsctl set port l20 other_config:rstp-path-cost=777
check "a cost that was set counts instead" \
	eventually 5 column bridge r2 rstp_status:rstp_root_path_cost '"777"'
must vsctl remove port l20 other_config rstp-path-cost
check "until it is set no more" \
	eventually 5 column bridge r2 rstp_status:rstp_root_path_cost '"2000"'
by_hand() {
	appctl fdb/show "$1" | grep -q '02:00:00:00:00:aa  static'
}
check "addresses put in by hand outlive the tree's changes" eval 'by_hand r0 && by_hand r1'

must vsctl set bridge r1 rstp_enable=false
check "a bridge that leaves forwards on all its ports" \
	eval '! appctl rstp/show r1 2>&1 | grep -q Forwarding'
check "a bridge without a tree says how to get one" \
	eval 'appctl rstp/show r1 2>&1 | grep -q "vsctl set bridge r1 rstp_enable=true"'
must vsctl set bridge r1 rstp_enable=true

# The guard: a port for guests on which a bridge shows up. Of the ring's ports this one does not speak when
# all is settled, and hears the other end's greetings.
must vsctl set port l21 other_config:bpdu-guard=true
check "a guarded port is blocked when a bridge shows up" \
	eventually 10 eval '[ "$(vsctl get port l21 status:bpdu_guard)" != "" ]'
check "the log says how to let it in" grep -q "bpdu-guard/reset r2 l21" "$rundir/vswitchd.log"
must vsctl set port l21 other_config:bpdu-guard=false
check "without the guard it takes part again" eventually 15 is_tree 5 1
check "a port that is not there is told" \
	eval 'appctl bpdu-guard/reset r1 l13 2>&1 | grep -q "did you mean"'
