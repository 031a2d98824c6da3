#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Large packets and what senders leave to devices: jumbo frames, chains of buffers, checksums, TCP to
# be cut. Whoever receives checks every checksum.
. tests/system/lib.sh

dd if=/dev/urandom of="$rundir/sent" bs=1M count=8 status=none

# sends FROM TO ADDRESS: 8 MB by TCP arrive as they were sent.
sends() {
	local from=$1 to=$2 address=$3 server
	rm -f "$rundir/got"
	on "$to" timeout $((60 * patience)) /usr/bin/python3 -c "
import socket
with socket.create_server(('$address', 5001)) as listener, open('$rundir/got', 'wb') as out:
    peer, _ = listener.accept()
    while data := peer.recv(1 << 16):
        out.write(data)
" &
	server=$!
	on "$from" timeout 20 /usr/bin/python3 -c "
import socket, time
for tries in range(100):
    try:
        peer = socket.create_connection(('$address', 5001), 5)
        break
    except OSError:
        time.sleep(0.1)
with open('$rundir/sent', 'rb') as f:
    peer.sendall(f.read())
" || { kill $server; return 1; }
	wait $server && cmp "$rundir/sent" "$rundir/got"
}
no_bad_sums() {
	[ "$(on "$1" cat /proc/net/snmp | awk '$1 == "Tcp:" { n = $NF } END { print n }')" = 0 ]
}
biggest_packet() {
	on "$1" cat "/sys/class/net/$2/statistics/rx_bytes" "/sys/class/net/$2/statistics/rx_packets" |
		xargs | awk '{ print int($1 / $2) }'
}

# Virtio shares its memory with the back end piece by piece, and huge pages would be too many.
switch_options=(--no-hugepages)
switch_start
must vsctl add-br br0
for name in oa ob oc; do
	must vsctl add-port br0 $name -- set Interface $name type=internal mtu_request=9000
done
host oa 192.0.2.1/24
host ob 192.0.2.2/24
must on oa ip link set oa mtu 9000
must on ob ip link set ob mtu 9000

check "frames of 9,000 bytes pass" on oa ping -c 3 -i 0.2 -W "$patience" -M do -s 8972 192.0.2.2
check "TCP that is left to be cut passes uncut" sends oa ob 192.0.2.2
check "as large packets" [ "$(biggest_packet ob ob)" -gt 9000 ]
check "no checksum was wrong" no_bad_sums ob

# Behind an MPLS label nobody but the switch finds what is left to be done.
must ip link add la mtu 9100 type veth peer name lb mtu 9100
devices+=(la)
must ip link set la up
must ip link set lb up
must vsctl add-port br0 la -- set Interface la mtu_request=9100
must vsctl add-port br0 lb -- set Interface lb mtu_request=9100
must ofctl del-flows br0
for way in "oa la lb ob" "ob lb la oa"; do
	read -r from into out to <<<"$way"
	must ofctl add-flow br0 "in_port=$from,arp,actions=output:$to"
	must ofctl add-flow br0 "in_port=$from,ip,actions=push_mpls:0x8847,output:$into"
	must ofctl add-flow br0 "in_port=$out,mpls,actions=pop_mpls:0x0800,output:$to"
done
check "TCP that is left to be cut passes behind a label" sends oa ob 192.0.2.2
check "with checksums that are right" no_bad_sums ob
must vsctl del-port br0 la -- del-port br0 lb

# A card that DPDK drives: virtio, whose back end is a port of ours. It hands out chains of buffers.
must vsctl add-port br0 back -- set Interface back type=dpdkvhostuser ofport_request=13 mtu_request=9000
must vsctl add-port br0 card -- set Interface card type=dpdk ofport_request=14 \
	"options:dpdk-devargs=\"net_virtio_user0,path=$rundir/back,queues=1\"" mtu_request=9000
must vsctl set Interface oa ofport_request=11 -- set Interface ob ofport_request=12
must ofctl del-flows br0
for rule in in_port=oa,actions=13 in_port=card,actions=output:ob in_port=ob,actions=14 \
	in_port=back,actions=output:oa; do
	must ofctl add-flow br0 "$rule"
done
check "through a guest's ring and back frames of 9,000 bytes pass" \
	eventually 10 on oa ping -c 2 -i 0.2 -W 1 -M do -s 8972 192.0.2.2
check "and TCP" sends oa ob 192.0.2.2
check "and the other way" sends ob oa 192.0.2.1
check "with checksums that are right" no_bad_sums oa
must vsctl del-port br0 card
must vsctl del-port br0 back

# AF_XDP can do none of this: the switch makes checksums and cuts TCP itself.
must ip link add oxa type veth peer name oxb
devices+=(oxa)
must ip link set oxa up
# What leaves this side has whole checksums: nobody behind AF_XDP would hear that they are not.
must /usr/bin/python3 -c "
import array, fcntl, socket, struct
value = array.array('B', struct.pack('II', 0x17, 0))  # ETHTOOL_STXCSUM
request = struct.pack('16sP', b'oxb', value.buffer_info()[0])
fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8946, request)
"
must vsctl add-port br0 xdp -- set Interface xdp type=dpdk \
	"options:dpdk-devargs=\"net_af_xdp0,iface=oxa\""
if [ "$(vsctl get Interface xdp error)" != "[]" ]; then
	echo "ok - $topic: AF_XDP # SKIP $(vsctl get Interface xdp error)"
	exit
fi
must ofctl del-flows br0
must ofctl add-flow br0 actions=NORMAL
host oc 198.51.100.1/24
host oxb 198.51.100.2/24
must on oc ip link set oc mtu 1500
check "a device by AF_XDP is a port" eventually 10 hears oc 198.51.100.2
check "it gets TCP in segments that it can send" sends oc oxb 198.51.100.2
check "of 1,500 bytes" [ "$(biggest_packet oxb oxb)" -lt 1515 ]
check "whose checksums are right" no_bad_sums oxb
check "what it sends arrives" sends oxb oc 198.51.100.1
