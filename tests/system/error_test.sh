#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What goes wrong is said in one sentence, where it was asked, and the rest works.
. tests/system/lib.sh

switch_start
must vsctl add-br br0 \
	-- add-port br0 a -- set Interface a type=internal \
	-- add-port br0 b -- set Interface b type=internal
host a 192.0.2.1/24
host b 192.0.2.2/24

# says WORD COMMAND…: the command's words, or the row's error, contain WORD.
port_error() {
	local name=$1 word=$2
	shift 2
	vsctl add-port br0 "$name" -- set Interface "$name" "$@"
	vsctl get Interface "$name" error | grep -qi -- "$word"
}
port_is() {
	[ "$(vsctl iface-to-br b)" = "$1" ] && is_fine b
}
check "an unknown port type is named, with the nearest" port_error x1 internal type=internl
check "a missing device is named" port_error nosuch nosuch type=system
check "a wrong devargs string is named" \
	port_error x2 net_nosuch type=dpdk options:dpdk-devargs=net_nosuch0
waits_for() {
	vsctl show | grep -q "port $1, down (.*$2"
}
# guest_port NAME PATH: makes one, and says what is said meanwhile.
guest_port() {
	vsctl add-port br0 "$1" -- set Interface "$1" type=dpdkvhostuserclient ofport_request=55 \
		options:vhost-server-path="$2" 2>&1
}
check "a guest's socket in a folder that is not there is told of at once" eval \
	"guest_port x5 $rundir/none/x5 | grep -q 'warning: port x5: .*folder $rundir/none .*is not there'"
check "and in its row" advises x5 "$rundir/none"
check "and in the log" grep -q "port x5: .*$rundir/none" "$rundir/vswitchd.log"
check "and is what it waits for" eventually 10 waits_for 55 'folder .* is not there'
mkdir "$rundir/none"
check "until the folder is there" eventually 5 is_fine x5
check "then it waits for somebody to make the socket" eventually 10 waits_for 55 'waiting for QEMU'
rmdir "$rundir/none"
check "a folder that goes is told of, too" eventually 10 advises x5 "$rundir/none"
must vsctl set Interface x5 options:vhost-server-path="$rundir/x5"
check "one that is there is not told of" is_fine x5
must vsctl del-port x5
check "a port that comes back is told of again" eval \
	"guest_port x5 $rundir/none/x5 | grep -q 'warning: port x5: .*$rundir/none' &&
	[ \$(grep -c 'port x5: .*$rundir/none' $rundir/vswitchd.log) -ge 3 ]"
must vsctl del-port x5
qos_port() {
	vsctl add-port br0 x7 -- set Interface x7 type=internal other_config:no_such=1 \
		-- set Port x7 qos=@q other_config:nothing_such=1 trunks=1 vlan_mode=access \
		-- --id=@q create QoS type=egress-policer other_config:limit=5
}
# news N: so often each of four faults of the port is new in the log.
news() {
	local part
	for part in 'key no_such' nothing_such 'limit=5' 'trunks'; do
		[ "$(grep -c "WARN|.* x7: .*$part" "$rundir/vswitchd.log")" = "$1" ] || return
	done
}
must appctl vlog/disable-rate-limit
qos_port >"$rundir/x7" 2>&1
check "what is wrong with a port's settings is in the log" news 1
must vsctl set Port x7 external_ids:a=b
check "once" news 1
must vsctl del-port x7
qos_port >"$rundir/x7" 2>&1
check "and is news when the port comes back" news 2
must vsctl del-port x7
must appctl vlog/enable-rate-limit
check "nothing is said of one whose folder is there" [ -z "$(guest_port x6 "$rundir/x6")" ]
must vsctl del-port x6
check "an unknown option is named, with the nearest" \
	port_error x3 dpdk-devargs type=dpdk options:dpdk-devarg=net_null0
check "a name that no device can have is refused" port_error 'x4%d' 'has no blanks' type=internal
steer() {
	vsctl set Interface a other_config:tx-steering=hash 2>&1 |
		grep -q "warning: port a: tx-steering=hash is for guests"
}
check "a setting that a port refuses is said at once" steer
check "and in its row" advises a "tx-steering=hash is for guests"
must vsctl remove Interface a other_config tx-steering
check "until it is gone" is_fine a
check "the rest of the configuration works" hears a 192.0.2.2

