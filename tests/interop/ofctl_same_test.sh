#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Our ofctl beside stock ovs-ofctl: the same words give the same lines, and the same flows.
. tests/interop/lib.sh

ovs_ofctl() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 "$@"
}

# What differs from moment to moment.
steady() {
	sed -E 's/xid=0x[0-9a-f]+/xid=X/; s/duration=[0-9.]+s/duration=Xs/g
		s/(idle|hard)_age=[0-9]+, //g'
}

# same WORDS…: both print the same, and end alike.
same() {
	local stock ours stock_status ours_status
	stock=$(ovs_ofctl "$@" 2>/dev/null)
	stock_status=$?
	ours=$(ofctl -t 10 "$@" 2>/dev/null)
	ours_status=$?
	[ $stock_status = $ours_status ] || {
		echo "ovs-ofctl exits with $stock_status, ofctl with $ours_status"
		return 1
	}
	diff <(steady <<<"$stock") <(steady <<<"$ours")
}

# Both tools print the messages in a file alike: 'VERSION NAME HEX' a line.
same_messages() {
	local version name hex status=0
	while read -r version name hex; do
		xxd -r -p <<<"$hex" >"$rundir/message"
		diff <(ovs_ofctl ofp-parse "$rundir/message" 2>/dev/null) \
			<(ofctl ofp-parse "$rundir/message" 2>&1) >"$rundir/diff" || {
			echo "$version $name:"
			cat "$rundir/diff"
			status=1
		}
	done <"$1"
	return $status
}

says() {
	local pattern=$1 out
	shift
	out=$("$@" 2>&1) && return 1
	grep -qE -- "$pattern" <<<"$out" || {
		echo "no match for $pattern in:"
		echo "$out"
		return 1
	}
}

flows='table=1,priority=5,in_port=1,ip,nw_dst=10.0.0.0/8,actions=output:2
table=1,priority=6,in_port=2,tcp,tp_dst=80,idle_timeout=60,cookie=0x7,actions=mod_nw_dst:192.0.2.1,output:3
table=2,dl_vlan=5,actions=strip_vlan,output:1
table=2,priority=1,arp,arp_tpa=192.0.2.7,actions=NORMAL
table=3,icmp6,icmpv6_type=135,nd_target=2001:db8::1,actions=drop
table=4,reg0=0x5/0xff,metadata=0x9,actions=set_field:7->reg1,resubmit(,5)'

switch_start
ovs_vsctl add-br br0 -- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2 \
	-- add-port br0 p3 -- set Interface p3 type=dummy ofport_request=3
/usr/bin/python3 tests/interop/messages.py >"$rundir/messages"
check "messages print alike" same_messages "$rundir/messages"
check "flows from stdin" ofctl add-flows br0 - <<<"$flows"
check "groups" ofctl add-groups br0 - <<-END
	group_id=1,type=all,bucket=output:2,bucket=output:3
	group_id=2,type=select,bucket=weight:10,output:2,bucket=bucket_id:7,weight:20,output:3
	group_id=3,type=ff,bucket=watch_port:2,actions=output:2,output:3,bucket=watch_port:p3,output:3
	group_id=4,type=select,selection_method=hash,fields(ip_src,ip_dst=255.255.0.0),bucket=output:2
	END
for version in OpenFlow10 OpenFlow13 OpenFlow14 OpenFlow15; do
	for words in "show br0" "dump-desc br0" "dump-tables br0" "dump-ports br0" \
		"dump-ports br0 p2" "dump-ports-desc br0" "get-frags br0" "probe br0" \
		"dump-flows br0" "dump-flows br0 table=1" "dump-flows br0 cookie=7/-1" \
		"dump-flows br0 out_port=3" "dump-aggregate br0" "dump-aggregate br0 ip" \
		"--no-stats dump-flows br0" "--names --no-stats dump-flows br0" \
		"--sort --no-stats dump-flows br0" "--rsort --no-stats dump-flows br0 table=1" \
		"--sort=in_port --no-stats dump-flows br0 table=1"; do
		# shellcheck disable=SC2086
		check "$version: $words" same -O $version $words
	done
done
for version in OpenFlow13 OpenFlow14 OpenFlow15; do
	for words in "dump-groups br0" "dump-group-stats br0" "dump-group-features br0"; do
		# shellcheck disable=SC2086
		check "$version: $words" same -O $version $words
	done
done
check "a group by its number" has 'group_id=2,' ofctl -O OpenFlow15 dump-groups br0 2
printf '%s\n' "table=1,priority=5,in_port=1,ip,nw_dst=10.0.0.0/8,actions=output:3" \
	"table=9,in_port=p2,actions=output:p3" >"$rundir/flows"
check "diff-flows" same diff-flows br0 "$rundir/flows"
check "replace-flows" ofctl replace-flows br0 "$rundir/flows"
check "leaves what the file has" is \
	" table=1, priority=5,ip,in_port=1,nw_dst=10.0.0.0/8 actions=output:3 table=9, in_port=2 actions=output:3" \
	ofctl --no-stats dump-flows br0
check "diff-flows finds nothing more" same diff-flows br0 "$rundir/flows"
check "and neither does the stock tool in the other order" same diff-flows "$rundir/flows" br0
check "del-flows" ofctl del-flows br0 table=9
check "one flow stays" has 'flow_count=1$' ofctl dump-aggregate br0
check "--bundle" ofctl --bundle add-flows br0 - <<<"$flows"
printf '%s\n' "flow add table=20,in_port=1,actions=1" "flow add table=20,in_port=2,actions=group:99" \
	>"$rundir/rules"
check "names the line" says 'rules:2: the switch refused it' ofctl bundle br0 "$rundir/rules"
check "and does nothing" has 'flow_count=0$' ofctl dump-aggregate br0 table=20
check "a wrong word is shown" says '\^~~~~' ofctl add-flow br0 tcp,nw_sr=1.2.3.4,actions=drop
check "and the right one named" says 'nw_src' ofctl add-flow br0 tcp,nw_sr=1.2.3.4,actions=drop
printf 'in_port=1,actions=drop\n\nin_port=1,actions=outptu:3\n' >"$rundir/rules"
check "with its line" says 'rules:3: .*output' ofctl add-flows br0 "$rundir/rules"
check "and nothing was sent" not has 'in_port=1 actions=drop' ofctl --no-stats dump-flows br0
check "a command's near miss" says 'add-group' ofctl add-grop br0 group_id=1
check "--read-only" says 'read-only' ofctl --read-only del-flows br0
check "a packet goes out" ofctl packet-out br0 \
	"in_port=1 packet=02000000000202000000000188b5$(printf '%092d' 0) actions=output:p2"
check "through its port" eventually 5 has '^0200000000020200000000018' ovs_appctl dummy/sent p2
check "mod-port" ofctl mod-port br0 p3 no-flood
check "as show says" has 'config: +NO_FLOOD' ofctl -O OpenFlow10 show br0
check "JSON" has '"datapath_id":' ofctl -j show br0
check "ping" has 'time=' ofctl ping br0
check "benchmark" has 'packets/s' ofctl benchmark br0 64 100
check "a bridge with one version only" ovs_vsctl set bridge br0 protocols=OpenFlow15
check "needs no -O" has 'OF1.5' ofctl show br0
