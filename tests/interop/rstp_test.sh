# SPDX-License-Identifier: Apache-2.0
# Spanning trees agreed on with OVS: a ring of two bridges of ours and one of OVS, RSTP and STP.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/peer.sh"

switch_start
peer_start

for pair in ab bc ca; do
	must ip link add "${pair:0:1}${pair:1:1}" type veth peer name "${pair:1:1}${pair:0:1}"
	must ip link set "${pair:0:1}${pair:1:1}" up
	must ip link set "${pair:1:1}${pair:0:1}" up
done
# a and c are ours; b is OVS's.
for name in a c; do
	[ $name = a ] && links="ab ac" || links="cb ca"
	must vsctl add-br $name
	for link in $links; do
		must vsctl add-port $name $link -- set interface $link type=system
	done
done
must peer_vsctl add-br b -- set bridge b datapath_type=netdev
for link in ba bc; do
	must peer_vsctl add-port b $link
done

# speak KEY PRIORITY-KEY VALUE-OF-A -OF-B -OF-C: all three take part.
speak() {
	must vsctl set bridge a "$1=true" "other_config:$2=$3"
	must peer_vsctl set bridge b "$1=true" "other_config:$2=$4"
	must vsctl set bridge c "$1=true" "other_config:$2=$5"
}
role() {
	vsctl get port "$1" rstp_status:rstp_port_role
}
peer_role() {
	peer_vsctl get port "$1" rstp_status:rstp_port_role
}
roles() {
	[ "$(role ab) $(role ac) $(role cb) $(role ca) $(peer_role ba) $(peer_role bc)" = "$*" ]
}

speak rstp_enable rstp-priority 4096 8192 12288
check "the root is ours: OVS finds its way to it" \
	eventually 20 roles Designated Designated Alternate Root Root Designated
check "both name the same root" eval \
	'[ "$(vsctl get bridge c rstp_status:rstp_root_id)" = "$(peer_vsctl get bridge b rstp_status:rstp_root_id)" ]'
must ip link set ac down
check "a cut is gone round through OVS" eventually 20 eval '[ "$(role cb)" = Root ]'
check "which forwards" eventually 20 eval '[ "$(vsctl get port cb rstp_status:rstp_port_state)" = Forwarding ]'
must ip link set ac up
check "and mended again" eventually 20 roles Designated Designated Alternate Root Root Designated

must peer_vsctl set bridge b other_config:rstp-priority=0
check "OVS becomes the root" eventually 30 eval '[ "$(role ab) $(role cb)" = "Root Root" ]'

for bridge in a c; do
	must vsctl set bridge $bridge rstp_enable=false
done
must peer_vsctl set bridge b rstp_enable=false
short="other_config:stp-hello-time=1 other_config:stp-max-age=6 other_config:stp-forward-delay=4"
speak stp_enable stp-priority 4096 8192 12288
must vsctl set bridge a $short -- set bridge c $short
must peer_vsctl set bridge b $short
stp() {
	vsctl get port "$1" status:stp_role
}
check "with plain STP the tree is the same" \
	eventually 40 eval '[ "$(stp ab) $(stp ac) $(stp cb) $(stp ca)" = "designated designated alternate root" ]'
check "and OVS's root port leads to us" \
	eventually 40 eval '[ "$(peer_vsctl get port ba status:stp_role) $(peer_vsctl get port ba status:stp_state)" = "root forwarding" ]'
check "no frame made no sense" eval '[ "$(vsctl get port ab statistics:stp_error_count)" = 0 ]'
