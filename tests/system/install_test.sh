#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is installed, into a folder of its own: a switch that runs from there in Open vSwitch's place
# and is found by tools of its names, and what the service manager will be told.
. tests/system/lib.sh

root=$rundir/root
prefix=$(meson introspect --buildoptions "$build" | /usr/bin/python3 -c '
import json, sys
print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == "prefix"))')
bin=$prefix/bin sbin=$prefix/sbin units=$prefix/lib/systemd/system
install_all() {
	DESTDIR=$root meson install -C "$build" --no-rebuild &&
		utilities/service/install_compat "$root" "$bin" "$sbin" "$units" /etc
}
check "everything is installed" install_all
for file in "$sbin/vswitchd" "$bin/vsctl" "$bin/ofctl" "$bin/appctl" "$bin/ovs-vsctl" \
	"$bin/ovs-ofctl" "$bin/ovs-appctl" "$units/weir.service" "$units/openvswitch-switch.service" \
	"$units/ovs-record-hostname.service" \
	"$units/weir.service.d/compat-names.conf" "$prefix/lib/sysusers.d/weir.conf" \
	"$prefix/lib/tmpfiles.d/weir.conf" "$prefix/share/bash-completion/completions/vsctl" \
	"$prefix/share/man/man8/vswitchd.8" "$prefix/share/man/man8/vsctl.8" \
	"$prefix/share/man/man5/weir.conf.db.5"; do
	check "there is $file" test -e "$root$file"
done
for name in weir openvswitch-by-weir; do
	check "and a rotation of the log, $name" test -n "$(find "$root" -path "*/logrotate.d/$name")"
done

unit_is_fine() {
	local said
	# The service manager looks for the program where it will be.
	sed "s|=$sbin/|=$root$sbin/|" "$root$units/weir.service" >"$rundir/weir.service"
	said=$(systemd-analyze verify --man=no "$rundir/weir.service" 2>&1)
	[ -z "$(grep weir.service <<<"$said")" ] || { echo "$said"; return 1; }
}
if command -v systemd-analyze >/dev/null; then
	check "the service manager understands the unit" unit_is_fine
fi

# What the service manager would hear, and how the unit's program is started.
listen='
import os, socket, subprocess, sys
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.bind(sys.argv[1])
sock.settimeout(30)
env = dict(os.environ, NOTIFY_SOCKET=sys.argv[1], WATCHDOG_USEC="3000000")
with subprocess.Popen(sys.argv[2:], env=env) as daemon:
    try:
        assert sock.recv(100) == b"READY=1"
        for _ in range(2):
            assert sock.recv(100) == b"WATCHDOG=1"
    finally:
        daemon.terminate()
'
mkdir -p "$rundir/notify"
check "the service manager hears when it is ready, and then that it works" \
	/usr/bin/python3 -c "$listen" "$rundir/notify/socket" "$root$sbin/vswitchd" \
	--rundir "$rundir/notify"

# In a /run of its own, nobody has to be told where the switch is.
in_place() {
	unshare --mount bash -ec '
		mount -t tmpfs none /run
		mkdir -p /run/openvswitch
		unset WEIR_RUNDIR OVS_RUNDIR
		"$1/vswitchd" --compat-names --rundir=/run/openvswitch --detach --log-file
		PATH=$2:$PATH
		trap "ovs-appctl exit --cleanup" EXIT
		ovs-vsctl add-br br-int -- add-port br-int p1 -- set Interface p1 type=internal
		[ "$(ovs-vsctl list-ports br-int)" = p1 ]
		ovs-ofctl add-flow br-int priority=7,actions=normal
		ovs-ofctl dump-flows br-int | grep -q priority=7
		ovs-appctl -t ovs-vswitchd version | grep -q .
		ovs-appctl fdb/show br-int >/dev/null
		[ -e /run/openvswitch/ovs-vswitchd.pid ] && [ -S /run/openvswitch/db.sock ]
		if [ -x "$3/usr/bin/ovs-vsctl" ]; then
			"$3/usr/bin/ovs-vsctl" --timeout=10 list-br | grep -q br-int
			"$3/usr/bin/ovs-ofctl" dump-flows br-int | grep -q priority=7
			"$3/usr/bin/ovs-appctl" -T 10 fdb/show br-int >/dev/null
		fi
	' sh "$root$sbin" "$root$bin" "$PWD/build/peer"
}
check "in Open vSwitch's place the tools of its names find it" in_place
