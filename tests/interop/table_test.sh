#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Limits of tables: set in the database, obeyed, shown and changed with stock ovs-ofctl.
. tests/interop/lib.sh

of() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 -O OpenFlow14 "$@"
}

# full COMMAND…: is refused since the table is full.
full() {
	local out
	out=$("$@" 2>&1) && return 1
	grep -q TABLE_FULL <<<"$out"
}

rules() {
	of --no-stats dump-flows br0 table=3 | grep -o 'priority=[0-9]*\|importance=[0-9]*'
}

switch_start
ovs_vsctl add-br br0 -- set bridge br0 fail_mode=secure \
	-- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1
check "a limit" ovs_vsctl --id=@t create Flow_Table name=three flow_limit=3 -- set bridge br0 flow_tables:3=@t
for i in 1 2 3; do
	check "rule $i" of add-flow br0 table=3,priority=$i,idle_timeout=$((400 - i)),actions=drop
done
check "no more" full of add-flow br0 table=3,priority=4,actions=drop
check "but instead of another" of add-flow br0 table=3,priority=3,idle_timeout=90,actions=output:1
check "the limit and the name are shown" has 'table 3 \("?three"?\)' of dump-table-features br0
check "with the most rules it takes" has "max_entries=3$" of dump-table-features br0
check "eviction by the administrator" ovs_vsctl set Flow_Table three overflow_policy=evict
check "makes room" of add-flow br0 table=3,priority=4,actions=drop
check "of the rule that ends first" is "priority=1 priority=2 priority=4" sh -c "
	$peer/usr/bin/ovs-ofctl -O OpenFlow14 --no-stats dump-flows br0 table=3 | grep -o 'priority=[0-9]*' | sort"
check "but not of one that never ends" sh -c "
	$peer/usr/bin/ovs-ofctl -O OpenFlow14 add-flow br0 table=3,priority=5,actions=drop &&
	$peer/usr/bin/ovs-ofctl -O OpenFlow14 add-flow br0 table=3,priority=6,actions=drop"
check "none is left that may go" full of add-flow br0 table=3,priority=7,actions=drop
check "a controller allows it" of mod-table br0 3 evict
check "it is shown" has 'table 3:?|eviction=on' of dump-table-desc br0
check "by importance" of add-flow br0 table=3,priority=8,importance=5,actions=drop
check "vacancy events" of mod-table br0 3 vacancy:20,80
check "are shown" has 'vacancy=on.*(vacancy_down|down)=20' of dump-table-desc br0
check "no more eviction" of mod-table br0 3 noevict
check "full again" full of add-flow br0 table=3,priority=9,actions=drop
check "the limit goes" ovs_vsctl clear bridge br0 flow_tables
check "there is room" of add-flow br0 table=3,priority=9,actions=drop
# left PRIORITY…: the rules of table 4.
left() {
	is "$*" sh -c "$peer/usr/bin/ovs-ofctl -O OpenFlow14 --no-stats dump-flows br0 table=4 |
		grep -o 'priority=[0-9]*' | cut -d= -f2 | sort"
}

check "groups of rules" ovs_vsctl --id=@t create Flow_Table flow_limit=4 overflow_policy=evict \
	'groups="NXM_OF_IN_PORT[]"' -- set bridge br0 flow_tables:4=@t
must of add-flow br0 table=4,priority=1,in_port=1,idle_timeout=300,actions=drop
must of add-flow br0 table=4,priority=2,in_port=1,idle_timeout=200,actions=drop
must of add-flow br0 table=4,priority=3,in_port=1,tcp,idle_timeout=400,actions=drop
must of add-flow br0 table=4,priority=4,in_port=2,idle_timeout=100,actions=drop
check "another rule" of add-flow br0 table=4,priority=5,in_port=3,idle_timeout=500,actions=drop
check "ends that of the largest group which ends first" left 1 3 4 5
check "one more" of add-flow br0 table=4,priority=6,in_port=3,idle_timeout=500,actions=drop
check "does so too" left 3 4 5 6
check "without groups" ovs_vsctl clear Flow_Table . groups
check "another rule" of add-flow br0 table=4,priority=7,in_port=3,idle_timeout=500,actions=drop
check "ends that which ends first of all" left 3 5 6 7
check "no field" ovs_vsctl set Flow_Table . 'groups="NXM_OF_IN_PROT[]"'
check "is complained of" eventually 5 grep -q 'bridge br0: table 4: groups.*NXM_OF_IN_PROT' "$rundir/vswitchd.log"
check "the limit goes again" ovs_vsctl clear bridge br0 flow_tables
check "and all rules" of del-flows br0
/usr/bin/python3 tests/interop/table.py "$rundir" || failures=$((failures + 1))
