#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A bridge that asks which multicast groups are wanted, and hosts that say too much.
. tests/system/lib.sh

# queries_from HOST FILTER: such a query comes within some seconds.
queries_from() {
	on "$1" timeout 4 tcpdump -p -n -i "$1" -c 1 -Q in "$2" >/dev/null 2>&1
}

groups() {
	appctl mdb/show br0 | grep -c '239\.2\.'
}

igmp='igmp[0] == 0x11 and src host 192.0.2.100'
mld='ip6[6] == 0 and ip6[48] == 130' # behind the router alert

switch_start
must vsctl add-br br0 -- set Bridge br0 mcast_snooping_enable=true \
	other_config:mcast-querier=true other_config:mcast-querier-interval=1 \
	other_config:mcast-querier-address=192.0.2.100
for name in a b; do
	must vsctl add-port br0 $name -- set Interface $name type=internal
done
host a 192.0.2.1/24
host b 192.0.2.2/24
check "the bridge asks in IGMP" eventually 10 queries_from a "$igmp"
check "and in MLD" eventually 10 queries_from a "$mld"

router="
from scapy.all import *
from scapy.contrib.igmp import IGMP
sendp(Ether(dst='01:00:5e:00:00:01') / IP(src='192.0.2.99', dst='224.0.0.1', ttl=1) /
      IGMP(type=0x11), iface='b', inter=0.3, count=400)
"
on b /usr/bin/python3 -c "$router" >/dev/null 2>&1 &
router_pid=$!
check "a router is noticed" eventually 10 sh -c "appctl mdb/show br0 | grep -q querier"
check "to which the bridge leaves the asking in IGMP" eventually 20 not queries_from a "$igmp"
check "while it goes on asking in MLD" eventually 10 queries_from a "$mld"
kill $router_pid

flood="
import socket, struct, time
start = time.monotonic()
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('b', 0))
head = bytes.fromhex('01005e020000' + '020000000002' + '0800')
def total(data):
    t = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while t >> 16:
        t = (t & 0xffff) + (t >> 16)
    return struct.pack('!H', ~t & 0xffff)
for n in range(5000):
    group = bytes([239, 2, n >> 8, n & 255])
    igmp = b'\x16\x00\x00\x00' + group
    igmp = igmp[:2] + total(igmp) + group
    ip = struct.pack('!BBHHHBBH', 0x45, 0, 28, 0, 0, 1, 2, 0) + bytes([192, 0, 2, 2]) + group
    ip = ip[:10] + total(ip) + ip[12:]
    s.send(head + ip + igmp + bytes(18))
print(int(time.monotonic() - start) + 1)
"
must vsctl set Bridge br0 other_config:mcast-snooping-table-size=8192
took=$(on b /usr/bin/python3 -c "$flood")
check "some of a flood of reports are heard" eventually 10 eval '[ "$(groups)" -gt 10 ]'
# Each port is listened to 500 times a second, and 500 times at once.
check "but not all: others have something to say, too" test "$(groups)" -le $((500 + 600 * took))
echo "# $(groups) of 5000 in $took s"
check "as has the host behind another port" eventually 10 sh -c \
	"ip netns exec ws-a ip addr add 239.3.3.3/32 dev a autojoin 2>/dev/null;
	appctl mdb/show br0 | grep -q 239.3.3.3"
