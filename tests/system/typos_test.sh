#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Typing errors: whoever makes one is told at once which setting is wrong and why; 'vsctl show' goes on
# telling until it is mended, and what is out of bounds is not acted upon.
. tests/system/lib.sh

switch_options=(--enable-dummy)
switch_start
must vsctl add-br br0 -- add-port br0 p1 -- set Interface p1 type=dummy \
	-- add-port br0 p2 -- set Interface p2 type=dummy

# tells PATTERN COMMAND…: it succeeds, with one warning, which matches.
tells() {
	local pattern=$1 out
	shift
	out=$("$@" 2>&1 >/dev/null) || return 1
	echo "$out"
	[ "$(wc -l <<<"$out")" = 1 ] && grep -qE -- "warning: .*$pattern" <<<"$out"
}
shows() {
	vsctl show | grep -qE -- "error: .*$1"
}
# mistake PATTERN COMMAND…: told at once, and shown from then on.
mistake() {
	tells "$@" && shows "$1"
}
silent() {
	[ "$("$@" 2>&1)" = "" ]
}

check "a datapath type that is none" \
	mistake 'bridge br0: datapath_type netdve is not known' vsctl set Bridge br0 datapath_type=netdve
check "is told to whoever set it, not with each change after it" \
	silent vsctl set Bridge br0 other_config:dp-desc=x
must vsctl set Bridge br0 datapath_type=netdev
check "and shown until it is mended" not shows netdve
check "a version of OpenFlow that is not spoken" mistake 'none of its protocols is spoken' \
	vsctl set Bridge br0 protocols=OpenFlow12
check "is no matter among others" silent vsctl set Bridge br0 protocols=OpenFlow12,OpenFlow13
must vsctl clear Bridge br0 protocols
check "what the switch itself writes, and what was meant" tells 'p1: mtu is .* did you mean mtu_request' \
	vsctl set Interface p1 mtu=9000
check "also where nothing else was meant" tells 'p1: link_state is written by the switch' \
	vsctl set Interface p1 link_state=down
check "an id of zero" mistake 'br0: datapath-id=0x0: .*all zero' \
	vsctl set Bridge br0 other_config:datapath-id=0x0
check "one with 0x and all its digits is taken" eval \
	'silent vsctl set Bridge br0 other_config:datapath-id=0x1122334455667788 &&
	[ "$(vsctl get Bridge br0 datapath_id)" = "\"1122334455667788\"" ]'
check "a multicast address for a bridge" mistake 'hwaddr=01:00:00:00:00:01' \
	vsctl set Bridge br0 'other_config:hwaddr="01:00:00:00:00:01"'
check "a priority that RSTP does not know" mistake 'rstp-priority: .*multiples of 4096' \
	vsctl set Bridge br0 other_config:rstp-priority=5
must vsctl clear Bridge br0 other_config
check "a mirror's filter" mistake 'mirror m: filter: ipx' eval \
	'vsctl -- --id=@m create Mirror name=m select_all=true filter=ipx output_vlan=5 \
		-- set Bridge br0 mirrors=@m'
check "when it is changed, too" tells 'mirror m: filter: arpp' vsctl set Mirror m filter=arpp
must vsctl clear Bridge br0 mirrors

check "a core that is not there" mistake 'pmd-cpu-mask names core 252' vsctl set Open_vSwitch . \
	other_config:pmd-cpu-mask=0x1000000000000000000000000000000000000000000000000000000000000000
# works MASK: after a restart, too, a mask that is no good leaves the switch with a worker.
works() {
	vsctl set Open_vSwitch . other_config:pmd-cpu-mask="$1" 2>/dev/null
	switch_stop
	switch_start
	[ "$(appctl workers/show | wc -l)" = 2 ]
}
check "is no reason to forward nothing after a restart" \
	works 0x1000000000000000000000000000000000000000000000000000000000000000
check "a mask that is none, neither" works xyz
check "which is told of once" mistake 'pmd-cpu-mask=2-3: up to 64 hexadecimal' \
	vsctl set Open_vSwitch . other_config:pmd-cpu-mask=2-3
