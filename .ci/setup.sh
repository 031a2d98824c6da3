#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by ./check and ./quickstart: packages, build folders, plain messages.

# A python3 of the user's own may come first in PATH and know none of Debian's modules.
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8

packages_build=(build-essential pkg-config meson ninja-build ccache python3 libdpdk-dev
	libjansson-dev libuv1-dev liburcu-dev libssl-dev libmicrohttpd-dev libcmocka-dev)
packages_quickstart=("${packages_build[@]}" iproute2 iputils-ping)
packages_check=("${packages_quickstart[@]}" git clang clang-format clang-tidy libclang-rt-dev llvm
	cppcheck codespell groff-base iperf3 openssl procps util-linux tcpdump tshark busybox-static dpdk-dev python3-pytest python3-scapy
	python3-os-ken python3-openvswitch zsh)
# What the programs of Debian's OVS packages link; the packages themselves are unpacked, never
# installed, because installing them starts a switch.
packages_peer=(libunbound8 libxdp1 libcap-ng0 libbpf1 libnuma1)

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s\n' "$*" >&2
	exit 1
}

# usage_of SCRIPT: what stands at its top, as an answer to --help.
usage_of() {
	sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$1"
}

packages_missing() {
	local have
	have=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
		awk '$1 == "installed" { print $2 }')
	grep -vxF -f <(printf '%s\n' "$have") < <(printf '%s\n' "$@") || true
}

# Installs those of the given packages that are missing (all, from the release $packages_release, if
# that is set); nothing they bring is started.
packages_install() {
	local missing policy=/usr/sbin/policy-rc.d log=build/apt.log status=0
	missing=$(packages_missing "$@" | tr '\n' ' ')
	[ -z "${packages_release:-}" ] || missing="$*"
	[ -n "${missing% }" ] || return 0
	[ "$(id -u)" = 0 ] || die "These packages are missing; run this as root, or install them:
	apt-get install $missing"
	say "Installing: $missing"
	mkdir -p build
	if [ -e $policy ]; then
		policy=
	else
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod 755 $policy
	fi
	{
		apt-get update -q || true
		# shellcheck disable=SC2086 # a list of words
		DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
			${packages_release:+-t "$packages_release"} $missing
	} >"$log" 2>&1 </dev/null || status=$?
	[ -z "$policy" ] || rm -f $policy
	[ "$status" = 0 ] || {
		tail -20 "$log" >&2
		die "apt-get could not install the packages above; see $log."
	}
}

# build_folder DIR MESON-OPTION…: configures DIR unless it is, and compiles it, or just $targets. More
# than a hundred programs are linked, for which gold takes a sixth of the usual linker's time.
build_folder() {
	local folder=$1 log
	shift
	log=$folder/build.log
	if [ ! -f "$folder/build.ninja" ]; then
		mkdir -p "$folder"
		CC_LD=gold meson setup "$folder" "$@" >"$log" 2>&1 || {
			tail -30 "$log" >&2
			die "meson could not configure $folder; the log is $log."
		}
	fi
	# shellcheck disable=SC2086 # a list of words
	ninja -C "$folder" ${targets:-} >"$log" 2>&1 || {
		grep -vE '^\[[0-9]+/[0-9]+\] ' "$log" | tail -40 >&2
		die "The build in $folder failed; the log is $log."
	}
}

# build_sanitized DIR MESON-OPTION…: with clang's sanitizers, and ready for fuzzing: unit tests, the
# daemon and the fuzz targets are made of the same objects. Debug information is lines only, which
# makes compiling and linking much quicker.
build_sanitized() {
	local folder=$1
	shift
	CC=clang build_folder "$folder" -Dfuzz=true -Db_sanitize=address,undefined \
		-Db_lundef=false -Doptimization=1 -Dc_args=-gline-tables-only "$@"
}

# The stock OVS programs as the peer of interop and perf, unpacked into build/peer.
peer_unpack() {
	local peer=build/peer
	[ -x $peer/usr/bin/ovs-vsctl ] && return 0
	mkdir -p $peer/deb
	(cd $peer/deb && apt-get download -q openvswitch-common openvswitch-switch \
		openvswitch-switch-dpdk) >$peer/apt.log 2>&1 || return 1
	for deb in $peer/deb/*.deb; do
		dpkg -x "$deb" $peer || return 1
	done
}
