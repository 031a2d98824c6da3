#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two hosts on one bridge: the first thing anybody tries.
. tests/system/lib.sh

switch_start
must vsctl add-br br0 \
	-- add-port br0 a -- set Interface a type=internal \
	-- add-port br0 b -- set Interface b type=tap
host a 192.0.2.1/24
host b 192.0.2.2/24

check "hosts on an internal and a tap port ping each other" hears a 192.0.2.2
check "and the other way round" hears b 192.0.2.1
check "IPv6 works as well" eventually 5 on a ping -6 -c 1 -W 1 ff02::1%a
check "large packets pass" on a ping -c 1 -W "$patience" -s 1472 -M do 192.0.2.2

shows_counts() {
	vsctl show | grep -A2 'Interface a$' | grep -qE 'rx [1-9][0-9]* packets'
}
check "vsctl show tells it at once" shows_counts

mac_known() {
	appctl fdb/show br0 | grep -q "$(on b cat /sys/class/net/b/address)"
}
check "the MAC table knows the host" mac_known

flow_counted() {
	appctl dpctl/dump-flows | grep -qE 'packets:[1-9]'
}
check "flows count packets" flow_counted

# The switch's own device is down: what was flooded to it was not sent.
nothing_sent() {
	[ "$(vsctl get Interface br0 statistics:tx_packets statistics:tx_bytes | tr '\n' ' ')" = "0 0 " ] &&
		[ "$(vsctl get Interface br0 statistics:tx_dropped)" != 0 ]
}
shows_no_errors() {
	[ "$(vsctl get Interface br0 statistics:tx_errors)" = 0 ] && ! vsctl show | grep " errors"
}
check "what a device refuses does not count as sent" eventually 10 nothing_sent
check "nor as an error, while it is down" shows_no_errors
check "but is told of" eval 'vsctl drops | grep -q "br0 .*device_down"'

# The switch's own device: LOCAL is a host as well.
must ip addr add 192.0.2.254/24 dev br0
must ip link set br0 up
check "the host reaches the bridge's own device" eventually 5 hears a 192.0.2.254

check "TCP flows (iperf3)" carries a b 192.0.2.2
check "UDP flows (iperf3)" carries a b 192.0.2.2 -u -b 20M -n 2M