# mended: a daemon that does not start serves no database, so nobody could mend what it reads at its start.
mended() {
	vsctl set Open_vSwitch . other_config:dpdk-extra="$1" 2>/dev/null
	switch_stop
	switch_start >"$rundir/started" 2>&1
	not grep -q Usage "$rundir/started" && shows "dpdk-extra=${1%% *}.*DPDK does not take it" &&
		vsctl remove Open_vSwitch . other_config dpdk-extra
}
check "a word for DPDK that it does not know" mended --nonsense
check "one whose value makes no sense" mended '-n none'
# DPDK cannot always be asked again: then, after two starts that failed, the next does without.
again() {
	local i
	vsctl set Open_vSwitch . other_config:dpdk-extra="$1" 2>/dev/null
	switch_stop
	for i in 1 2; do
		not timeout 20 "$build/vswitchd/vswitchd" --rundir "$rundir" --detach "${switch_options[@]}" \
			>"$rundir/started" 2>&1 || return 1
	done
	mended "$1"
}
check "more words than DPDK can have" mended "$(printf -- '-v %.0s' $(seq 60))"
check "a driver that is not there" again '-d /no/such.so'
check "a question for help" again -h
# That its words are gone counts from the next start on.
switch_stop
switch_start
check "and nothing is left of it" not shows dpdk
check "an address for metrics" mistake 'metrics-address: tcp:9' \
	vsctl set Open_vSwitch . other_config:metrics-address=tcp:9
check "a key that is not there" mistake 'cannot read the private key' vsctl set-ssl /no/key /no/cert /no/ca
must vsctl del-ssl
check "memory that is no number" eval 'vsctl set Open_vSwitch . other_config:dpdk-socket-mem=1GB 2>&1 |
	grep -q "warning: .*dpdk-socket-mem=1GB: whole numbers separated" && shows "dpdk-socket-mem=1GB"'
must vsctl clear Open_vSwitch . other_config
check "a limit that is none" tells 'flow-limit=-3: must be between' \
	vsctl set Open_vSwitch . other_config:flow-limit=-3
limit() {
	appctl upcall/show | grep -q "limit $1)"
}
check "is not acted upon" limit 200000
must vsctl clear Open_vSwitch . other_config
check "and all is well when they are gone" not shows .

check "a QoS without a rate" mistake 'egress-policer needs other_config:cir' eval \
	'vsctl set Port p1 qos=@q -- --id=@q create QoS type=egress-policer'
check "or with one that is no number" tells 'cir=100k: a whole number' eval \
	'vsctl set QoS "$(vsctl get Port p1 qos)" other_config:cir=100k other_config:cbs=2000'
check "which is told of as long as it stands" shows 'egress-policer needs other_config:cir'
check "one with both is fine" silent \
	vsctl set QoS "$(vsctl get Port p1 qos)" other_config:cir=100000
check "and nothing is shown any more" not shows .
check "VLANs that contradict each other" mistake 'a trunk has no VLAN of its own' \
	vsctl set Port p1 tag=5 vlan_mode=trunk
check "beside something else that is wrong" mistake 'trunk has no VLAN.*.foo. is no MAC' \
	vsctl set Port p1 other_config:allowed-addresses=foo
must vsctl remove Port p1 other_config allowed-addresses -- clear Port p1 tag

check "a column that nothing acts on yet" mistake 'Port p1: lacp has no effect' vsctl set Port p1 lacp=active
must vsctl set Port p1 lacp=off
check "who asks for what is so anyhow is told nothing" is_fine p1
must vsctl clear Port p1 lacp
check "one of an interface" mistake '[pI][^ ]* p1: cfm_mpid has no effect' vsctl set Interface p1 cfm_mpid=5
must vsctl clear Interface p1 cfm_mpid
must vsctl -- --id=@n create NetFlow 'targets="192.0.2.1:5"' -- set Bridge br0 netflow=@n 2>/dev/null
check "one of a bridge" shows 'bridge br0: netflow has no effect'
must vsctl clear Bridge br0 netflow
check "one of a controller" mistake 'Controller: connection_mode has no effect' \
	vsctl set-controller br0 tcp:127.0.0.1:1 -- set Controller br0 connection_mode=in-band
must vsctl set Controller br0 connection_mode=out-of-band
check "which is told of until it is gone" not shows connection_mode
must vsctl --no-wait set Controller br0 local_ip=192.0.2.1
check "or by others than vsctl, who set it" eventually 5 shows 'bridge br0: Controller: local_ip has no effect'
must vsctl del-controller br0
check "one of a manager" mistake 'Manager: connection_mode has no effect' \
	vsctl set-manager "punix:$rundir/manager.sock" -- set Manager . connection_mode=in-band