# An interface that two rows of Port name.
port_of_b=$(vsctl get Port b _uuid)
number=$(vsctl get Interface b ofport)
must vsctl -- --id=@p create Port name=twin interfaces="$(vsctl get Interface b _uuid)" \
	-- add Bridge br0 ports @p
check "an interface of two ports is complained about, by the other's name" \
	eventually 10 advises b twin
check "and goes on as it was" hears a 192.0.2.2
check "with its number" [ "$(vsctl get Interface b ofport)" = "$number" ]
must vsctl add-br br1 -- remove Bridge br0 ports "$(vsctl get Port twin _uuid)" \
	-- add Bridge br1 ports "$(vsctl get Port twin _uuid)"
check "also when the other is in another bridge" advises b 'Port twin of bridge br1'
must vsctl -- add Bridge br1 ports "$port_of_b"
check "and when its own port is in both" advises b 'of bridge br1'
check "it goes on as it was" hears a 192.0.2.2
must vsctl remove Bridge br1 ports "$port_of_b" -- remove Bridge br0 ports "$port_of_b"
check "who remains has it" eventually 10 port_is br1
must vsctl del-br br1

# fails_with WORD COMMAND…
fails_with() {
	local word=$1 out
	shift
	out=$("$@" 2>&1) && return 1
	[ "$(wc -l <<<"$out")" -le 3 ] && grep -qi -- "$word" <<<"$out"
}
daemon=$build/vswitchd/vswitchd
check "a second daemon is refused" fails_with vswitchd.pid "$daemon" --rundir "$rundir"
mkdir "$rundir/other"
echo 'no database' >"$rundir/other/conf.db"
check "an unreadable database is named" fails_with conf.db "$daemon" --rundir "$rundir/other"
check "a directory without permission is named" fails_with "$rundir" \
	setpriv --reuid=65534 --clear-groups "$daemon" --rundir "$rundir"
check "with what to do" fails_with "run as root, or choose another --rundir" \
	setpriv --reuid=65534 --clear-groups "$daemon" --rundir "$rundir"
check "a wrong option is explained" fails_with rundir "$daemon" --rundri x
check "an unknown command is answered with the nearest" fails_with fdb/show appctl fdb/shw
check "a tool without a daemon says where it looked" \
	fails_with /nowhere env WEIR_RUNDIR=/nowhere vsctl show
check "also if that is the root directory" fails_with "unix:/db.sock" vsctl --db=unix:/db.sock show

# A typo in the options of a port that works does not cost its host the connection.
must vsctl add-br typo -- add-port typo ta -- set Interface ta type=internal \
	-- add-port typo tb -- set Interface tb type=internal
host ta 192.0.2.71/24
host tb 192.0.2.72/24
check "two hosts talk" eventually 10 hears ta 192.0.2.72
before=$(on ta cat /sys/class/net/ta/ifindex)
vsctl set Interface ta options:no_such_key=1 2>"$rundir/typo.txt"
check "a wrong key is told to who set it" grep -q no_such_key "$rundir/typo.txt"
check "and stands in the row" advises ta no_such_key
check "but the port is what it was" eval \
	'hears ta 192.0.2.72 && [ "$(on ta cat /sys/class/net/ta/ifindex)" = "$before" ]'
must vsctl --no-wait set Interface tb external_ids:other=1
check "also when something else has changed" eval \
	'hears ta 192.0.2.72 && advises ta no_such_key'
must vsctl remove Interface ta options no_such_key
check "without the key all is well" eventually 5 is_fine ta
check "and the port is still what it was" eval \
	'hears ta 192.0.2.72 && [ "$(on ta cat /sys/class/net/ta/ifindex)" = "$before" ]'
check "a timeout is a number of seconds" is_told '"x" is not a number' ofctl --timeout=x show br0
# Where everybody may run it, wherever the build is.
anyone=$(mktemp -d)
chmod 755 "$anyone"
cp "$build/utilities/ofctl" "$anyone"
check "who may not open a bridge's socket is told so" is_told 'Permission denied; run as root' \
	setpriv --reuid=65534 --regid=65534 --clear-groups "$anyone/ofctl" show typo
rm -r "$anyone"
check "versions that nobody speaks are named" is_told '1.1 and 1.2 are not spoken' \
	ofctl -O OpenFlow11 show br0
