#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Capturing: packets at a port, into files that tcpdump reads, and those that die.
. tests/system/lib.sh

file=$rundir/packets

# capture NAME OPTION…: starts one that writes $file.NAME, and waits until it sees packets.
capture() {
	local name=$1
	shift
	timeout 60 "$build/utilities/vsctl" capture "$@" -w "$file.$name" 2>"$file.$name.said" &
	capturing=$!
	must eventually 10 is_capturing
}
is_capturing() {
	appctl -j capture/show | grep -q '"packets"'
}
is_over() {
	! is_capturing
}
# ended NAME: it has said how many packets there were.
ended() {
	eventually 20 grep -q "packets captured" "$file.$1.said"
}
# dump NAME [FILTER]: its packets, one to a line.
dump() {
	local name=$1
	shift
	tcpdump -n -e -r "$file.$name" "$@" 2>/dev/null
}
count() {
	dump "$@" | wc -l
}
# comments FILE: names of interfaces, directions and comments that it has.
comments() {
	/usr/bin/python3 - "$1" <<'END'
import struct, sys
data, at = open(sys.argv[1], "rb").read(), 0
skip = {1: 16, 6: 28, 5: 20, 0x0a0d0d0a: 24}
while at < len(data):
    kind, size = struct.unpack_from("<II", data, at)
    assert size % 4 == 0 and struct.unpack_from("<I", data, at + size - 4)[0] == size
    option = at + skip[kind]
    if kind == 6:
        option += (struct.unpack_from("<I", data, at + 20)[0] + 3) // 4 * 4
    words = []
    while option < at + size - 4:
        code, n = struct.unpack_from("<HH", data, option)
        if code == 0:
            break
        value = data[option + 4:option + 4 + n]
        words.append(f"{code}={int.from_bytes(value, 'little') if n in (1, 4, 8) and kind != 1 else value.decode(errors='replace')}")
        option += 4 + (n + 3) // 4 * 4
    print(kind, *words)
    at += size
END
}

switch_start
must vsctl add-br br0 -- add-port br0 h1 -- set interface h1 type=internal \
	-- add-port br0 h2 -- set interface h2 type=internal
host h1 10.9.0.1/24
host h2 10.9.0.2/24
check "hosts hear each other" eventually 10 hears h1 10.9.0.2

capture both h1 --count=6 --filter=icmp
on h1 ping -c 3 -i 0.2 -W 5 10.9.0.2 >/dev/null
check "a capture ends when it has so many packets" ended both
check "and has them" [ "$(count both)" = 6 ]
check "from both sides" eval '[ "$(dump both | grep -c "echo request")" = 3 ]'
check "with their directions" eval \
	'[ "$(comments "$file.both" | grep -c "^6 2=1")" = 3 ] && [ "$(comments "$file.both" | grep -c "^6 2=2")" = 3 ]'
check "and the port's name" eval 'comments "$file.both" | grep -q "^1 2=h1"'
check "it tells how many there were" grep -q "6 packets captured, 0 lost" "$file.both.said"

capture rx h1 --direction=rx --filter=icmp --snaplen=60
on h1 ping -c 3 -i 0.2 -W 5 -s 600 10.9.0.2 >/dev/null
has_seen() {
	[ "$(appctl -j capture/show | grep -o '"packets": *[0-9]*' | grep -o '[0-9]*$')" -ge "$1" ]
}
check "a capture without an end sees packets" eventually 10 has_seen 3
kill -INT $capturing
check "and ends when it is told to" ended rx
check "one direction is one direction" eval \
	'[ "$(dump rx | grep -c "echo request")" = 3 ] && [ "$(count rx)" = 3 ]'
check "packets are cut, and their length told" eval \
	'dump rx | grep -q "length 642"'
check "and so is the file" eval '[ "$(stat -c %s "$file.rx")" -lt 1000 ]'
check "nothing of it is left in the switch" eventually 10 is_over

must ofctl add-flow br0 "priority=1000,udp,actions=drop"
send() {
	on h1 /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(int(sys.argv[1])):
    s.sendto(b"lost %d" % i, ("10.9.0.2", 4242))' "$1"
}
# Hosts say things of their own, too, which die as well.
capture dead --dropped --filter=udp --count=2
send 2
check "what dies can be captured" ended dead
check "each with its reason and port" eval \
	'[ "$(comments "$file.dead" | grep -c "^6 1=dropped at h1: no_output\|^6 1=dropped at h1: [a-z_]* (")" = 2 ]'
reason=$(comments "$file.dead" | grep -o 'h1: [a-z_]*' | head -1 | cut -d' ' -f2)
capture reason h1 --dropped="$reason" --filter=udp --count=1
send 1
check "one reason at one port, too" ended reason
check "which is a packet of its own" eval 'dump reason | grep -q "10.9.0.2.4242"'
check "the last that died are kept" eval \
	'appctl drops/last h1 "$reason" | grep -q "udp(.*dst=4242"'
