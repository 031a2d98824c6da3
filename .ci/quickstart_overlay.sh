#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by ./quickstart for --overlay: two switches in two namespaces that stand for hypervisors,
# with a cable between them, and on each a guest of two tenants. The tenants use the same addresses
# and hear nothing of each other: the red one's frames cross as VXLAN's VNI 5000, the blue one's as
# 5001.

overlay=$rundir-overlay
hypervisors=(1 2)
tenants=(red blue)
declare -A vni=([red]=5000 [blue]=5001)

# hypervisor_run N COMMAND…: as somebody who is logged in there.
hypervisor_run() {
	local n=$1
	shift
	WEIR_RUNDIR=$overlay/$n ip netns exec "$prefix-hyp$n" "$@"
}

hypervisor_start() {
	local n=$1 log=$overlay/$1/vswitchd.log
	mkdir -p "$overlay/$n"
	hypervisor_run "$n" "$build/vswitchd/vswitchd" --rundir "$overlay/$n" --detach --pidfile \
		--log-file="$log" >"$overlay/$n/start.log" 2>&1 || {
		cat "$overlay/$n/start.log" >&2
		die "The switch of hypervisor $n could not start; its log is $log."
	}
}

# The cable between the hypervisors, with room for the headers that tunnels add.
cable_lay() {
	ip link add "$prefix-cable" netns "$prefix-hyp1" mtu 1600 type veth \
		peer name "$prefix-cable" netns "$prefix-hyp2" mtu 1600 ||
		die "There is no veth device to be had: load the kernel module veth."
	for n in "${hypervisors[@]}"; do
		ip -n "$prefix-hyp$n" link set lo up
		ip -n "$prefix-hyp$n" link set dev "$prefix-cable" up
	done
}

# guest_attach N TENANT: a namespace that stands for a guest, which knows of no tunnel.
guest_attach() {
	local n=$1 name=$prefix-$2$1
	ip netns add "$name"
	for _ in $(seq 50); do
		ip -n "$prefix-hyp$n" link show dev "$name" >/dev/null 2>&1 && break
		sleep 0.1
	done
	ip -n "$prefix-hyp$n" link set dev "$name" netns "$name" ||
		die "The device $name did not appear; $overlay/$n/vswitchd.log may say why."
	ip -n "$name" addr add "192.0.2.$n/24" dev "$name"
	ip -n "$name" link set lo up
	ip -n "$name" link set dev "$name" up
}

hypervisor_configure() {
	local n=$1 other=$((3 - $1)) words tenant
	words=(add-br phy -- add-port phy "$prefix-cable")
	for tenant in "${tenants[@]}"; do
		words+=(-- add-br "$tenant"
			-- add-port "$tenant" "$prefix-$tenant$n"
			-- set Interface "$prefix-$tenant$n" type=internal
			-- add-port "$tenant" "vx-$tenant"
			-- set Interface "vx-$tenant" type=vxlan
			options:remote_ip="198.51.100.$other" options:key="${vni[$tenant]}")
	done
	WEIR_RUNDIR=$overlay/$n "$build/utilities/vsctl" "${words[@]}" ||
		die "Hypervisor $n could not be configured; see above."
	ip -n "$prefix-hyp$n" addr add "198.51.100.$n/24" dev phy
	ip -n "$prefix-hyp$n" link set dev phy up
	for tenant in "${tenants[@]}"; do
		guest_attach "$n" "$tenant"
	done
}

# expect STATUS COMMAND…: shows the command, whose exit status shall be 0 (yes) or not (no).
expect() {
	local wanted=$1 got=no
	shift
	shown "$@" && got=yes
	[ $got = "$wanted" ] || failed=1
}

overlay_show() {
	local failed=0 ping=(ping -c 3 -i 0.2 -W 2)
	export WEIR_RUNDIR=$overlay/1
	say "The red tenant's guests hear each other, and so do the blue one's, at the same addresses:"
	expect yes ip netns exec "$prefix-red1" "${ping[@]}" 192.0.2.2
	expect yes ip netns exec "$prefix-blue1" "${ping[@]}" 192.0.2.2
	say "
The blue guest of hypervisor 2 gets one more address. The red guest must not hear it:"
	ip -n "$prefix-blue2" addr add 192.0.2.3/24 dev "$prefix-blue2"
	expect yes ip netns exec "$prefix-blue1" "${ping[@]}" 192.0.2.3
	expect no ip netns exec "$prefix-red1" ping -c 2 -i 0.2 -W 1 192.0.2.3
	shown "$build/utilities/appctl" ofproto/list-tunnels
	shown "$build/utilities/appctl" ovs/route/show
	shown "$build/utilities/appctl" tnl/neigh/show
	[ $failed = 0 ] || die "
Something above is not as it should be; $overlay/*/vswitchd.log may say why."
	overlay_what_next
}

overlay_what_next() {
	cat <<-END

	Two hypervisors, $prefix-hyp1 and $prefix-hyp2, with two guests each: $prefix-red1 and $prefix-red2 (VNI 5000),
	$prefix-blue1 and $prefix-blue2 (VNI 5001). Type next:
	    export WEIR_RUNDIR=$overlay/1 PATH=$(realpath "$build")/utilities:\$PATH
	    ip netns exec $prefix-red1 ping 192.0.2.2    watch them talk
	    ip netns exec $prefix-hyp1 tcpdump -ni $prefix-cable   and what crosses the cable
	    appctl dpctl/dump-flows                what is done with which packets
	    vsctl set Interface vx-red options:key=5001    a wrong key: the ping stops
	    ./quickstart stop                      take everything away again
	END
}

overlay_stop() {
	local n tenant
	for n in "${hypervisors[@]}"; do
		daemon_stop "$overlay/$n"
		for tenant in "${tenants[@]}"; do
			ip netns del "$prefix-$tenant$n" 2>/dev/null
		done
		ip netns del "$prefix-hyp$n" 2>/dev/null
	done
	rm -rf "$overlay"
}

overlay_start() {
	local n
	overlay_stop
	for n in "${hypervisors[@]}"; do
		ip netns add "$prefix-hyp$n" || die "There can be no network namespace here; does" \
			"this container lack CAP_SYS_ADMIN?"
	done
	cable_lay
	for n in "${hypervisors[@]}"; do
		hypervisor_start "$n"
		hypervisor_configure "$n"
	done
}
