#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Virtual functions in the database: what is wrong is told on the row. (Real ones need a NIC.)
. tests/system/lib.sh

switch_start
must vsctl add-br br0 -- add-port br0 a -- set Interface a type=internal
check "without any all is well" is_fine a
must vsctl set Interface a other_config:sriov-vfs=2
check "a device that has none says so" eventually 5 advises a 'a has no virtual functions (SR-IOV)'
must vsctl remove Interface a other_config sriov-vfs
check "which ends with the wish" eventually 5 is_fine a
must vsctl set Interface a other_config:sriov-vfs=0X10
check "one in any hexadecimal is acted upon" eventually 5 advises a 'a has no virtual functions (SR-IOV)'
must vsctl remove Interface a other_config sriov-vfs
check "until it goes" eventually 5 is_fine a
told=$(wc -l <"$rundir/vswitchd.log")
must vsctl set Interface a other_config:sriov-vfs=two
check "a number that is none is told" eventually 5 advises a 'sriov-vfs=two'
must vsctl remove Interface a other_config sriov-vfs
must vsctl set Interface a 'other_config:vf-0="vlam=3"'
check "a word that is not known is named with the nearest" eventually 5 advises a 'did you mean vlan'
must vsctl set Interface a 'other_config:vf-0="vlan=3"'
check "a number that was none has led to nothing" not grep -q 'a has no virtual functions.*(SR-IOV)' \
	<(tail -n +"$((told + 1))" "$rundir/vswitchd.log")
check "and a function that is not there" eventually 5 advises a 'a has no virtual function 0'
must vsctl remove Interface a other_config vf-0 \
	-- set Interface a 'other_config:vf="mac=02:00:00:00:00:01"'
check "a port that is none cannot be set up as one" eventually 5 advises a 'virtual function of a NIC'
must vsctl remove Interface a other_config vf
check "in the end all is well" eventually 5 is_fine a
check "keys are described" vsctl describe Interface other_config:sriov-vfs