check "for vsctl, in JSON as well" eval \
	'vsctl --format=json drops h1 | grep -q "\"reason\": \"$reason\""'
check "those of other ports are not shown" eval '! vsctl drops h2 | grep -q "dst=4242"'

# What devices do not take, which is known last of all.
keeps() {
	send 1
	vsctl drops "$1" "$2" | grep -q "dst=4242"
}
must ofctl add-flow br0 "priority=1000,udp,actions=output:h2"
must ip -n ws-h2 link set h2 down
check "nor what a device that is down did not take is lost" eventually 10 keeps h2 device_down
check "with its headers, not with a port that it has not" eval \
	'vsctl drops h2 | grep "dst=4242" >"$file.kept"; grep -q " eth(src=" "$file.kept" && ! grep "in_port" "$file.kept"'
capture down --dropped=device_down --filter=udp --count=1
send 1
check "it can be captured by its reason" ended down
check "which is one packet, and nothing else" eval \
	'[ "$(count down)" = 1 ] && dump down | grep -q "10.9.0.2.4242"'
check "with the port that did not take it" eval \
	'[ "$(comments "$file.down" | grep -c "^6 1=dropped at h2: device_down")" = 1 ]'
must ip -n ws-h2 link set h2 up
must vsctl add-port br0 guest -- set Interface guest type=dpdkvhostuserclient \
	options:vhost-server-path="$rundir/nobody"
must ofctl add-flow br0 "priority=1000,udp,actions=output:guest"
check "what a guest that is not there would have got is kept" eventually 10 keeps guest no_guest
must vsctl del-port guest
must ofctl add-flow br0 "priority=1000,udp,actions=drop"

(until [ -e "$file.enough" ]; do send 1; sleep 0.2; done) &
check "without a file packets are shown in words" eval \
	'timeout 20 "$build/utilities/vsctl" capture h1 --direction=rx --filter=udp --count=1 2>/dev/null | grep -q "h1 rx .* bytes: eth(.*udp(.*dst=4242"'
touch "$file.enough"
(on h1 ping -i 0.1 10.9.0.2 >/dev/null) &
check "a pipe into tcpdump works" eval \
	'timeout 30 "$build/utilities/vsctl" capture any --filter=icmp -w - 2>/dev/null | timeout 20 tcpdump -n -r - -c 5 2>/dev/null | grep -q "echo re"'
ip netns pids ws-h1 | xargs -r kill 2>/dev/null
check "and ends with its reader" eventually 10 is_over

says() {
	local words=$1
	shift
	"$@" 2>&1 | grep -q -- "$words"
}
check "a port that is none is refused" says "no port named 'h9'" vsctl capture h9
check "in one line" eval '[ "$(timeout 10 vsctl capture h9 2>&1 | wc -l)" = 1 ]'
# Whoever reads what the switch would write has hardly begun when it says no.
core=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//') # one that we may use
refused_often() {
	local i
	for ((i = 0; i < 20; i++)); do
		is_told "no port named 'h9'" taskset -c "$core" "$build/utilities/vsctl" capture h9 || return
	done
}
check "and each time" refused_often
check "a reason, too, with the nearest" says "no drop reason 'no_outpu" vsctl capture --dropped=no_outpu
check "an option, too" says "did you mean --filter" vsctl capture h1 --filte=ip
check "and a filter" says "in_port says nothing here" vsctl capture h1 --filter=in_port=1
must vsctl add-port br0 p1 -- set interface p1 type=patch options:peer=p2
check "a patch port has no packets of its own" says "no port named 'p1' with packets" vsctl capture p1

# A reader takes nothing until the switch is gone; a pipe holds 64 kB, which is 43 of these packets. The last
# ones may not have been written when it is killed.
(timeout 60 "$build/utilities/vsctl" capture h1 --direction=rx --filter=icmp -w - 2>"$file.killed.said" |
	{ eventually 20 test -e "$file.gone" && cat; } >"$file.killed") &
capturing=$!
must eventually 10 is_capturing
on h1 ping -q -c 100 -i 0.01 -s 1400 10.9.0.2 >/dev/null
check "a slow reader leaves much to be read" eventually 10 has_seen 100
switch_stop KILL
sleep 1
touch "$file.gone"
wait $capturing
check "what a switch wrote before it was killed is there" [ "$(count killed)" -ge 70 ]
check "and it is said that it is gone" grep -q "^vsctl: " "$file.killed.said"
switch_start

capture last h1
must vsctl del-port br0 h1
check "its port may go" appctl version
appctl exit
check "a capture ends with the switch" eventually 20 grep -q . "$file.last.said"
