#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by the interop tests: a switch with --compat-names, and the stock tools pointed at it.
. tests/system/lib.sh

peer=$PWD/build/peer
if [ ! -x "$peer/usr/bin/ovs-vsctl" ]; then
	echo "ok - $topic # SKIP the OVS packages are not unpacked in build/peer: . .ci/setup.sh; peer_unpack"
	exit 0
fi
PATH=$PATH:$peer/usr/bin:$peer/usr/sbin
# With these and --compat-names the stock tools find everything without an option.
export OVS_RUNDIR=$rundir OVS_PKGDATADIR=$peer/usr/share/openvswitch OVS_SYSCONFDIR=$rundir
switch_options+=(--compat-names --enable-dummy)

# The tools must be those of the packages, whatever else is installed.
ovs_vsctl() {
	"$peer/usr/bin/ovs-vsctl" --timeout=$((10 * patience)) "$@"
}

ovs_appctl() {
	"$peer/usr/bin/ovs-appctl" --timeout=$((10 * patience)) "$@"
}

# is TEXT COMMAND…: the command prints exactly TEXT (white space counts as one blank).
is() {
	local text=$1 out
	shift
	out=$("$@" | tr -s ' \n' ' ' | sed 's/ $//')
	[ "$out" = "$text" ] || {
		echo "wanted: $text"
		echo "got:    $out"
		return 1
	}
}

# has PATTERN COMMAND…: the command succeeds, and prints something that matches.
has() {
	local pattern=$1 out
	shift
	out=$("$@") || return 1
	grep -qE -- "$pattern" <<<"$out" || {
		echo "no match for $pattern in:"
		echo "$out"
		return 1
	}
}
