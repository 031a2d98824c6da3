#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bundles: all of a file at once by stock ovs-ofctl, or nothing of it; everything that may be in one.
. tests/interop/lib.sh

ovs_ofctl() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 "$@"
}

count() {
	ovs_ofctl -O "$1" dump-aggregate br0 "$2"
}

rules() {
	for i in $(seq 1 300); do
		echo "table=3,priority=$i,in_port=1,actions=output:2"
	done
}

switch_start
ovs_vsctl add-br br0 -- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2 \
	-- add-port br0 p3 -- set Interface p3 type=dummy ofport_request=3
# Nothing may come in but what is sent.
ip link set br0 down 2>/dev/null
rules >"$rundir/rules"
for version in OpenFlow14 OpenFlow15; do
	check "$version: the switch says that it can" has 'BUNDLES FLOW_MONITORING' \
		ovs_ofctl -O $version show br0
done
for version in OpenFlow13 OpenFlow14 OpenFlow15; do
	check "$version: a bundle of 300 rules" \
		ovs_ofctl -O $version --bundle add-flows br0 "$rundir/rules"
	check "$version: is there" has 'flow_count=300' count $version table=3
	printf '%s\n' "delete table=3" "add table=4,in_port=1,actions=2" \
		"add table=4,in_port=2,actions=group:77" >"$rundir/bad"
	check "$version: a bundle with a bad rule is refused" \
		not ovs_ofctl -O $version --bundle add-flows br0 "$rundir/bad"
	check "$version: and nothing of it was done" has 'flow_count=300' count $version table=3
	check "$version: nor added" has 'flow_count=0' count $version table=4
	check "$version: replace-flows" \
		ovs_ofctl -O $version --bundle replace-flows br0 "$rundir/rules"
	check "$version: del-flows" ovs_ofctl -O $version --bundle del-flows br0 table=3
	check "$version: all are gone" has 'flow_count=0' count $version table=3
done
for version in 13 14 15; do
	/usr/bin/python3 tests/interop/bundle.py "$rundir" $version
	failures=$((failures + $?))
done
check "no flow differs from what the rules say" is "" ovs_appctl revalidator/check
