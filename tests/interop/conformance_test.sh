#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What conformance suites for OpenFlow 1.0, 1.3, 1.4 and 1.5 try, with packets.
. tests/interop/lib.sh

switch_start
vsctl add-br br0 -- set bridge br0 fail_mode=secure \
	-- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2 \
	-- add-port br0 p3 -- set Interface p3 type=dummy ofport_request=3
# Nothing may come in but what the cases send.
ip link set br0 down 2>/dev/null
for version in 10 13 14 15; do
	/usr/bin/python3 tests/interop/conformance.py "$rundir" $version 2>&1 | grep -v 'No route found'
	failures=$((failures + PIPESTATUS[0]))
done
check "no flow differs from what the rules say" is "" ovs_appctl revalidator/check
