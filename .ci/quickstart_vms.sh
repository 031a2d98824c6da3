#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by ./quickstart for --vms: two virtual machines on vhost-user ports of one switch.

vms=/run/weir-$prefix-vms
vm_names=(vm1 vm2)

# vm_boot N: QEMU in the background; the switch connects to the socket that it makes.
vm_boot() {
	local n=$1 name=vm$1
	setsid qemu-system-x86_64 -accel tcg -cpu max -machine q35 -nodefaults -display none \
		-m 192 -object "memory-backend-memfd,id=mem,size=192M,share=on" -numa node,memdev=mem \
		-kernel "$build/guests/image/kernel" -initrd "$build/guests/image/initrd" \
		-append "console=ttyS0 quiet loglevel=4 panic=1 mitigations=off no_timer_check" \
		-chardev "socket,id=c0,path=$vms/$name.vhost,server=on,wait=on" \
		-netdev vhost-user,id=n0,chardev=c0 \
		-device "virtio-net-pci,netdev=n0,mac=02:00:00:00:00:0$n,romfile=" \
		-serial "unix:$vms/$name.console,server=on,wait=off" \
		-serial "unix:$vms/$name.orders,server=on,wait=off" \
		-pidfile "$vms/$name.pid" >"$vms/$name.log" 2>&1 </dev/null &
	disown
}

# vm_do N COMMAND: what a shell in the guest says to a command.
vm_do() {
	/usr/bin/python3 tests/guests/orders.py "$vms/vm$1.orders" "$2"
}

vms_stop() {
	local name pid
	for name in "${vm_names[@]}"; do
		pid=$(cat "$vms/$name.pid" 2>/dev/null) || continue
		case $(readlink "/proc/$pid/exe" 2>/dev/null) in
		*/qemu-system-x86_64) kill "$pid" ;;
		esac
	done
	switch_stop $vms br-vms
	rm -rf $vms
}

vms_start() {
	local n words=(--may-exist add-br br-vms)
	. .ci/guests.sh
	targets="vswitchd/vswitchd utilities/vsctl utilities/appctl tests/guests/probe" \
		build_folder "$build"
	guests_prepare "$build"
	vms_stop
	mkdir -p $vms
	rundir=$vms WEIR_RUNDIR=$vms
	for n in 1 2; do
		words+=(-- add-port br-vms vm$n -- set Interface vm$n type=dpdkvhostuserclient
			"options:vhost-server-path=$vms/vm$n.vhost")
	done
	daemon_start
	$build/utilities/vsctl "${words[@]}" || die "The bridge could not be made; see above."
	for n in 1 2; do
		vm_boot $n
	done
	say "Two guests boot without KVM; this takes 10 seconds or so."
	for n in 1 2; do
		vm_do $n "ip link set eth0 up; ip addr replace 192.0.2.$n/24 dev eth0" || {
			tail -5 "$vms/vm$n.log" >&2
			die "Guest vm$n did not boot; see above."
		}
	done
}

# in_vm1 COMMAND…: a command that is shown as it is typed there.
in_vm1() {
	vm_do 1 "$*"
}

vms_show() {
	local status=0
	printf '\nvm1# ping -c 3 192.0.2.2\n'
	in_vm1 ping -c 3 192.0.2.2 || status=1
	shown $build/utilities/vsctl show
	shown $build/utilities/vsctl get Interface vm1 status
	shown $build/utilities/appctl fdb/show br-vms
	shown $build/utilities/appctl dpctl/dump-flows
	[ $status = 0 ] || die "
The guests do not hear each other; $vms/vswitchd.log may say why."
	cat <<-END

	Two guests under QEMU, vm1 (192.0.2.1) and vm2 (192.0.2.2), talk over vhost-user through br-vms. Type next:
	    export WEIR_RUNDIR=$vms PATH=$(realpath "$build")/utilities:\$PATH
	    tests/guests/orders.py $vms/vm1.orders "ping -c 3 192.0.2.2"     a command in a guest
	    kill -9 \$(cat $vms/vswitchd.pid); $(realpath "$build")/vswitchd/vswitchd --rundir $vms --detach --pidfile
	                                           the switch is gone, is back, and the guests talk again
	    appctl ports/show                      the ports and their queues
	    ./quickstart stop                      take everything away again
	END
}
