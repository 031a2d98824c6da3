#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by tests/guests/run, after setup.sh: libvirt, unpacked. It is never installed, because
# installing it starts a service.

packages_libvirt=(libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients)

# Into build/libvirt/root, with what it needs and this machine has not got. Whatever keeps it from
# that is in build/libvirt/why.
libvirt_unpack() {
	local folder=build/libvirt missing deb
	[ ! -e $folder/done ] || return 0
	rm -rf $folder
	mkdir -p $folder/root
	missing=$(apt-get install --simulate --no-install-recommends "${packages_libvirt[@]}" \
		2>$folder/apt.log | awk '$1 == "Inst" { print $2 }')
	for deb in "${packages_libvirt[@]}"; do
		grep -qx "$deb" <<<"$missing" || missing="$missing $deb"
	done
	# shellcheck disable=SC2086 # a list of words
	(cd $folder && apt-get download -q $missing) >>$folder/apt.log 2>&1 || {
		echo "its packages cannot be had: $(tail -1 $folder/apt.log)" >$folder/why
		return 0
	}
	for deb in "$folder"/*.deb; do
		dpkg -x "$deb" $folder/root || {
			echo "$deb cannot be unpacked" >$folder/why
			return 0
		}
	done
	rm -f "$folder"/*.deb
	touch $folder/done
}
