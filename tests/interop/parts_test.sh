#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Long answers to controllers are made in parts.
. tests/interop/lib.sh

switch_start
vsctl add-br br0 -- set bridge br0 fail_mode=secure \
	-- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2
/usr/bin/python3 tests/interop/parts.py "$rundir" || failures=$((failures + 1))
check "the switch works on" ovs_appctl ofproto/list
