#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A port that floods new flows leaves other ports their share of what there is.
. tests/system/lib.sh

limit=600
switch_start
must vsctl set Open_vSwitch . other_config:flow-limit=$limit other_config:max-idle=600000
must vsctl add-br br0 -- add-port br0 bad -- set Interface bad type=internal ofport_request=1 \
	-- add-port br0 good -- set Interface good type=internal ofport_request=2 \
	-- add-port br0 sink -- set Interface sink type=internal ofport_request=3
host bad 10.7.0.1/24
host good 10.7.0.2/24
host sink 10.7.0.3/24
# Rules that look at ports, so that every packet of the flood needs a flow of its own.
must ofctl add-flow br0 "priority=10,udp,tp_src=1,tp_dst=1,actions=drop"
must ofctl add-flow br0 "priority=1,actions=normal"

# send HOST FIRST N ROUNDS: N flows, told apart by their ports.
send() {
	on "$1" /usr/bin/python3 - "$2" "$3" "$4" <<-'END'
		import socket, sys
		first, n, rounds = map(int, sys.argv[1:])
		for _ in range(rounds):
		    for i in range(first, first + n):
		        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		        s.bind(("", i))
		        s.sendto(b"x", ("10.7.0.3", i))
		        s.close()
	END
}
# flows PORT: how many there are from this port, by its number in the datapath.
flows() {
	appctl dpctl/dump-flows | grep -c "in_port($1)"
}
number() {
	appctl -j translators/show | grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$'
}
is_full() {
	send bad 2000 1000 1 && [ "$(number evicted)" -gt 0 ]
}

check "hosts hear each other" eventually 10 hears good 10.7.0.3
good=$(appctl dpctl/show | grep -o 'port [0-9]*: good\b' | grep -o '[0-9]*')
check "a flood of new flows fills the table" eventually 30 is_full
has_share() {
	send good 9000 100 1 && [ "$(flows "$good")" -ge 100 ]
}
check "another port gets flows all the same" eventually 20 has_share
stays() {
	send bad 3000 1500 1 && send good 9000 100 1 && [ "$(flows "$good")" -ge 100 ]
}
check "and keeps them while the flood goes on" eventually 20 stays
check "there are no more than there may be" [ "$(number flows)" -le "$limit" ]
check "room was made" [ "$(number evicted)" -gt 0 ]
check "flows are right" eval '[ "$(appctl -j revalidator/check)" = "[]" ]'
