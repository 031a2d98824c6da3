#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Connections: sockets on which the switch listens, TLS, who listens in, many and rude peers.
. tests/interop/lib.sh

of() {
	"$peer/usr/bin/ovs-ofctl" --timeout=10 -O OpenFlow13 "$@"
}

# identity NAME ISSUER: NAME.key and NAME.pem; its own issuer if that is the same name.
identity() {
	local new=(openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes
		-keyout "$rundir/$1.key" -subj "/CN=$1")
	if [ "$1" = "$2" ]; then
		"${new[@]}" -x509 -days 2 -out "$rundir/$1.pem"
	else
		"${new[@]}" -out "$rundir/$1.csr" &&
			openssl x509 -req -days 2 -in "$rundir/$1.csr" -out "$rundir/$1.pem" \
				-CA "$rundir/$2.pem" -CAkey "$rundir/$2.key" -CAcreateserial
	fi 2>/dev/null
}

# tls NAME COMMAND…
tls() {
	local name=$1
	shift
	of -p "$rundir/$name.key" -c "$rundir/$name.pem" -C "$rundir/ca.pem" "$@"
}

switch_start
vsctl add-br br0 -- set bridge br0 fail_mode=secure \
	-- add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 \
	-- add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2 -- add-br br1
check "a secure bridge has no rules of its own" not has actions= of dump-flows br0
check "one that stands alone has NORMAL" has actions=NORMAL of dump-flows br1
check "listening on TCP" vsctl set-controller br0 ptcp:26653:127.0.0.1
check "is answered" eventually 5 has OFPST_DESC of dump-desc tcp:127.0.0.1:26653
check "listening on a socket" vsctl set-controller br0 "punix:$rundir/mine"
check "is answered too" eventually 5 has OFPST_DESC of dump-desc "unix:$rundir/mine"
check "neither decides about a bridge's rules" vsctl set-controller br1 ptcp:26654:127.0.0.1
check "so NORMAL stays" has actions=NORMAL of dump-flows br1
must identity ca ca
must identity switch ca
must identity friend ca
must identity stranger stranger
must vsctl set-ssl "$rundir/switch.key" "$rundir/switch.pem" "$rundir/ca.pem"
check "listening with TLS" vsctl set-controller br0 pssl:26655:127.0.0.1
check "a friend is answered" eventually 5 has OFPST_DESC tls friend dump-desc ssl:127.0.0.1:26655
check "a stranger is not" not tls stranger dump-desc ssl:127.0.0.1:26655
vsctl del-controller br0
/usr/bin/python3 tests/interop/connection.py "$rundir" "$peer/usr/bin/ovs-ofctl" ||
	failures=$((failures + 1))
check "a secure bridge without its controller" vsctl set-controller br0 tcp:127.0.0.1:1
check "still has no rules of its own" not has actions= of dump-flows br0
must vsctl set bridge br0 other_config:dp-desc="rack 5" other_config:dp-sn=4711
check "the bridge says who it is" eventually 5 has 'DP Description: rack 5' of dump-desc br0
check "and its serial number" has 'Serial Num: 4711' of dump-desc br0
must vsctl clear bridge br0 other_config
check "or its name" eventually 5 has 'DP Description: br0' of dump-desc br0
