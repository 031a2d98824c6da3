#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Access ports keep VLANs apart; a change takes effect on running traffic.
. tests/system/lib.sh

switch_start
must vsctl add-br br0 \
	-- add-port br0 a tag=10 -- set Interface a type=internal \
	-- add-port br0 b tag=10 -- set Interface b type=internal \
	-- add-port br0 c tag=20 -- set Interface c type=internal
host a 192.0.2.1/24
host b 192.0.2.2/24
host c 192.0.2.3/24

check "hosts of one VLAN hear each other" hears a 192.0.2.2
check "hosts of two VLANs do not" not hears a 192.0.2.3

must vsctl set Port c tag=10
check "a port moved into the VLAN is heard" eventually 5 hears a 192.0.2.3
must vsctl set Port b tag=20
check "a port moved out of it is not" not hears a 192.0.2.2
must vsctl clear Port b tag
check "a trunk port does not get the VLAN untagged" not hears a 192.0.2.2
