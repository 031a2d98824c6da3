#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Ways to the far ends of tunnels: the kernel's routes and rules, those given by command, and what a
# full table of routes costs.
. tests/system/lib.sh

switch_start
must vsctl add-br br-int \
	-- add-br one -- add-port one one-up -- set Interface one-up type=internal \
	-- add-br two -- add-port two two-up -- set Interface two-up type=internal \
	-- add-port br-int vx -- set Interface vx type=vxlan options:remote_ip=203.0.113.9 \
	-- add-port br-int vl -- set Interface vl type=vxlan options:remote_ip=203.0.113.9 \
	options:local_ip=198.51.100.5 options:key=7 \
	-- add-port br-int v6 -- set Interface v6 type=geneve options:remote_ip=2001:db8:9::9
host one-up 198.51.100.2/24
host two-up 192.0.2.2/24
for bridge in one:198.51.100.1:1 two:192.0.2.1:2; do
	IFS=: read -r name address n <<<"$bridge"
	must eventually 5 ip link show dev "$name" >/dev/null
	must ip addr add "$address/24" dev "$name"
	must ip addr add "2001:db8:$n::1/64" dev "$name" nodad
	must ip link set "$name" up
done
must ip addr add 198.51.100.5/24 dev one

# leads PORT BRIDGE SOURCE: where the switch sends the tunnel's packets, and from which address.
leads() {
	local status
	status=$(vsctl get Interface "$1" status | tr -d '"')
	[[ $status == *source_ip=$3,* && $status == *tunnel_egress_iface=$2,* ]]
}
through() {
	appctl ofproto/list-tunnels | grep -qE "br-int +$1 .* $2\$"
}
# finds DESTINATION WORDS… -- LINE…: what ovs/route/lookup answers.
finds() {
	local words=()
	while [ "$1" != -- ]; do
		words+=("$1")
		shift
	done
	shift
	diff <(appctl ovs/route/lookup "${words[@]}") <(printf '%s\n' "$@") >/dev/null
}

check "no route, no way" eventually 5 through vx "no way"
must ip route add 203.0.113.0/24 via 198.51.100.254 dev one
check "a route of the kernel is followed" eventually 5 through vx one
check "its source is the bridge's address" eventually 10 leads vx one 198.51.100.1
must ip route add 203.0.113.9/32 via 192.0.2.254 dev two
check "a longer prefix is another way" eventually 5 through vx two
must ip route del 203.0.113.9/32
check "which is left when it ends" eventually 5 through vx one
must ip -6 route add 2001:db8:9::/48 via 2001:db8:2::254 dev two
check "IPv6 has ways of its own" eventually 5 through v6 two

must ip route add 203.0.113.0/24 via 192.0.2.254 dev two table 77
must ip rule add from 198.51.100.5 lookup 77 prio 500
check "a rule of the kernel leads tunnels with that address elsewhere" eventually 5 through vl two
check "and only these" through vx one
check "lookups know rules" finds 203.0.113.9 src=198.51.100.5 -- "src 198.51.100.5" \
	"gateway 192.0.2.254" "dev two"
check "and the common way" finds 203.0.113.9 -- "src 198.51.100.1" \
	"gateway 198.51.100.254" "dev one"
check "IPv6 ways are looked up" finds 2001:db8:9::1 -- "src 2001:db8:2::1" \
	"gateway 2001:db8:2::254" "dev two"
shows_rule() {
	appctl ovs/route/rule/show | grep -qx "Cached: 500: from 198.51.100.5 lookup 77" &&
		appctl ovs/route/rule/show -6 | grep -qx "Cached: 32766: from all lookup main"
}
check "rules of the kernel are shown" shows_rule
shows_route() {
	appctl ovs/route/show "$@" | grep -qx "$line"
}
line="Cached: 203.0.113.0/24 dev one GW 198.51.100.254" check "its routes are" shows_route
line="Cached: 203.0.113.0/24 dev two GW 192.0.2.254 table 77" \
	check "those of other tables are shown if asked for" shows_route table=all
line="Cached: 203.0.113.0/24 dev two GW 192.0.2.254" \
	check "or one table alone" shows_route table=77
must ip rule del prio 500
check "a rule that ends is noticed" eventually 5 through vl one

must appctl ovs/route/add 203.0.113.0/24 two 192.0.2.253 table=10 >/dev/null
check "a route of another table is nobody's" not shows_route table=11
must appctl ovs/route/rule/add from=198.51.100.0/24 table=10 >/dev/null
check "until a rule leads there" eventually 5 through vl two
check "which holds for its addresses" through vx one
check "both come before the kernel's" finds 203.0.113.9 src=198.51.100.5 -- "src 198.51.100.5" \
	"gateway 192.0.2.253" "dev two"
must appctl ovs/route/rule/add not from=198.51.100.0/24 prio=9 table=10 >/dev/null
check "a rule can mean all others" eventually 5 through vx two
given() {
	appctl ovs/route/rule/show | grep User
}
check "rules given are shown" diff <(given) <(printf '%s\n' \
	"User: 9: not from 198.51.100.0/24 lookup 10" \
	"User: 32765: from 198.51.100.0/24 lookup 10")
must appctl ovs/route/rule/del not from=198.51.100.0/24 table=10 >/dev/null
must appctl ovs/route/rule/del from=198.51.100.0/24 table=10 >/dev/null
check "without rules all is as before" eventually 5 through vl one
check "nonsense is refused" not appctl ovs/route/rule/add from=1.2.3.4/99 table=10

# A link that goes down takes its routes with it.
must ip link set one down
check "a bridge whose device is down leads nowhere" eventually 5 through vx "no way"
must ip link set one up
must ip route add 203.0.113.0/24 via 198.51.100.254 dev one
check "and does when it is up again" eventually 5 through vx one

# A table of the size of the internet's, of which most far ends see nothing.
n=${WEIR_LONG:+1000000}
n=${n:-100000}
table() {
	awk -v n="$n" -v does="$1" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "route %s 10.%d.%d.%d/32 via 198.51.100.254 dev one\n",
				does, i / 65536, i / 256 % 256, i % 256
	}' >"$rundir/routes"
	ip -batch "$rundir/routes"
}
worked_ms() {
	awk '{ print ($14 + $15) * 10 }' "/proc/$(switch_pid)/task/$(switch_pid)/stat"
}
before=$(worked_ms)
check "the kernel takes $n routes" table add
check "ways that are not concerned stay" through vx one
must ip route add 203.0.113.9/32 via 192.0.2.254 dev two
check "one that changes is noticed behind them" eventually 60 through vx two
lists_all() {
	[ "$(appctl ovs/route/show | grep -c 'dev one GW 198.51.100.254$')" -gt "$n" ]
}
check "all are listed" lists_all
check "they go again" table del
must ip route del 203.0.113.9/32
check "and what changes behind that is noticed" eventually 60 through vx one
echo "# the main thread worked $(($(worked_ms) - before)) ms for $((2 * n)) routes that came or went"
