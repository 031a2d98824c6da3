#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What happens when what is below the switch fails: disks, descriptors, memory, cores, clocks, devices,
# controllers. The fault is contained and said, and when it is over everything works again.
. tests/system/lib.sh

# clang's is part of the program and comes first anyway.
if ldd "$build/vswitchd/vswitchd" | grep -q libasan; then
	echo "ok - $topic # SKIP gcc's sanitizer wants to be loaded first"
	exit 0
fi
export WEIR_FAULTS=$rundir/faults
: >"$WEIR_FAULTS"

# fault [LINE…]: these are in force, and no others.
fault() {
	printf '%s\n' "$@" >"$WEIR_FAULTS.new"
	mv "$WEIR_FAULTS.new" "$WEIR_FAULTS"
	must eventually 10 eval "[ \"\$(cat $WEIR_FAULTS.seen)\" = $(stat -c %.9Y "$WEIR_FAULTS") ]"
}
start_with_faults() {
	LD_PRELOAD=$build/tests/faults/libfaults.so switch_start
}
fails_with() {
	local words=$1 out
	shift
	out=$("$@" 2>&1) && return 1
	grep -q "$words" <<<"$out"
}
logged() {
	grep -q "$1" "$rundir/vswitchd.log"
}
dropped() {
	appctl drops/show | awk -v reason="$1" '$2 == reason { n += $3 } END { exit !n }'
}
lives_on() {
	check "$1: hosts talk" eventually 20 hears na 192.0.2.2
	check "$1: and the switch is asked" timeout $((20 * patience)) vsctl show
}
restarts_with() {
	switch_stop KILL
	start_with_faults
	check "$1" vsctl br-exists "$2"
	must eventually 10 hears na 192.0.2.2
}

switch_options=(--enable-dummy)
start_with_faults
must vsctl add-br br0 -- add-port br0 na -- set Interface na type=internal \
	-- add-port br0 nb -- set Interface nb type=internal
host na 192.0.2.1/24
host nb 192.0.2.2/24
must eventually 10 hears na 192.0.2.2

fault "write ENOSPC conf.db"
check "disk full: a change is refused, with what to do" fails_with 'make room or repair' vsctl add-br full
check "disk full: and nothing was changed" not vsctl br-exists full
lives_on "disk full"
fault
check "disk full: then there is room" vsctl add-br room

fault "short write conf.db"
check "half a record: a change is refused" fails_with 'No space left' vsctl add-br half
fault "short write conf.db" "ftruncate EIO conf.db"
check "half a record that stays: refused" fails_with 'No space left' vsctl add-br torn
lives_on "half a record"
fault
check "half a record: then all is written" vsctl add-br whole
restarts_with "half a record: and is there after a crash" whole
check "half a record: what was refused is not" not vsctl br-exists half

fault "fdatasync EIO conf.db"
# durable CODE: a transaction that wants to be on the disk; succeeds if the answer has this.
durable() {
	/usr/bin/python3 - "$rundir/db.sock" "$1" <<-'END'
		import json, os, socket, sys
		sock = socket.socket(socket.AF_UNIX)
		sock.connect(sys.argv[1])
		sock.settimeout(20 * int(os.environ.get("WEIR_PATIENCE", "1")))
		params = ["Open_vSwitch", {"op": "comment", "comment": "x"},
		          {"op": "mutate", "table": "Open_vSwitch", "where": [],
		           "mutations": [["next_cfg", "+=", 1]]}, {"op": "commit", "durable": True}]
		sock.sendall(json.dumps({"method": "transact", "params": params, "id": 1}).encode())
		text = ""
		while not text.endswith("}"): text += sock.recv(65536).decode()
		print(text)
		sys.exit(sys.argv[2] not in text)
	END
}
check "a disk that does not sync: who needs to know is told" durable 'cannot sync'
check "a disk that does not sync: and the log" logged 'cannot sync.*conf.db'
lives_on "a disk that does not sync"
fault
check "a disk that does not sync: then it does" durable '"error":null'

fault "accept EMFILE"
timeout $((30 * patience)) vsctl show >"$rundir/waited" 2>&1 &
check "no descriptors to accept with: hosts talk" hears na 192.0.2.2
check "no descriptors to accept with: it is said" eventually 10 logged 'accept'
fault
check "no descriptors to accept with: who waited is answered then" eventually 20 grep -q 'Bridge br0' "$rundir/waited"

fault "write ENOSPC socket:"
check "a socket that takes no answer: who asked is told" fails_with . timeout $((20 * patience)) vsctl show
check "a socket that takes no answer: hosts talk" hears na 192.0.2.2
fault
lives_on "a socket that takes answers again"

must ip link add ve type veth peer name vf
devices+=(ve)
must ip link set ve up
fault "socket EMFILE"
check "no descriptors for a port: said where it is" \
	fails_with 'Too many open files' vsctl add-port br0 ve
fault
lives_on "no descriptors for a port"
must vsctl del-port br0 ve
must vsctl add-port br0 ve
host vf 192.0.2.3/24
check "no descriptors for a port: then it opens" eventually 10 hears na 192.0.2.3

