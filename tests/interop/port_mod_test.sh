#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Ports that stock ovs-ofctl mod-port tells to send, receive or flood nothing.
. tests/interop/lib.sh

ovs_ofctl() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 "$@"
}

# sent PORT: what leaves there when a packet comes in through p1.
sent() {
	local frame=02000000000202000000000188b5
	ovs_appctl netdev-dummy/receive p1 "${frame}$(printf '%092d' 0)" >/dev/null && appctl dummy/wait
	ovs_appctl dummy/sent p3 >"$rundir/p3"
	ovs_appctl dummy/sent p2 >"$rundir/p2"
	cat "$rundir/$1"
}

switch_start
ovs_vsctl add-br br0 -- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2 \
	-- add-port br0 p3 -- set Interface p3 type=dummy ofport_request=3
check "a rule that floods" ovs_ofctl add-flow br0 in_port=1,actions=flood
check "reaches p2" has 88b5 sent p2
check "no-flood" ovs_ofctl mod-port br0 p2 no-flood
check "is shown" has 'NO_FLOOD' ovs_ofctl show br0
check "leaves p2 out" not has 88b5 sent p2
check "but not p3" has 88b5 sent p3
check "flood" ovs_ofctl mod-port br0 p2 flood
check "reaches p2 again" has 88b5 sent p2
for version in OpenFlow10 OpenFlow13 OpenFlow14 OpenFlow15; do
	check "$version: no-forward" ovs_ofctl -O $version mod-port br0 3 no-forward
	check "$version: sends nothing" not has 88b5 sent p3
	check "$version: forward" ovs_ofctl -O $version mod-port br0 3 forward
	check "$version: sends again" has 88b5 sent p3
done
check "no-receive" ovs_ofctl mod-port br0 p1 no-receive
check "nothing comes in" not has 88b5 sent p2
check "receive" ovs_ofctl mod-port br0 p1 receive
check "down" ovs_ofctl mod-port br0 p2 down
check "is shown as such" has 'PORT_DOWN' ovs_ofctl show br0
check "sends nothing" not has 88b5 sent p2
check "up" ovs_ofctl mod-port br0 p2 up
check "sends again" has 88b5 sent p2
check "no flow differs from what the rules say" is "" ovs_appctl revalidator/check
/usr/bin/python3 tests/interop/port.py "$rundir" || failures=$((failures + 1))
