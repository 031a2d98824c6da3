#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# More than the switch can hold is said, and the rest works.
. tests/system/lib.sh

switch_start
must vsctl add-br br0 \
	-- add-port br0 a -- set Interface a type=internal \
	-- add-port br0 b -- set Interface b type=internal
host a 192.0.2.1/24
host b 192.0.2.2/24

# Bridges without a port, N of them, in one transaction on the database's own socket.
insert_bridges() {
	/usr/bin/python3 - "$rundir/db.sock" "$1" <<-'END'
		import json, socket, sys
		rows = range(int(sys.argv[2]))
		uuids = ["set", [["named-uuid", f"row{i}"] for i in rows]]
		request = ["Open_vSwitch"] + [
		    {"op": "insert", "table": "Bridge", "row": {"name": f"x{i}"}, "uuid-name": f"row{i}"}
		    for i in rows
		] + [{"op": "mutate", "table": "Open_vSwitch", "where": [],
		      "mutations": [["bridges", "insert", uuids]]}]
		sock = socket.socket(socket.AF_UNIX)
		sock.connect(sys.argv[1])
		sock.sendall(json.dumps({"method": "transact", "params": request, "id": 1}).encode())
		text = ""
		while not text.endswith("}"): text += sock.recv(65536).decode()
		sys.exit("error" in json.dumps(json.loads(text)["result"]))
	END
}

# A table without a bound is memory for guests to fill.
table_size() {
	appctl fdb/stats-show br0 | grep -o 'in the table: .*' | cut -d/ -f2
}
before=$(table_size)
must vsctl set Bridge br0 other_config:mac-table-size=-1
check "a MAC table's size out of bounds is not taken" [ "$(table_size)" = "${before:-none}" ]

must insert_bridges 1030
check "the daemon survives more bridges than it can have" eventually 5 vsctl get Bridge br0 name
says_so() {
	grep -q 'bridge x[0-9]*: .*1024 bridges' "$rundir/vswitchd.log"
}
check "and says which one it does without" eventually 5 says_so
status_says_so() {
	vsctl --columns=status list Bridge | grep -q '1024 bridges'
}
check "in the database, too" eventually 10 status_says_so
check "the first ones work" eventually 5 hears a 192.0.2.2


switch_stop TERM
switch_start
check "and it starts again" vsctl show
