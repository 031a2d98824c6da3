#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Groups with stock ovs-ofctl: made, shown, counted, changed bucket by bucket, bundled.
. tests/interop/lib.sh

ovs_ofctl() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 "$@"
}

receive() {
	local frame=02000000000202000000000188b5
	ovs_appctl netdev-dummy/receive p1 "${frame}$(printf '%092d' 0)" && appctl dummy/wait
}

bundle() {
	printf '%s\n' "$@" >"$rundir/bundle"
	ovs_ofctl -O OpenFlow14 bundle br0 "$rundir/bundle"
}

switch_start
ovs_vsctl add-br br0 -- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2 \
	-- add-port br0 p3 -- set Interface p3 type=dummy ofport_request=3
# OpenFlow 1.0 has groups in Nicira's messages.
for version in OpenFlow10 OpenFlow13 OpenFlow14 OpenFlow15; do
	group() {
		ovs_ofctl -O $version "$@"
	}
	check "$version: all" group add-group br0 group_id=1,type=all,bucket=output:2,bucket=output:3
	check "$version: select" group add-group br0 \
		group_id=2,type=select,bucket=weight:10,output:2,bucket=weight:20,output:3
	check "$version: fast failover" group add-group br0 \
		group_id=3,type=ff,bucket=watch_port:2,output:2,bucket=watch_port:3,output:3
	check "$version: indirect" group add-group br0 group_id=4,type=indirect,bucket=group:1
	check "$version: they are shown" has 'watch_port:"?(2|p2)' group dump-groups br0
	check "$version: a loop is refused" has LOOP \
		sh -c "$peer/usr/bin/ovs-ofctl -O $version mod-group br0 group_id=1,type=all,bucket=group:4 2>&1 || true"
	check "$version: a rule" group add-flow br0 priority=9,in_port=1,actions=group:4
	check "$version: a packet" receive
	check "$version: is counted" eventually 20 has 'group_id=1,.*packet_count=1.*bucket1:packet_count=1' \
		group dump-group-stats br0
	check "$version: features" has 'Types: +0xf' group dump-group-features br0
	check "$version: a deleted group" group del-groups br0 group_id=4
	check "$version: takes its rule along" not has 'group:4' group dump-flows br0
	check "$version: all go" group del-groups br0
	check "$version: all are gone" not has 'group_id=' group dump-groups br0
done
check "no flow differs from what the rules say" is "" ovs_appctl revalidator/check
for version in OpenFlow10 OpenFlow15; do
	group() {
		ovs_ofctl -O $version "$@"
	}
	check "$version: buckets by number" group add-group br0 \
		group_id=2,type=select,selection_method=dp_hash,bucket=bucket_id:1,weight:10,output:2
	check "$version: one more at the end" group insert-buckets br0 \
		group_id=2,command_bucket_id=last,bucket=bucket_id:7,weight:5,output:3
	check "$version: one taken out" group remove-buckets br0 group_id=2,command_bucket_id=1
	check "$version: leave the other" has 'selection_method=dp_hash,bucket=bucket_id:7' \
		group dump-groups br0
	check "$version: and are gone" group del-groups br0
done
# Stock ovs-ofctl has none of this for the versions between; Nicira's message is for them too.
for version in OpenFlow13 OpenFlow14; do
	check "$version: a method" ofctl -O $version add-group br0 \
		group_id=2,type=select,selection_method=hash,bucket=weight:10,output:2
	check "$version: a bucket" ofctl -O $version insert-buckets br0 \
		group_id=2,command_bucket_id=last,bucket=bucket_id:7,weight:5,output:3
	check "$version: are there" has 'selection_method=hash,bucket=.*bucket_id:7' \
		ovs_ofctl -O OpenFlow15 dump-groups br0
	check "$version: and gone" ofctl -O $version del-groups br0 group_id=2
done
check "a bundle of a group and its rule" bundle "group add group_id=9,type=all,bucket=output:2" \
	"flow add table=4,in_port=1,actions=group:9"
check "a bundle that contradicts itself is refused" not bundle "group delete group_id=9" \
	"flow add table=5,in_port=1,actions=group:9"
check "and the group still there" has 'group_id=9' ovs_ofctl -O OpenFlow14 dump-groups br0
