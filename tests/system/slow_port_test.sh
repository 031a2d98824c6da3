#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A device that takes its time to open or close holds up nobody but those who wait for it.
. tests/system/lib.sh

switch_options=(--enable-dummy)
switch_start
must vsctl add-br br0

slow() {
	local name=$1 ms=$2
	shift 2
	vsctl --no-wait add-port br0 "$name" -- set Interface "$name" type=dummy-slow \
		options:open-delay-ms="$ms" "$@"
}
is_open() {
	[ "$(vsctl get Interface "$1" ofport)" -gt 0 ]
} 2>/dev/null
is_opening() {
	[ "$(vsctl get Interface "$1" ofport)" = "[]" ]
}
delay_of() {
	vsctl get Interface "$1" status:open_delay_ms | tr -d '"'
} 2>/dev/null
cur_cfg() {
	vsctl get Open_vSwitch . cur_cfg
}
openings() {
	grep -c "port $1: opened as" "$rundir/vswitchd.log"
}
# Over the database's own socket, as any client would.
transact() {
	/usr/bin/python3 - "$rundir/db.sock" "$1" <<-'END'
		import json, socket, sys
		sock = socket.socket(socket.AF_UNIX)
		sock.connect(sys.argv[1])
		params = ["Open_vSwitch"] + json.loads(sys.argv[2])
		sock.sendall(json.dumps({"method": "transact", "params": params, "id": 1}).encode())
		text = ""
		while not text.endswith("}"): text += sock.recv(65536).decode()
		answer = json.loads(text)
		print(json.dumps(answer))
		sys.exit(answer["error"] is not None or any("error" in one for one in answer["result"]))
	END
}

must slow s1 4000
check "while it opens, bridges are listed" vsctl list-br
check "and a transaction on the database's socket is answered" transact \
	'[{"op": "update", "table": "Bridge", "where": [], "row": {"mcast_snooping_enable": false}}]'
check "and other rows are changed" vsctl --no-wait set Bridge br0 external_ids:a=b
check "all before it is open" is_opening s1

before=$(cur_cfg)
must vsctl --no-wait set Open_vSwitch . next_cfg=$((before + 10))
check "the configuration is not in force yet" [ "$(cur_cfg)" = "$before" ]
check "a command that waits is answered" vsctl set Bridge br0 external_ids:c=d
check "when the port is open" is_open s1
check "and the configuration is in force" [ "$(cur_cfg)" -ge $((before + 10)) ]
check "the device was opened once" [ "$(openings s1)" = 1 ]

must slow s2 2000
check "a port that is being opened is deleted" vsctl del-port br0 s2
check "and is gone" not vsctl port-to-br s2
check "without ever being a port" [ "$(openings s2)" = 0 ]

must slow s3 1500
must vsctl --no-wait set Interface s3 options:open-delay-ms=100
must vsctl set Bridge br0 external_ids:e=f
check "options that change while it opens are in force when it is open" [ "$(delay_of s3)" = 100 ]

must slow s4 1500
must vsctl --no-wait del-port br0 s4
must slow s4 200
must vsctl set Bridge br0 external_ids:g=h
check "a port deleted and added again while it opens is the new one" [ "$(delay_of s4)" = 200 ]

must slow s5 1500
must vsctl --no-wait set Interface s5 type=internal -- clear Interface s5 options
must vsctl set Bridge br0 external_ids:i=j
check "the type may change while it opens" eventually 10 ip link show dev s5

must vsctl set Interface s3 options:close-delay-ms=3000
must vsctl --no-wait del-port br0 s3
check "while a port closes, bridges are listed" vsctl list-br
must vsctl --no-wait add-port br0 i1 -- set Interface i1 type=internal
check "a port that waits for it comes" eventually 10 is_open i1

must slow s6 1500
must vsctl --no-wait add-port br0 i2 -- set Interface i2 type=internal
switch_stop TERM
check "the daemon ends while a port opens" grep -q ': stopped\|stopped$' "$rundir/vswitchd.log"
check "and is gone" not vsctl show
check "devices of open ports stay for the next one" ip link show dev i1
switch_start
check "which opens all of them" eventually 15 is_open s6
check "and the ones that waited" eventually 15 is_open i2

# A device that does not come to its end, whether it is still wanted or not.
must slow s7 50000
check "a device takes very long" eventually 10 is_opening s7
must vsctl --no-wait del-port br0 s7
switch_stop TERM
check "the daemon ends without it, in order" grep -q 'stopped$' <(tail -n 1 "$rundir/vswitchd.log")
check "and says so" grep -q 's7: its device is still being opened' "$rundir/vswitchd.log"
check "its pidfile is gone" [ ! -e "$rundir/vswitchd.pid" ]
check "devices of open ports stay" ip link show dev i1
switch_start
check "and the next daemon opens the others" eventually 15 is_open s6

# A device that is there already, behind one that is slow, outlives a daemon that never opened it.
must vsctl --no-wait set Interface s1 options:open-delay-ms=1500
switch_stop TERM
switch_start
switch_stop TERM
check "a daemon that ends at once leaves the devices of the one before" ip link show dev i1
