#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A port that must share DPDK's memory with its other end, beside others that have taken most of what
# there was at the start: without hugepages it cannot share what was added. It works, or says why not.
. tests/system/lib.sh

switch_options=(--no-hugepages)
switch_start
must vsctl add-br br0 -- add-port br0 card -- set Interface card type=dpdk \
	"options:dpdk-devargs=\"net_tap_card,iface=vu\""
must vsctl add-port br0 back -- set Interface back type=dpdkvhostuser
vsctl add-port br0 front -- set Interface front type=dpdk \
	"options:dpdk-devargs=\"net_virtio_user0,path=$rundir/back,queues=1\"" 2>/dev/null
works() {
	vsctl get Interface back status | grep -q "driver is ready"
}
says_why() {
	vsctl get Interface front error | grep -q "virtio-user shares all memory"
}
check "the port works, or says why not" eventually 10 eval "works || says_why"
check "others are not concerned" is_fine card
must vsctl del-port br0 front
check "nor by its end" is_fine card