check "a device that vanishes: it does" ip -n ws-vf link del dev vf
check "a device that vanishes: said where it is" \
	eventually 10 eval 'vsctl list Interface ve | grep -E "^(error|status|link_state)" | grep -qiE "gone|no such|missing|vanish|down"'
check "a device that vanishes: and shown" eventually 10 eval 'vsctl show | grep -q "error: .the device is gone"'
lives_on "a device that vanishes"

# Ports that keep what they are sent.
words=()
for i in $(seq 16); do
	words+=(-- add-port br0 "k$i" -- set Interface "k$i" type=dummy)
done
must vsctl "${words[@]:1}"
floods() {
	on na ping -f -c 400 -b 192.0.2.255 >/dev/null 2>&1
	dropped no_buffer
}
fault "pool empty"
check "no packet buffers: copies are dropped, and counted" eventually 20 floods
check "no packet buffers: the switch is asked" timeout $((20 * patience)) vsctl show
fault
lives_on "packet buffers again"
for i in $(seq 16); do
	must vsctl del-port br0 "k$i"
done

fault "stall worker0"
check "a worker that stalls: the switch is asked" timeout $((20 * patience)) vsctl show
check "a worker that stalls: and takes changes of its bridges" timeout $((20 * patience)) vsctl set Bridge br0 external_ids:a=b
fault
lives_on "a worker goes on"

fault "clock 31536000"
lives_on "a year later"
fault "clock -31536000"
lives_on "a year earlier"
check "a year earlier: changes are taken" vsctl add-br earlier
fault

# Guests' memory that cannot be mapped.
must vsctl add-port br0 g1 -- set Interface g1 type=dpdkvhostuser ofport_request=11 \
	-- add-port br0 g2 -- set Interface g2 type=dpdkvhostuser ofport_request=12
must ofctl add-flow br0 priority=100,in_port=11,actions=12
guests_talk() {
	timeout $((60 * patience)) "$build/tests/vhost/latency" "vhost:$rundir/g1" "vhost:$rundir/g2" 100 20 | grep -q ' 0$'
}
fault "mmap ENOMEM memfd:guest"
check "no room for a guest's memory: it is not served" not guests_talk
lives_on "no room for a guest's memory"
fault
check "no room for a guest's memory: then there is" eventually 20 guests_talk

# talks_as KIND: a guest that says what nonsense.c says, while it is sent broadcasts.
talks_as() {
	on na ping -q -c 6000 -i 0.005 -b 192.0.2.255 >/dev/null 2>&1 &
	local pings=$!
	timeout $((60 * patience)) "$build/tests/vhost/nonsense" "$rundir/g2" "$1" 60 &
	local guest=$!
	eventually 25 status_of_g2 "${2:-is ready}"
	local status=$?
	kill $pings $guest
	wait $pings $guest
	return $status
}
status_of_g2() {
	vsctl get Interface g2 status | grep -q "$1"
}
worst_round_ms() {
	appctl -j dpif-netdev/pmd-perf-show | grep -o '"worst_round_cpu_us": *[0-9]*' |
		awk '{ us = $2 > us ? $2 : us } END { print int(us / 1000) }'
}
fault "served file memfd:guest"
check "a guest's memory that a process serves: refused" talks_as deaf refused
check "a guest's memory that a process serves: not served" not guests_talk
fault
check "a guest's memory of the kernel's: served" eventually 20 guests_talk

# While that takes place the library has the locks of the guest's rings. It takes them a moment before it says
# that there is a message: a worker that comes right then waits all the same, which is rare. Six messages.
is_not_waited_for() {
	must appctl dpif-netdev/pmd-stats-clear
	talks_as moves && [ "$(worst_round_ms)" -lt 250 ]
}
fault "slow mmap memfd:guest"
check "a guest whose memory takes long to map talks" talks_as moves
check "a guest whose memory takes long to map: the worker does not wait for it" \
	eval "is_not_waited_for || is_not_waited_for"
lives_on "a guest whose memory takes long to map"
fault

shunned() {
	appctl -j coverage/show | grep -o '"vhost_shunned": *[0-9]*' | grep -o '[0-9]*$'
}
fault "slow page"
before=$(shunned)
on na ping -q -c 6000 -i 0.005 -b 192.0.2.255 >/dev/null 2>&1 &
pings=$!
timeout $((60 * patience)) "$build/tests/vhost/nonsense" "$rundir/g2" deaf 60 &
guest=$!
check "pages of a guest's memory that take long to find: it talks" eventually 20 status_of_g2 "is ready"
sleep 4
check "pages of a guest's memory that take long to find: it is blamed for none" [ "$(shunned)" = "$before" ]
fault
kill $pings $guest
wait $pings $guest

