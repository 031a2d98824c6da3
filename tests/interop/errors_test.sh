#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The errors of OpenFlow 1.0, 1.3, 1.4 and 1.5, table by table.
. tests/interop/lib.sh

switch_start
vsctl add-br br0 -- set bridge br0 fail_mode=secure \
	-- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2 \
	-- add-port br0 p3 -- set Interface p3 type=dummy ofport_request=3
/usr/bin/python3 tests/interop/errors.py "$rundir" ofproto/wire/desc/errors.of
failures=$((failures + $?))
