# SPDX-License-Identifier: Apache-2.0
# Explaining: what vsctl trace says, and waiting for the next real packet.
. "$(dirname "$0")/lib.sh"

switch_start
must vsctl add-br br0 -- add-port br0 h1 -- set interface h1 type=internal \
	-- add-port br0 h2 -- set interface h2 type=internal
host h1 10.8.0.1/24
host h2 10.8.0.2/24
check "hosts hear each other" eventually 10 hears h1 10.8.0.2

check "vsctl trace tells what happens to a packet" \
	eval 'vsctl trace br0 in_port=h1,arp | grep -q "Datapath actions:"'
check "and as JSON" eval \
	'vsctl --format=json trace br0 in_port=h1,arp | python3 -c "import json, sys; json.load(sys.stdin)[\"cost\"][\"ops\"]"'
must vsctl set Port h2 tag=7
check "who does not get what is flooded is told, and why" \
	eval 'vsctl trace br0 in_port=h1,icmp | grep -q "not to h2: the frame.s VLAN is not carried"'
must vsctl clear Port h2 tag
check "and nothing of the kind when all do" eval '! vsctl trace br0 in_port=h1,icmp | grep -q "not to"'
check "without a port it says what is missing" \
	eval 'vsctl trace br0 ip 2>&1 | grep -q "in_port=NAME or a number"'
check "and fails" not vsctl trace br0 ip
check "without an empty line" eval '! vsctl trace br0 ip 2>&1 | grep -q "^\(vsctl: \)\?\$"'
check "bytes that are none are refused" \
	eval 'vsctl trace br0 in_port=h1 12xy 2>&1 | grep -q "hexadecimal"'
check "too few are, too" eval 'vsctl trace br0 in_port=h1 1234 2>&1 | grep -q "too few"'

# Packets like the one that is waited for already have a flow.
(on h1 ping -i 0.2 10.8.0.2 >/dev/null) &
pinging=$!
check "the next packet is waited for" \
	eval 'timeout 30 "$build/utilities/vsctl" trace br0 in_port=h1,icmp next >"$rundir/next"'
check "and told with all it had" grep -q "nw_src=10.8.0.1,nw_dst=10.8.0.2" "$rundir/next"
check "one that never comes keeps nobody" \
	eval '! timeout 1 "$build/utilities/vsctl" trace br0 in_port=h1,sctp next >/dev/null 2>&1'
kill $pinging 2>/dev/null
ip netns pids ws-h1 | xargs -r kill 2>/dev/null
check "the hosts noticed nothing" hears h1 10.8.0.2
check "flows are right after all this" eval '[ "$(appctl revalidator/check)" = "" ] || appctl -j revalidator/check | grep -q "\[\]"'
