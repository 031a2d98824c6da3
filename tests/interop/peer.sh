#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by the interop tests that need another switch: OVS's userspace switch out of the unpacked
# packages, in a folder of its own and in the test's network namespace.

peer_dir=
peer_in=() # what runs its programs elsewhere: (ip netns exec NAME)

peer_env() {
	"${peer_in[@]}" env OVS_RUNDIR="$peer_dir" OVS_DBDIR="$peer_dir" OVS_LOGDIR="$peer_dir" \
		OVS_SYSCONFDIR="$peer_dir" OVS_PKGDATADIR="$peer/usr/share/openvswitch" "$@"
}

# peer_start [PROGRAM-OPTION…]: an empty OVS.
peer_start() {
	peer_dir=$rundir/peer
	must mkdir -p "$peer_dir"
	must peer_env "$peer/usr/bin/ovsdb-tool" create "$peer_dir/conf.db" \
		"$peer/usr/share/openvswitch/vswitch.ovsschema"
	must peer_env "$peer/usr/sbin/ovsdb-server" "$peer_dir/conf.db" --detach --no-chdir \
		--pidfile="$peer_dir/ovsdb.pid" --remote="punix:$peer_dir/db.sock" \
		--unixctl="$peer_dir/ovsdb.ctl" --log-file="$peer_dir/ovsdb.log" -vconsole:off
	must peer_vsctl --no-wait init
	must peer_env "$peer/usr/lib/openvswitch-switch/ovs-vswitchd" "unix:$peer_dir/db.sock" \
		--detach --no-chdir --pidfile="$peer_dir/vswitchd.pid" \
		--unixctl="$peer_dir/vswitchd.ctl" --log-file="$peer_dir/vswitchd.log" -vconsole:off "$@"
}

peer_vsctl() {
	peer_env "$peer/usr/bin/ovs-vsctl" --timeout=20 --db="unix:$peer_dir/db.sock" "$@"
}

peer_appctl() {
	peer_env "$peer/usr/bin/ovs-appctl" -T 10 -t "$peer_dir/vswitchd.ctl" "$@"
}

peer_ofctl() {
	peer_env "$peer/usr/bin/ovs-ofctl" "$@"
}

peer_stop() {
	local pid
	for pid in "$peer_dir"/vswitchd.pid "$peer_dir"/ovsdb.pid; do
		[ ! -f "$pid" ] || kill "$(cat "$pid")" 2>/dev/null
	done
}
# The library's own cleaning up comes after.
trap 'status=$?; peer_stop; (exit $status); cleanup' EXIT
