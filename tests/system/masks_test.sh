#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Packets that each ask for a mask of their own (tuple-space explosion) get no more masks than a port
# may have, and an alarm is raised.
. tests/system/lib.sh

allowed=128
switch_start
must vsctl set Open_vSwitch . other_config:stats-update-interval=5000 other_config:max-idle=600000
must vsctl add-br br0 -- add-port br0 bad -- set Interface bad type=internal \
	-- add-port br0 good -- set Interface good type=internal \
	-- add-port br0 sink -- set Interface sink type=internal
host bad 10.6.0.1/24
host good 10.6.0.2/24
host sink 10.6.0.3/24
# For each bit of either port number a rule: how many bits are looked at depends on the first that is
# set.
/usr/bin/python3 - >"$rundir/rules" <<'END'
for i in range(16):
    bit = f"{1 << i}/{1 << i}"
    print(f"table=0,priority={100 + i},udp,tp_dst={bit},actions=resubmit(,1)")
    print(f"table=1,priority={100 + i},udp,tp_src={bit},actions=normal")
END
must ofctl add-flows br0 "$rundir/rules"
must ofctl add-flow br0 "table=0,priority=1,actions=normal"
must ofctl add-flow br0 "table=1,priority=1,actions=normal"
check "hosts hear each other" eventually 10 hears good 10.6.0.3

# attack: a packet for each pair of bits.
attack() {
	on bad /usr/bin/python3 - <<-'END'
		import socket, struct, time
		out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		out.bind(("bad", 0))
		for i in range(16):
		    for j in range(16):
		        for more in range(4):
		            ip = struct.pack("!BBHHHBBHII", 0x45, 0, 28, 0, 0, 64, 17, 0, 1, 2)
		            udp = struct.pack("!HHHH", 1 << j, 1 << i | more & (1 << i) - 1, 8, 0)
		            out.send(b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + udp)
		    time.sleep(0.002)
	END
}
number() {
	appctl -j translators/show | grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$'
}
is_crowded() {
	attack && [ "$(number masks)" -ge $allowed ] && [ "$(number flows)" -ge 300 ]
}
check "an attack fills the masks of its port" eventually 30 is_crowded
check "and gets no more of them" [ "$(number masks)" -lt $((allowed + 16)) ]
says_alarm() {
	vsctl get Interface bad status | grep -q 'alarm="packets ask for flows of more than 128 masks'
}
check "the port's status raises the alarm" eventually 20 says_alarm
check "and the log" grep -q 'crowd|WARN|port bad: its packets ask' "$rundir/vswitchd.log"
check "which names nobody else" not grep -q 'WARN|port good' "$rundir/vswitchd.log"
check "other ports go on" hears good 10.6.0.3
check "the attacked one, too" eventually 10 hears bad 10.6.0.3
check "flows are right" eval '[ "$(appctl -j revalidator/check)" = "[]" ]'
check "purged flows take their masks with them" eval \
	'appctl revalidator/purge && [ "$(number masks)" -lt $allowed ]'
