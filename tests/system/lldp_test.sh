# SPDX-License-Identifier: Apache-2.0
# LLDP: who is at the other end of a link, and what strangers may say.
. "$(dirname "$0")/lib.sh"

switch_start
must ip link add lx type veth peer name ly
must ip link add lz type veth peer name stranger
for device in lx ly lz stranger; do
	must ip link set $device up
done
check "nobody speaks LLDP unasked" eval 'appctl lldp/show | grep -q "No port speaks LLDP"'
must vsctl add-br left -- add-port left lx -- set interface lx type=system lldp:enable=true
must vsctl add-br right -- add-port right ly -- set interface ly type=system lldp:enable=true \
	-- add-port right lz -- set interface lz type=system

neighbor() {
	[ "$(vsctl get interface "$1" status:neighbor_port)" = "$2" ]
}
check "both ends know each other's port" eventually 20 eval 'neighbor lx ly && neighbor ly lx'
check "and system" eval '[ "$(vsctl get interface lx status:neighbor)" = "$(hostname)" ]'
check "vsctl show names them" eval "vsctl show | grep -q 'linked to $(hostname) port ly'"
check "lldp/show tells more" eval 'appctl lldp/show left | grep -q "port-description  *port ly of bridge right"'
check "as JSON too" eval 'appctl -j lldp/show left | grep -q "\"port\": *\"ly\""'
must vsctl remove interface ly lldp enable
check "who stops is forgotten at once" eventually 10 eval 'appctl lldp/show left | grep -q "nobody heard"'
must vsctl set interface ly lldp:enable=true
check "who begins need not wait to be told" eventually 20 neighbor ly lx
must vsctl remove interface ly lldp enable

# say TTL NAME…: a stranger on the port lz, which listens only when asked.
say() {
	python3 - "$@" <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind(("stranger", 0))
		tlv = lambda kind, value: bytes([kind << 1 | len(value) >> 8, len(value) & 255]) + value
		for name in sys.argv[2:]:
		    s.send(bytes.fromhex("0180c200000e020000000099" "88cc") + tlv(1, b"\7" + name.encode())
		           + tlv(2, b"\7eth9") + tlv(3, int(sys.argv[1]).to_bytes(2, "big"))
		           + tlv(5, b"evil\x1b[2J") + tlv(0, b""))
		s.send(bytes.fromhex("0180c200000e020000000099" "88cc" "02ff"))
	END
}
must say 100 deaf
check "a port that was not asked listens to nobody" eval '! appctl lldp/show right | grep -q deaf'
must vsctl set interface lz lldp:enable=true
heard() {
	say "$@" && appctl lldp/show right | grep -q "chassis  *$2"
}
check "strangers are heard" eventually 10 heard 100 nosy
check "but their words do nothing to a terminal" \
	eval 'appctl lldp/show right | grep -q "system  *evil?\[2J"'
check "nonsense is counted" eval 'appctl lldp/show right | grep -q "[1-9][0-9]* errors"'
must say 100 n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 n11
check "a crowd is remembered in part" \
	eventually 5 eval '[ "$(appctl lldp/show right | grep -c chassis)" = 8 ]'
check "packets of other protocols are not touched" eval '! appctl drops/show | grep -q lldp'