# Memory of a guest's that a process serves may never be let go of. That of the guest before has to be gone: its
# end is no message.
must eventually 20 not grep -q memfd:guest "/proc/$(switch_pid)/maps"
fault "stuck munmap vhost"
must appctl dpif-netdev/pmd-stats-clear
on na ping -q -c 6000 -i 0.005 -b 192.0.2.255 >/dev/null 2>&1 &
pings=$!
timeout $((60 * patience)) "$build/tests/vhost/nonsense" "$rundir/g2" moves 60 &
guest=$!
check "a guest whose message does not end: said where it is" eventually 20 status_of_g2 "middle of a message"
# Whoever was kept for a while has been in a long round. On a machine at load single pings get lost.
check "a guest whose message does not end: the worker does not wait for it" eval \
	'eventually 10 hears na 192.0.2.2 && sleep 2 && eventually 10 hears na 192.0.2.2 && [ "$(worst_round_ms)" -lt 1000 ]'
lives_on "a guest whose message does not end"

# Its port is deleted, and others come and go; another guest's too, which is not heard meanwhile.
in_time() {
	timeout $((5 * patience)) vsctl --timeout=$((5 * patience)) "$@"
}
leaving_cpu_ms() {
	local task
	for task in "/proc/$(switch_pid)"/task/*; do
		grep -q '^port-leaves' "$task/comm" && cat "$task/schedstat"
	done | awk '{ sum += $1 } END { print NR ? int(sum / 1e6) : 9999 }'
}
error_of() {
	vsctl get Interface "$1" error | grep -q "$2"
}
check "a guest whose message does not end: its port is deleted in time" in_time del-port g2
check "a guest whose message does not end: a port is added in time" in_time \
	add-port br0 later -- set Interface later type=dummy
check "a guest whose message does not end: and opened" eventually 5 eval \
	'[ "$(vsctl get Interface later ofport)" -gt 0 ]'
check "a guest whose message does not end: and deleted in time" in_time del-port later
check "a guest whose message does not end: another guest's port is deleted in time" in_time del-port g1
check "a guest whose message does not end: a guest's port is added in time" in_time \
	add-port br0 g3 -- set Interface g3 type=dpdkvhostuser
check "a guest whose message does not end: and opened" eventually 5 test -S "$rundir/g3"
check "a guest whose message does not end: its socket is said to be in use" eval \
	"in_time add-port br0 g2 -- set Interface g2 type=dpdkvhostuser ofport_request=12; eventually 5 error_of g2 'in use until port g2'"
sleep 1
check "a guest whose message does not end: what waits for it does not work" [ "$(leaving_cpu_ms)" -lt 200 ]
lives_on "a guest whose message does not end, deleted"
check "a guest whose message does not end: a port that had no guest is gone at once" eval \
	"in_time del-port g3 && in_time add-port br0 g3 -- set Interface g3 type=dpdkvhostuser"
fault
is_open() {
	[ "$(vsctl get Interface "$1" ofport)" -gt 0 ]
}
must in_time --no-wait add-port br0 g1 -- set Interface g1 type=dpdkvhostuser ofport_request=11
kill $pings $guest
wait $pings $guest
check "a guest whose message does not end: ports are opened when others have left" \
	eventually 20 eval "is_open g1 && is_open g2"
check "a guest whose message does not end: then others are served" eventually 20 guests_talk

# A controller that accepts and hangs up.
/usr/bin/python3 - "$rundir" <<'END' &
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1] + "/controller", "w").write(str(server.getsockname()[1]))
n = 0
while True:
    connection, _ = server.accept()
    n += 1
    open(sys.argv[1] + "/calls", "w").write(str(n))
    connection.close()
END
flapper=$!
must eventually 10 test -s "$rundir/controller"
open_before=$(find "/proc/$(switch_pid)/fd" | wc -l)
must vsctl set-fail-mode br0 secure
must vsctl set-controller br0 "tcp:127.0.0.1:$(cat "$rundir/controller")"
must eventually 10 ofctl add-flow br0 priority=0,actions=normal
check "a controller that flaps: is called again" eventually 20 eval '[ "$(cat "$rundir/calls")" -ge 3 ]'
check "a controller that flaps: but not all the time" [ "$(cat "$rundir/calls")" -lt 100 ]
lives_on "a controller that flaps"
kill $flapper
must vsctl del-controller br0 -- del-fail-mode br0
check "a controller that flapped has left no descriptor" eventually 10 eval \
	"[ \$(find /proc/\$(switch_pid)/fd | wc -l) -le $((open_before + 4)) ]"

# No memory for the daemon's own small things. Sanitizers bring a malloc() of theirs, which goes before ours.
if grep -q __asan_init "$build/vswitchd/vswitchd"; then
	echo "ok - $topic: no memory # SKIP a sanitizer gives memory"
	exit 0
fi
must vsctl add-br last
pid=$(switch_pid)
fault "no memory vswitchd"
timeout $((20 * patience)) vsctl show >"$rundir/waited" 2>&1
check "no memory: the daemon ends" eventually 20 test ! -d "/proc/$pid"
check "no memory: and the log says so" logged 'out of memory'
: >"$WEIR_FAULTS"
restarts_with "no memory: the next one has what was accepted" last
lives_on "no memory"