must vsctl del-manager
check "one of a queue" mistake 'port p1: Queue: dscp has no effect' eval \
	'vsctl set Port p1 qos=@q -- --id=@q create QoS type=egress-policer other_config:cir=100000 \
		other_config:cbs=2000 queues:0=@q0 -- --id=@q0 create Queue dscp=5'
check "and of its QoS" mistake 'port p1: QoS: other_config: max-rate=5 has no effect' \
	vsctl set QoS "$(vsctl get Port p1 qos)" other_config:max-rate=5
# qos TYPE: of 300 queues, each with a rate of its own.
qos() {
	local words=(set Port p1 qos=@q -- --id=@q create QoS type="$1" other_config:max-rate=9 external_ids:a=b) i
	for ((i = 0; i < 300; i++)); do
		words+=("queues:$i=@q$i")
	done
	for ((i = 0; i < 300; i++)); do
		words+=(-- --id="@q$i" create Queue other_config:max-rate=$((i + 1000)) other_config:burst=$((i + 2000)))
	done
	vsctl "${words[@]}" >/dev/null 2>&1
}
# advice_below N: there is some, in fewer bytes.
advice_below() {
	vsctl get Interface p1 status:config_error >"$rundir/advice"
	grep -q QoS "$rundir/advice" && [ "$(wc -c <"$rundir/advice")" -lt "$1" ]
}
must qos trtcm-policer
check "of many queues some are told of" eval \
	'advice_below 2000 && grep -q "Queue: other_config: burst=2000 has no effect.*there may be more" "$rundir/advice"'
must qos linux-htb
check "and none if what they belong to is not known" eval \
	'advice_below 300 && ! grep -q "no effect" "$rundir/advice"'
must vsctl clear Port p1 qos
check "what is as it was made is nothing" not shows effect
check "a key without effect, set to what is so anyhow" \
	silent vsctl set Open_vSwitch . other_config:hw-offload=false other_config:userspace-tso-enable=true
must vsctl clear Open_vSwitch . other_config
check "another one" silent vsctl set Port p1 other_config:lb-output-action=true
check "set to what cannot be" mistake 'lb-output-action=false has no effect' \
	vsctl set Port p1 other_config:lb-output-action=false
must vsctl clear Port p1 other_config
check "a port of two interfaces" mistake 'port bond: there are no bonds yet' \
	vsctl add-bond br0 bond e1 e2 -- set Interface e1 type=dummy -- set Interface e2 type=dummy
check "and of a mode" tells 'no bonds yet.*bond_mode has no effect' vsctl set Port bond bond_mode=active-backup
must vsctl del-port bond
check "and all is well without them" not shows .

check "a patch port without another end" mistake 'peer=there: there is no patch port' eval \
	'vsctl add-port br0 here -- set Interface here type=patch options:peer=there'
check "that comes is one no more" eval 'silent vsctl add-port br0 there \
	-- set Interface there type=patch options:peer=here && is_fine here'
check "one that is its own" mistake 'peer=self: it cannot be its own' eval \
	'vsctl add-port br0 self -- set Interface self type=patch options:peer=self'
must vsctl del-port self -- del-port here -- del-port there

check "rules cannot be deleted by their actions" eval \
	'! ofctl del-flows br0 actions=drop 2>"$rundir/told" && grep -q "chosen by what they match" "$rundir/told"'
check "and none are" eval 'ofctl dump-flows br0 | grep -q NORMAL'
check "a packet is not of two protocols" is_told 'udp: the match already has another protocol' \
	vsctl trace br0 in_port=p1,tcp,udp
check "a width is not below 0" is_told 'max-column-width=-1: a number' \
	vsctl --max-column-width=-1 list Bridge
check "an option that a script left empty is as if it were not there" eval \
	'vsctl --rundir= list-br && appctl --rundir= version && ofctl --rundir= show br0'
daemon=$build/vswitchd/vswitchd
check "an option of the daemon's is found with its value, too" \
	is_told 'did you mean --rundir' "$daemon" --rundri=/x
check "one that has no value" is_told '--detach takes no value' "$daemon" --detach=yes
check "one whose value is missing" is_told '--db needs the name of a file' "$daemon" --db=
check "the switch is what it was" eval '[ "$(vsctl list-ports br0 | wc -l)" = 2 ]'
