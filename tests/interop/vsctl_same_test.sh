#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# vsctl prints what stock ovs-vsctl prints, and exits as it does: the same lines are given to both,
# one after the other, on the same switch.
. tests/interop/lib.sh

# One invocation a line, as one would type it behind the program's name. Rows come in no order from
# the stock program, so lists of several are sorted (see below) or ask for one.
read -rd '' lines <<'LINES'
add-br br0
add-br br0
--may-exist add-br br0
add-br vlan5 br0 5
add-br vlan6 br0 5
add-br vlan7 vlan5 6
--may-exist add-br vlan5 br0 6
--may-exist add-br br0 br0 6
list-br
--real list-br
--fake list-br
br-exists br0
br-exists no
list-br -- br-exists no
br-to-vlan br0
br-to-vlan vlan5
br-to-parent vlan5
br-to-parent x
--no-wait add-port br0 p1 tag=9 trunks=1,2,4-6 -- set Interface p1 type=dummy
add-port br0 p1
add-port br0 br0
add-port no p2
add-port br0 p3 tag
add-port br0 p3 tag=5000
add-port br0 p3 nothing=1
--no-wait add-port vlan5 p5 -- set Interface p5 type=dummy
--may-exist add-port vlan5 p1
--no-wait --may-exist add-port br0 p1
--no-wait add-bond br0 b0 e0 e1 bond_mode=active-backup -- set Interface e0 type=dummy -- set Interface e1 type=dummy
add-bond br0 b1 e2
add-bond br0 b1 e0 e3
--no-wait --may-exist add-bond br0 b0 e0 e1
--may-exist add-bond br0 b0 e0 e3
list-ports br0
list-ports vlan5
list-ports x
list-ifaces br0
port-to-br b0
port-to-br e0
port-to-br br0
iface-to-br e0
iface-to-br br0
--no-wait add-bond-iface b0 e2 -- set Interface e2 type=dummy
add-bond-iface b0 e2
--no-wait --may-exist add-bond-iface b0 e2
--no-wait del-bond-iface b0 e2
del-bond-iface p1
del-port br0
del-port vlan5 p1
del-port br0 p5
del-port nothing
--if-exists del-port nothing
br-set-external-id br0 a b
br-set-external-id vlan5 a b
br-get-external-id br0
br-get-external-id vlan5 a
get Port vlan5 external_ids
br-set-external-id br0 a
--no-wait set-controller br0 tcp:127.0.0.1:1 tcp:127.0.0.1:2
get-controller br0
--no-wait --inactivity-probe=3000 set-controller br0 tcp:127.0.0.1:3
get Controller br0 inactivity_probe
--no-wait del-controller br0
get-controller br0
get-fail-mode br0
--no-wait set-fail-mode br0 secure
set-fail-mode br0 loud
get-fail-mode br0
--no-wait del-fail-mode br0
get-manager
get-ssl
add-aa-mapping br0 100 200
get-aa-mapping br0
del-aa-mapping br0 100 200
get-aa-mapping br0
list-dp-cap nothing
list-zone-tp nothing
--columns=_uuid,name,tag,trunks,interfaces list Port p1
list Port p1
--format=table --columns=name,tag,trunks,external_ids list Port p1
--format=table --data=bare --columns=name,tag,trunks,external_ids list Port vlan5
--no-headings --format=table --columns=name,tag list Port p1 p1
--format=csv --columns=name,external_ids,trunks list Port p1
--format=json --columns=name,tag,trunks,external_ids list Port p1 vlan5
--format=html --columns=name,tag list Port p1
--format=list --data=json --columns=name,tag,trunks,external_ids list Port p1
--data=bare --columns=name,tag,trunks,external_ids list Port p1
--bare --columns=name,trunks list Port p1 b0
--format=table --columns=name list Port p1 -- list-br -- --columns=name list Port b0
--format=table --columns=name list Mirror
--format=csv --columns=name list Mirror
--format=json --columns=name list Mirror
list Mirror
list Port nothing
--if-exists list Port nothing
--columns=nothing list Port
--columns= list Port
get Port p1 tag trunks vlan_mode other_config
get port p1 other-con
get I p1 name
get Interface p1 o
get Nothing p1 name
get Port p1 name:x
get Port nothing name
--if-exists get Port nothing name
set Interface p1 external_ids:iface-id=abc external_ids:mac="00:11" 'external_ids:x=a b' external_ids:t=true external_ids:e=é
get Interface p1 external_ids external-ids:mac external_ids:x external_ids:e
get Interface p1 external_ids:nothing
--if-exists get Interface p1 external_ids:nothing
get Interface p1 external_ids:x=3
--data=bare --columns=external_ids list Interface p1
set Port p1 tag=4 trunks=7
set Port p1 tag=[]
set Port p1 tag=1,2
set Port p1 tag=abc
set Port p1 tag=
set Port p1 name=other
set Port p1 fake_bridge=maybe
set Port p1 vlan_mode=sideways
set Port p1 external_ids={a=b,c=d}
set Port p1 external_ids=a
set Port p1 tag:x=3
set Port p1
set Port nothing tag=3
--if-exists set Port nothing tag=3
add Port p1 trunks 9 10
add Port p1 trunks 9
add Port p1 external_ids a=q n=1
add Port p1 tag 1
add Port p1 tag 2
get Port p1 tag trunks external_ids
remove Port p1 trunks 9 99
remove Port p1 external_ids a c=d n=3
get Port p1 tag trunks external_ids
clear Port p1 trunks external_ids tag
clear Port p1 name
clear Port p1 interfaces
get Port p1 tag trunks external_ids
-- --columns=name find Interface external_ids:iface-id=abc
-- --columns=name find Interface external_ids:iface-id!=abd
-- --columns=name find Port 'name>vlan4'
-- --columns=name find Port tag=5 name=p5
-- --columns=name find Port 'tag{>=}5' name!=vlan5
find Port name
find Port nothing=3
find Port name:x=3
--no-headings --columns=name find Port tag=77
create Port
-- --id=@m create Mirror name=m0 -- set Bridge br0 mirrors=@m
--columns=name,select_all list Mirror
-- --id=@p get Port p1 -- set Mirror m0 select_src_port=@p
get Mirror m0 select_src_port
-- --id=@m get Mirror m0 -- remove Bridge br0 mirrors @m
list Mirror
-- --id=@m create Mirror name=a -- --id=@m create Mirror name=b
--id=m create Mirror name=a
set Bridge br0 mirrors=@nothing
-- --if-exists --id=@p get Port p1
set Port p1 qos=@q -- --id=@q create QoS type=linux-htb other-config:max-rate=1000000 queues:0=@q0 -- --id=@q0 create Queue other-config:min-rate=1000
list QoS
--columns=other_config list Queue
destroy QoS p1
destroy QoS p1 -- clear Port p1 qos
--all destroy Queue
list Queue
destroy Queue nothing
--if-exists destroy Queue nothing
destroy Port p1
get Port p1 name
comment hello world
wait-until Bridge br0 name=br0
wait-until Bridge br0 nothing=1
--timeout=1 wait-until Bridge nothing
--oneline list-ports br0 -- list-br -- get Bridge br0 fail_mode
--oneline set Port p1 tag=3 -- list-br
--no-wait --dry-run add-br br9
list-br --
list-br -- -- list-br

