#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# OVS's own userspace switch does with packets what the trace tests say that weir does; those marked
# 'own' are where it does not, and why is said there.
. tests/interop/lib.sh

for file in normal vlan change vlan_table vlan_table2 vlan_patch vlan_settings mac_table bridge_mac mirror mcast; do
	check "OVS agrees about $file" tests/trace/run --peer "$peer" "tests/trace/$file.test"
done
