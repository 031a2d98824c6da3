#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A guest that writes nonsense into its rings harms nobody but itself.
. tests/system/lib.sh

vhost=$build/tests/vhost
socket=$rundir/bad

cpu_ms() {
	cat "/proc/$(switch_pid)"/task/*/schedstat | awk '{ sum += $1 } END { print int(sum / 1e6) }'
}
is_asleep() {
	local before
	before=$(cpu_ms)
	sleep 1
	[ $(($(cpu_ms) - before)) -lt 100 ]
}
counts() {
	appctl drops/show | awk -v port=bad -v reason="$1" '$1 == port && $2 == reason { n = $3 } END { exit !n }'
}
link_is() {
	[ "$(vsctl get Interface bad link_state)" = "$1" ]
}
guests_pass() {
	timeout 60 "$vhost/latency" "vhost:$rundir/g1" "vhost:$rundir/g2" 100 1000 | grep -q ' 0$'
}

switch_start
must vsctl add-br br0 -- add-port br0 na -- set Interface na type=internal \
	-- add-port br0 nb -- set Interface nb type=internal \
	-- add-port br0 g1 -- set Interface g1 type=dpdkvhostuserclient ofport_request=11 \
	"options:vhost-server-path=$rundir/g1" \
	-- add-port br0 g2 -- set Interface g2 type=dpdkvhostuserclient ofport_request=12 \
	"options:vhost-server-path=$rundir/g2" \
	-- add-port br0 bad -- set Interface bad type=dpdkvhostuser ofport_request=13
host na 192.0.2.1/24
host nb 192.0.2.2/24
must ofctl add-flow br0 "priority=100,in_port=11,actions=12"
check "two hosts hear each other" eventually 10 hears na 192.0.2.2

# Broadcasts keep coming to the bad guest all the time; the hosts must not notice it.
on na ping -q -c 600 -i 0.02 -W 5 -b 192.0.2.255 >/dev/null 2>&1 &
on na ping -q -c 600 -i 0.02 -W 5 192.0.2.2 >"$rundir/pings" 2>&1 &
pings=$!
"$vhost/steady" "$rundir/g1" "$rundir/g2" 200 60 >"$rundir/steady" 2>&1 &
steady=$!
check "two guests pass frames" eventually 20 grep -q ready "$rundir/steady"
for kind in $("$vhost/nonsense"); do
	check "nonsense: $kind" timeout 20 "$vhost/nonsense" "$socket" "$kind"
	check "the switch lives" kill -0 "$(switch_pid)"
done
count() {
	appctl drops/show | awk '$1 == "bad" && $2 == "malformed" { n = $3 } END { print n + 0 }'
}
is_more_than() {
	[ "$(count)" -gt "$1" ]
}
before=$(count)
timeout 20 "$vhost/nonsense" "$socket" long
check "packets of a megabyte are dropped, and counted" eventually 5 is_more_than "$before"
check "who sends them has to pause" eval \
	"[ \$(appctl -j coverage/show | grep -o 'worker_pauses\": [0-9]*' | grep -o '[0-9]*\$') -gt 0 ]"
vanish_often() {
	local i
	for ((i = 0; i < 20; i++)); do
		timeout 20 "$vhost/nonsense" "$socket" vanish || return
	done
}
check "a guest comes and vanishes in mid-packet, 20 times" vanish_often
kill -TERM $steady
wait $steady
check "meanwhile the guests lost no frame ($(tail -n 1 "$rundir/steady"))" \
	grep -q '^sent [1-9][0-9]* lost 0 ' "$rundir/steady"
wait $pings
check "meanwhile the hosts lost nothing" grep -q ' 0% packet loss' "$rundir/pings"
check "and guests pass frames" guests_pass
check "nonsense was counted" counts malformed
check "the port waits for the next guest" eventually 10 link_is down

# One that stays, until it is told to leave.
stays() {
	timeout 60 "$vhost/nonsense" "$socket" "$1" 50 &
	bad=$!
}
leaves() {
	kill "$1"
	wait "$1" || true
}
status_has() {
	vsctl get Interface bad status | grep -q "$1"
}

stays address
check "a guest whose ring makes no sense stays" eventually 10 link_is up
check "and does not keep the switch awake" eventually 25 is_asleep
check "that its ring is stuck is said" eventually 5 status_has stuck
leaves $bad

stays cut
check "a guest whose memory is taken away is told of" \
	eventually 10 status_has "memory was taken away"
leaves $bad
stays deaf
check "the next guest has memory" eventually 15 status_has 'driver is ready"'

# A guest may be back before its old connection is seen to be gone.
connections() {
	vsctl get Interface bad status | grep -o 'connections="[0-9]*"'
}
is_another() {
	[ "$(connections)" != "$before" ]
}
before=$(connections)
older=$bad
stays deaf
check "a connection comes while the one before is there" eventually 15 is_another
leaves "$older"
check "it stays when that one goes" eventually 15 status_has vring_0_size
leaves $bad

# Whoever looks whether somebody listens is no guest.
wait_for_crowd() {
	[ "$(connections | tr -dc 0-9)" -gt $((${before//[!0-9]/} + 2)) ]
}
before=$(connections)
stays crowd
check "others connect to a guest's socket, too" eventually 15 wait_for_crowd
sleep 2
check "its guest stays the port's" link_is up
check "and says so" status_has vring_0_size
check "who connects too often is turned away" kill -0 $bad
leaves $bad

stays pipe
check "a guest whose interrupts are no eventfds is refused" eventually 15 status_has refused
leaves $bad

stays log
check "a guest whose log is a file is refused" eventually 15 status_has refused
leaves $bad

# The library writes to them in the worker's own time.
on na ping -q -c 3000 -i 0.02 -W 5 -b 192.0.2.255 >/dev/null 2>&1 &
pings=$!
check "nor when they come beside another connection" timeout 20 "$vhost/nonsense" "$socket" pipe-beside
check "nor those of a guest who comes while one runs" timeout 20 "$vhost/nonsense" "$socket" pipe-second
stays bell
check "a guest whose interrupts block is left alone" eventually 30 status_has 'kept workers waiting'
check "and the hosts hear each other" eventually 5 hears na 192.0.2.2
leaves $bad
leaves $pings
