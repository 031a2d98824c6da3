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
for i in 0 1 2; do
	next=$(((i + 1) % 3)) last=$(((i + 2) % 3))
	must vsctl add-br "r$i" -- set bridge "r$i" rstp_enable=true "other_config:rstp-priority=$((i * 4096))" \
		-- add-port "r$i" "l$i$next" -- set interface "l$i$next" type=system \
		-- add-port "r$i" "l$i$last" -- set interface "l$i$last" type=system \
		-- add-port "r$i" "h$i" -- set interface "h$i" type=internal \
		-- set port "h$i" other_config:rstp-port-admin-edge=true
	host "h$i" "10.9.0.$((i + 1))/24"
done

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

check "a ring of three becomes a tree" eventually 10 is_tree 5 1
check "hosts hear each other" eventually 5 all_hear
check "the bridge with the least priority is the root" \
	eventually 5 eval 'appctl rstp/show r0 | grep -q "This bridge is the root"'
check "the database names the roles" eventually 5 column port l10 rstp_status:rstp_port_role Root
check "and the way to the root" eventually 5 column bridge r2 rstp_status:rstp_root_path_cost '"20000"'

must ip link set l01 down
check "a cut link is gone round" eventually 10 is_tree 4 0
check "and hosts hear each other again" eventually 5 all_hear
must ip link set l01 up
check "mended, the ring is a tree again" eventually 15 is_tree 5 1
check "and hosts still hear each other" eventually 5 all_hear

must vsctl set bridge r1 rstp_enable=false
check "a bridge that leaves forwards on all its ports" \
	eval '! appctl rstp/show r1 2>&1 | grep -q Forwarding'
check "a bridge without a tree says how to get one" \
	eval 'appctl rstp/show r1 2>&1 | grep -q "vsctl set bridge r1 rstp_enable=true"'
must vsctl set bridge r1 rstp_enable=true

# The guard: a port for guests on which a bridge shows up.
must vsctl set port l12 other_config:bpdu-guard=true
check "a guarded port is blocked when a bridge shows up" \
	eventually 10 eval '[ "$(vsctl get port l12 status:bpdu_guard)" != "" ]'
check "the log says how to let it in" grep -q "bpdu-guard/reset r1 l12" "$rundir/vswitchd.log"
must vsctl set port l12 other_config:bpdu-guard=false
check "without the guard it takes part again" eventually 15 is_tree 5 1
check "a port that is not there is told" \
	eval 'appctl bpdu-guard/reset r1 l13 2>&1 | grep -q "did you mean"'
