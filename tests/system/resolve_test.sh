#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Controllers and managers by name: looked up as the host's /etc says, which here is the test's own.
[ -n "${RESOLVE_APART:-}" ] || RESOLVE_APART=1 exec unshare --mount --propagation private "$0" "$@"
. tests/system/lib.sh

# Without a name server; what else programs want of /etc stays.
must cp -a /etc "$rundir/etc"
rm -f "$rundir/etc/resolv.conf"
echo multi on >"$rundir/etc/host.conf"
cat >"$rundir/etc/hosts" <<'END'
127.0.0.1 localhost controller.example
127.0.0.9 two.example
127.0.0.1 two.example
END
must mount --bind "$rundir/etc" /etc
must test ! -e /etc/resolv.conf

# told CONTROLLER-OR-MANAGER PATTERN: what its row says of the last error.
told() {
	vsctl --bare --columns=status list "$1" | grep -q -- "$2"
}

connected() {
	vsctl --bare --columns=target,is_connected list controller | tr '\n' ' ' |
		grep -q "tcp:$1:26771 true"
}

switch_start
vsctl add-br br0 -- set-controller br0 ptcp:26771:127.0.0.1 -- add-br br1 -- add-br br2
check "a controller by name" vsctl set-controller br1 tcp:controller.example:26771
check "is called" eventually 10 connected controller.example
check "one whose name has two addresses" vsctl set-controller br1 tcp:two.example:26771
check "is called where it answers" eventually 10 connected two.example
check "a name that nobody knows" vsctl set-controller br1 tcp:nowhere.example:26771 \
	-- set controller br1 max_backoff=1000
check "is told, and what to do" eventually 10 told controller \
	'no address is known for nowhere.example: /etc/resolv.conf cannot be read.*/etc/hosts'
check "others work meanwhile" vsctl set-controller br2 tcp:controller.example:26771
check "as ever" eventually 10 connected controller.example
echo 127.0.0.1 nowhere.example >>/etc/hosts
check "names are looked up again" eventually 15 connected nowhere.example
check "ofctl finds a switch by name" ofctl show tcp:controller.example:26771
check "and tries each of its addresses" ofctl show tcp:two.example:26771
check "or says what is wrong with the name" is_told 'no address is known for nobody.example: ' \
	ofctl show tcp:nobody.example:26771
check "or that nobody is there" is_told 'controller.example:26773: Connection refused' \
	ofctl show tcp:controller.example:26773
check "a manager that listens" vsctl set-manager ptcp:26774:127.0.0.1
check "is found by name" eventually 10 appctl -t tcp:controller.example:26774 list_dbs
check "a manager by name" vsctl set-manager tcp:nobody.example:26772
check "whom nobody knows" eventually 10 told manager 'no address is known for nobody.example'
check "what is neither a name nor an address" vsctl set-controller br1 tcp:300.1.1.1
check "is told" eventually 10 told controller '"300.1.1.1" is not an IP address'
