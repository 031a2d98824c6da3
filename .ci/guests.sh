#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by tests/guests/run and ./quickstart, after setup.sh: QEMU, and what guests boot.

packages_guests=(busybox-static cpio ethtool iperf3 iproute2 util-linux python3)
# Older ones crash when a vhost-user device starts without KVM, and have no card with VFs.
qemu_oldest=1:9

qemu_is_new() {
	local version
	version=$(dpkg-query -W -f='${db:Status-Status} ${Version}' qemu-system-x86 2>/dev/null |
		sed -n 's/^installed //p')
	[ -n "$version" ] && dpkg --compare-versions "$version" ge $qemu_oldest
}

# Debian 12 has a QEMU that is new enough in its backports only: one more suite of the mirror that
# is in use already, from which nothing comes unless it is asked for.
backports_add() {
	local codename mirror source=/etc/apt/sources.list.d/weir-backports.list
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	[ "$codename" = bookworm ] && [ ! -e $source ] || return 0
	apt-get indextargets --format '$(RELEASE)' 'Created-By: Packages' |
		grep -q "^$codename-backports$" && return 0
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		"Codename: $codename" 'Component: main' | head -1)
	[ -n "$mirror" ] || die "apt knows no mirror of $codename; is there one in /etc/apt/sources.list?"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $codename-backports main" >$source
}

qemu_install() {
	local codename
	qemu_is_new && return 0
	[ "$(id -u)" = 0 ] || die "QEMU 9 or newer is missing; run this as root, or install it."
	backports_add
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	if [ "$codename" = bookworm ]; then
		packages_release=bookworm-backports
	fi
	packages_install qemu-system-x86
	packages_release=
	qemu_is_new || die "This needs QEMU 9 or newer; Debian 12 has it in bookworm-backports."
}

# kernel_unpack PACKAGE FOLDER: the kernel that a metapackage stands for.
kernel_unpack() {
	local package=$1 folder=$2 name
	[ ! -e "$folder/done" ] || return 0
	rm -rf "$folder"
	mkdir -p "$folder"
	name=$(apt-cache depends --important "$package" | awk '$1 == "Depends:" { print $2; exit }')
	(cd "$folder" && apt-get download -q "${name:-$package}") >"$folder/apt.log" 2>&1 ||
		die "apt-get could not download ${name:-$package}; see $folder/apt.log."
	dpkg -x "$folder"/*.deb "$folder" || die "$folder: the kernel could not be unpacked."
	rm -f "$folder"/*.deb
	touch "$folder/done"
}

# guests_prepare BUILD: all that guests need; quick when it is there already.
guests_prepare() {
	packages_install "${packages_guests[@]}"
	qemu_install
	kernel_unpack linux-image-cloud-amd64 build/guests/kernel
	/usr/bin/python3 tests/guests/image.py --kernel build/guests/kernel \
		--out "$1/guests/image" --program "$1/tests/guests/probe" ||
		die "The guests' image could not be made; see above."
}

# nested_compile FILE: a kernel that QEMU boots by Multiboot.
nested_compile() {
	[ ! "$1" -nt tests/guests/nested.c ] || return 0
	mkdir -p "$(dirname "$1")"
	cc -m32 -std=gnu17 -O2 -Wall -Wextra -Wshadow -Werror -ffreestanding -fno-pic -fno-stack-protector \
		-fcf-protection=none -nostdlib -static -no-pie \
		-Wl,-Ttext-segment=0x100000,-z,noseparate-code,-z,noexecstack,--build-id=none,-e,start \
		-o "$1" tests/guests/nested.c || die "The guest of a guest could not be compiled; see above."
}

# host_prepare BUILD [nested]: a guest that is a host itself, with NICs that have virtual functions: their
# drivers are not in the kernel for clouds, and the switch is in the image. Nested: it can have guests.
host_prepare() {
	local words=() name driver kind=host
	kernel_unpack linux-image-amd64 build/guests/host-kernel
	for name in "$1"/vswitchd/vswitchd "$1"/utilities/{vsctl,ofctl} "$1"/tests/guests/probe; do
		words+=(--program "$name")
	done
	for name in bus_pci bus_vdev mempool_{ring,stack} net_e1000; do
		for driver in /usr/lib/*/dpdk/pmds-*/"librte_$name".so.*.*; do
			words+=(--driver "$driver")
		done
	done
	if [ "${2:-}" = nested ]; then
		kind=nested
		nested_compile "$1/guests/nested"
		words+=(--program /usr/bin/qemu-system-x86_64 --file "$1/guests/nested" /boot/nested)
		for name in /usr/share/seabios/bios-256k.bin /usr/share/qemu/{multiboot_dma,kvmvapic}.bin; do
			words+=(--file "$name" "$name")
		done
	fi
	/usr/bin/python3 tests/guests/image.py --kernel build/guests/host-kernel \
		--out "$1/guests/$kind-image" "${words[@]}" ||
		die "The image of the guest that is a host could not be made; see above."
}
