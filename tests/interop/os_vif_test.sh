#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What OpenStack's os-vif does when an instance starts, is retried, and stops: over TCP, by way of
# python3-openvswitch, on a connection that Neutron asks for with ovs-vsctl.
. tests/interop/lib.sh

switch_start
devices+=(tap7d1a0f4b-3c)
must ip tuntap add tap7d1a0f4b-3c mode tap
must ip link set tap7d1a0f4b-3c up

check "no connection is there before it is asked for" \
	not ovs_vsctl --db=tcp:127.0.0.1:6640 list-br
check "Neutron asks for one" ovs_vsctl set-manager ptcp:6640:127.0.0.1
check "and it comes" eventually 10 ovs_vsctl --db=tcp:127.0.0.1:6640 list-br
check "os-vif plugs and unplugs" timeout 100 /usr/bin/python3 tests/interop/os_vif.py \
	tcp:127.0.0.1:6640 "$rundir" tap7d1a0f4b-3c
check "only the bridge is left" is "br-int" ovs_vsctl --columns=name --bare list Port
check "the instance's device stays, as it is libvirt's" ip link show tap7d1a0f4b-3c
check "the Manager row tells where it listens" has 'bound_port="6640"' \
	ovs_vsctl --columns=status list Manager
