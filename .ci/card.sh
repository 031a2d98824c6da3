#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by tests/system/run and representor_test.sh: a driver of DPDK's. Debian has the headers for drivers
# in DPDK's sources only.

# dpdk_headers FOLDER: from the mirror that is in use, whose sources apt need not know of otherwise.
dpdk_headers() {
	local folder=$1 codename mirror
	[ ! -e "$folder/done" ] || return 0
	rm -rf "$folder"
	mkdir -p "$folder/lists/partial"
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		"Codename: $codename" 'Component: main' | head -1)
	echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $codename main" \
		>"$folder/sources.list"
	(
		cd "$folder" || exit
		words=(-o "Dir::Etc::sourcelist=$PWD/sources.list" -o Dir::Etc::sourceparts=/dev/null
			-o "Dir::State::lists=$PWD/lists")
		apt-get -q "${words[@]}" update && apt-get -q "${words[@]}" source --download-only dpdk &&
			tar -xf dpdk_*.orig.tar.* --wildcards --strip-components=1 \
				'*/lib/ethdev/*.h' '*/lib/eal/include/*.h' '*/drivers/bus/vdev/*.h'
	) >"$folder/apt.log" 2>&1 && rm -rf "$folder/lists" "$folder"/dpdk_* && touch "$folder/done"
}

# card_compile HEADERS DRIVER
card_compile() {
	# shellcheck disable=SC2046 # a list of words
	cc -shared -fPIC -O2 -Wall -Wextra -Wno-unused-parameter -DALLOW_INTERNAL_API -DALLOW_EXPERIMENTAL_API \
		$(pkg-config --cflags libdpdk | sed 's/-I/-isystem /g') -isystem "$1/lib/ethdev" \
		-isystem "$1/drivers/bus/vdev" -isystem "$1/lib/eal/include" -o "$2" tests/card/card.c \
		-lrte_ethdev -lrte_bus_vdev -lrte_kvargs
}
