#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Stock ovs-appctl finds the daemon by its pid file and runs its commands.
. tests/interop/lib.sh

switch_start
must ovs_vsctl add-br br0 -- add-port br0 p1 -- set Interface p1 type=dummy
check "version" has . ovs_appctl version
check "list-commands" has 'fdb/show' ovs_appctl list-commands
check "by the name of the target" has . ovs_appctl -t ovs-vswitchd version
check "by the path of the socket" has . \
	ovs_appctl -t "$rundir/vswitchd.$(switch_pid).ctl" version
check "fdb/show has OVS's columns" has 'port +VLAN +MAC +Age' ovs_appctl fdb/show br0
check "vlog/set and vlog/list" ovs_appctl vlog/set ANY:console:dbg
check "memory/show" has . ovs_appctl memory/show
check "an unknown command fails" not ovs_appctl no/such-command
check "arguments are counted" not ovs_appctl fdb/show br0 x y
check "dpctl/dump-flows" ovs_appctl dpctl/dump-flows
check "exit" ovs_appctl exit
check "and it is gone" eventually 10 test ! -e "$rundir/vswitchd.pid"
