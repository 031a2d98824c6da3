#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Capture ports: frames of a file arrive, what is sent is written to another.
. tests/system/lib.sh

# capture FILE N SIZE [SWAPPED]: N UDP frames, numbered in their source addresses.
capture() {
	/usr/bin/python3 - "$@" <<'END'
import struct, sys
path, n, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
order = ">" if len(sys.argv) > 4 else "<"
with open(path, "wb") as f:
    f.write(struct.pack(order + "IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i in range(n):
        frame = bytes.fromhex("0200000000020200000000010800") + struct.pack(
            "!BBHHHBBH4s4s", 0x45, 0, size - 14, 0, 0, 64, 17, 0, struct.pack("!I", i), bytes(4))
        frame = frame.ljust(size, b"\0")
        f.write(struct.pack(order + "IIII", i, 0, len(frame), len(frame)) + frame)
END
}
# frames FILE N: the longest run of frames in order and whole, of which N come again and again.
frames() {
	/usr/bin/python3 - "$@" <<'END'
import struct, sys
data = open(sys.argv[1], "rb").read()
assert data[:4] == struct.pack("<I", 0xa1b23c4d)
at, run, longest, last = 24, 0, 0, -1
while at + 16 + 30 <= len(data):
    seconds, ns, length, total = struct.unpack_from("<IIII", data, at)
    number = struct.unpack_from("!I", data, at + 16 + 26)[0]
    assert length == total and ns < 1000000000
    run = run + 1 if number == (last + 1) % int(sys.argv[2]) else 1
    at, last, longest = at + 16 + length, number, max(run, longest)
print(longest)
END
}
written() {
	[ "$(frames "$rundir/out.pcap" "$1" 2>/dev/null)" -ge "$1" ]
}
error_of() {
	vsctl get Interface "$1" error | grep -q -- "$2"
}

capture "$rundir/in.pcap" 500 60
capture "$rundir/jumbo.pcap" 20 9000 swapped
switch_start
must vsctl add-br br0 -- add-port br0 out -- set Interface out type=pcap \
	options:write-file="$rundir/out.pcap" ofport_request=2
must ofctl add-flow br0 priority=65535,actions=output:2
must vsctl add-port br0 in -- set Interface in type=pcap \
	options:read-file="$rundir/in.pcap" options:rate=2000 options:repeat=true
check "what is in a file goes through the switch into another" eventually 20 written 500
check "as often as the counters say" \
	eval "vsctl get Interface in status | grep -q 'frames=\"500\"'"
must vsctl set Interface in options:read-file="$rundir/jumbo.pcap"
check "a file with long frames, of the other byte order" eventually 20 written 20
must vsctl set Interface out options:max-size=1
check "the file written has a limit" eventually 10 eval \
	"appctl -j drops/show out | grep -q not_written && [ \$(stat -c %s $rundir/out.pcap) -le 1048576 ]"
says_limit() {
	appctl -j drops/show out | grep -q '"packets"'
}
check "and what is lost is counted" eventually 10 says_limit
must vsctl del-port br0 in

echo nonsense >"$rundir/nonsense.pcap"
must vsctl --no-wait add-port br0 in -- set Interface in type=pcap \
	options:read-file="$rundir/nonsense.pcap"
check "a file that is none is refused" eventually 10 error_of in "not a capture"
must vsctl --no-wait set Interface in options:read-file="$rundir/none.pcap"
check "and one that is not there" eventually 10 error_of in "No such file"
must vsctl --no-wait del-port br0 out
must vsctl --no-wait add-port br0 out -- set Interface out type=pcap options:write-file=/nowhere/x
check "and one that cannot be written" eventually 10 error_of out "cannot write /nowhere/x"
check "the switch runs on" appctl version