nothing
--nothing list-br
-- --nothing list-br
list-br a
add-br
-- --may-exist=3 add-br br0
-- --may-exist --may-exist add-br br0
-- --id create Mirror name=m
--format=nothing list-br
emer-reset
del-br nothing
--if-exists del-br nothing
del-br vlan5
list-ports br0
del-br br0
list-br
LINES

# UUIDs differ from run to run.
plain() {
	sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/g'
}

# give PROGRAM: all lines, each with what was printed and the exit status.
give() {
	local line out status
	while IFS= read -r line; do
		printf '$ %s\n' "$line"
		out=$(eval "$1 $line" 2>/dev/null)
		status=$?
		plain <<<"$out"
		echo "-> $status"
	done <<<"$lines"
}

same() {
	diff -U3 "$rundir/theirs" "$rundir/ours"
}

# The same things happen to the same rows whichever program said so.
ovs_vsctl_logless() {
	"$peer/usr/bin/ovs-vsctl" --no-syslog --timeout=10 "$@"
}

switch_start
must vsctl init
give ovs_vsctl_logless >"$rundir/theirs"
give "vsctl --timeout=10" >"$rundir/ours"
check "$(wc -l <<<"$lines") command lines print what ovs-vsctl prints" same
check "all of it is there" [ "$(grep -c '^->' "$rundir/ours")" = "$(wc -l <<<"$lines")" ]
