/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

/* The table Interface. The keys of 'options' belong to the port types.  */

/* clang-format off */
static const struct option other_config[] = {
	/* Virtual functions of a NIC (SR-IOV). */
	CONFIG_INT("sriov-vfs", 0, 256, NULL, LIVE,
		"How many virtual functions this NIC shall have. The kernel changes their number only from "
		"and to 0."),
	CONFIG_TEXT("vf-*", LIVE,
		"How function 0, 1, … of this NIC is set up, whoever uses it, in words: mac=, vlan=, qos=, "
		"min-rate=, max-rate= (Mbit/s), trust=on|off, spoofchk=on|off, link-state=auto|on|off, "
		"driver= (such as vfio-pci). A setting that is removed becomes that of a fresh function; the "
		"driver stays. What was never named is left alone."),
	CONFIG_TEXT("vf", LIVE,
		"The same for a port of type dpdk that is a virtual function itself."),

	/* Queues and workers. */
	CONFIG_TEXT("pmd-rxq-affinity", LIVE,
		"Pins receive queues to the workers of cores: QUEUE:CORE,QUEUE:CORE… A queue whose core has "
		"no worker is served by any."),
	CONFIG_ENUM("tx-steering", "thread|hash", "thread", LIVE,
		"How packets are spread over the queues of a guest that has more than there are workers: "
		"each worker uses one of its own, or all of its own, chosen by the hash of a packet's flow."),
	CONFIG_BOOL("emc-enable", "true", IGNORED,
		"Whether packets from here may enter OVS's exact-match cache; this switch has another."),

	/* Bonds. */
	CONFIG_INT("lacp-port-id", 1, 65535, NULL, IGNORED, "The port number in LACP frames."),
	CONFIG_INT("lacp-port-priority", 1, 65535, NULL, IGNORED,
		"The port priority in LACP frames; lower is preferred."),
	CONFIG_INT("lacp-aggregation-key", 1, 65535, NULL, IGNORED,
		"Only members with the same key work together."),

	/* Fault detection by 802.1ag. */
	CONFIG_INT("cfm_interval", 1, 600000, "1000", IGNORED, "Milliseconds between heartbeats."),
	CONFIG_BOOL("cfm_extended", "false", IGNORED,
		"A variant with wider ids and any interval, which only OVS understands."),
	CONFIG_BOOL("cfm_demand", "false", IGNORED, "Let ordinary traffic count as heartbeats."),
	CONFIG_ENUM("cfm_opstate", "up|down", "up", IGNORED,
		"What heartbeats say of this end's readiness."),
	CONFIG_TEXT("cfm_ccm_vlan", IGNORED, "The VLAN of heartbeats, 1 to 4095 or 'random'."),
	CONFIG_INT("cfm_ccm_pcp", 1, 7, NULL, IGNORED, "The priority of heartbeats."),
};

static const struct option external_ids[] = {
	CONFIG_TEXT("iface-id", LIVE, "The unique name by which controllers know this interface."),
	CONFIG_TEXT("attached-mac", LIVE, "The MAC address that the guest sees on its device."),
	CONFIG_TEXT("iface-status", LIVE,
		"'active' or 'inactive' when several interfaces have the same iface-id."),
	CONFIG_TEXT("vm-id", LIVE, "The guest this interface belongs to."),
	CONFIG_TEXT("vm-uuid", LIVE, "The same, as OpenStack writes it."),
};

static const struct option bfd[] = {
	CONFIG_BOOL("enable", "false", LIVE, "Whether BFD watches this interface's far end."),
	CONFIG_INT("min_rx", 1, 4294967, "1000", LIVE,
		"The shortest interval, in milliseconds, at which frames can be received."),
	CONFIG_INT("min_tx", 1, 4294967, "100", LIVE,
		"The shortest interval, in milliseconds, at which frames are sent."),
	CONFIG_INT("decay_min_rx", 0, 4294967, "0", LIVE,
		"The receive interval while there is no other traffic; 0 is no difference."),
	CONFIG_BOOL("forwarding_if_rx", "false", LIVE,
		"Count the interface as working while it receives anything."),
	CONFIG_BOOL("cpath_down", "false", LIVE,
		"Tell the far end that the way beyond this switch is broken."),
	CONFIG_BOOL("check_tnl_key", "false", LIVE, "Accept only frames with tunnel key 0."),
	CONFIG_MAC("bfd_local_src_mac", LIVE, "Source MAC of frames sent."),
	CONFIG_MAC("bfd_local_dst_mac", LIVE, "Destination MAC of frames sent."),
	CONFIG_MAC("bfd_remote_dst_mac", LIVE, "Destination MAC that received frames must have."),
	CONFIG_IPV4("bfd_src_ip", "169.254.1.1", LIVE, "Source address of frames sent."),
	CONFIG_IPV4("bfd_dst_ip", "169.254.1.0", LIVE, "Destination address of frames sent."),
	CONFIG_BOOL("oam", "false", LIVE, "Mark the tunnel packets that carry BFD as OAM."),
	CONFIG_INT("mult", 1, 255, "3", LIVE, "Frames that may be missing before the far end is down."),
};

static const struct option bfd_status[] = {
	CONFIG_TEXT("state", LIVE, "admin_down, down, init or up."),
	CONFIG_TEXT("forwarding", LIVE, "Whether the interface counts as working."),
	CONFIG_TEXT("diagnostic", LIVE, "Why the state changed last."),
	CONFIG_TEXT("remote_state", LIVE, "The far end's state."),
	CONFIG_TEXT("remote_diagnostic", LIVE, "Why the far end's state changed last."),
	CONFIG_TEXT("flap_count", LIVE, "How often 'forwarding' has changed."),
};

static const struct option lldp[] = {
	CONFIG_BOOL("enable", "false", LIVE,
		"Speak LLDP on this interface: tell the neighbour who this is, and remember who it is."),
};

static const struct option statistics[] = {
	CONFIG_TEXT("rx_packets", LIVE, "Packets received."),
	CONFIG_TEXT("rx_bytes", LIVE, "Bytes received."),
	CONFIG_TEXT("tx_packets", LIVE, "Packets sent."),
	CONFIG_TEXT("tx_bytes", LIVE, "Bytes sent."),
	CONFIG_TEXT("rx_dropped", LIVE, "Packets dropped on their way in."),
	CONFIG_TEXT("rx_errors", LIVE, "Packets received damaged, all kinds together."),
	CONFIG_TEXT("rx_frame_err", LIVE, "Packets that were not whole bytes."),
	CONFIG_TEXT("rx_over_err", LIVE, "Packets for which there was no room."),
	CONFIG_TEXT("rx_crc_err", LIVE, "Packets with a wrong checksum."),
	CONFIG_TEXT("tx_dropped", LIVE, "Packets dropped on their way out."),
	CONFIG_TEXT("tx_errors", LIVE, "Packets that could not be sent."),
	CONFIG_TEXT("collisions", LIVE, "Collisions on the wire."),
	CONFIG_TEXT("ovs_tx_failure_drops", LIVE,
		"Packets the device or guest had no room for, or nobody was there (dpdk, vhost-user)."),
	CONFIG_TEXT("ovs_tx_retries", LIVE,
		"How often packets were offered once more, as the device or guest was full."),
	CONFIG_TEXT("ovs_tx_qos_drops", LIVE, "Packets beyond what the port's QoS lets leave."),
	CONFIG_TEXT("ovs_rx_qos_drops", LIVE, "Packets beyond ingress_policing_rate."),
	CONFIG_TEXT("ovs_tx_invalid_hwol_drops", LIVE,
		"Packets whose checksum or segments could not be made."),
	CONFIG_TEXT("ovs_tx_mtu_exceeded_drops", LIVE,
		"Packets longer than the MTU allows (with two tags at most)."),
};

static const struct option status[] = {
	CONFIG_TEXT("config_error", LIVE,
		"What of its settings is wrong or has no effect, though it works; why it does not is in 'error'."),
	CONFIG_TEXT("driver_name", LIVE, "The device's driver."),
	CONFIG_TEXT("driver_version", LIVE, "The driver's version."),
	CONFIG_TEXT("firmware_version", LIVE, "The NIC's firmware."),
	CONFIG_TEXT("source_ip", LIVE, "The address from which a tunnel sends."),
	CONFIG_TEXT("tunnel_egress_iface", LIVE, "The device through which a tunnel sends."),
	CONFIG_TEXT("tunnel_egress_iface_carrier", LIVE, "Whether that device has a link."),
	CONFIG_TEXT("numa_id", LIVE, "The NUMA node the device is attached to."),
	CONFIG_TEXT("n_rxq", LIVE, "Receive queues in use."),
	CONFIG_TEXT("n_txq", LIVE, "Transmit queues in use."),
	CONFIG_TEXT("n_rxq_desc", LIVE, "Descriptors of each receive queue."),
	CONFIG_TEXT("n_txq_desc", LIVE, "Descriptors of each transmit queue."),
	CONFIG_TEXT("neighbor", LIVE, "The system at the other end of the link, heard by LLDP."),
	CONFIG_TEXT("neighbor_port", LIVE, "Its port."),
	CONFIG_TEXT("neighbor_port_description", LIVE, "What it says of its port."),
	CONFIG_TEXT("neighbor_chassis", LIVE, "Its chassis id."),
	CONFIG_TEXT("neighbor_address", LIVE, "The address to manage it at."),
	CONFIG_TEXT("neighbor_vlan", LIVE, "The VLAN it puts untagged frames in."),
	CONFIG_TEXT("port_no", LIVE, "DPDK's number of the device."),
	CONFIG_TEXT("min_rx_bufsize", LIVE, "The smallest receive buffer the device takes."),
	CONFIG_TEXT("max_rx_pktlen", LIVE, "The longest packet the device can receive."),
	CONFIG_TEXT("max_rx_queues", LIVE, "Receive queues the device has."),
	CONFIG_TEXT("max_tx_queues", LIVE, "Transmit queues the device has."),
	CONFIG_TEXT("max_mac_addrs", LIVE, "MAC addresses the device can filter."),
	CONFIG_TEXT("max_hash_mac_addrs", LIVE, "MAC addresses the device can filter by hash."),
	CONFIG_TEXT("max_vfs", LIVE, "Virtual functions the device can have."),
	CONFIG_TEXT("max_vmdq_pools", LIVE, "VMDq pools the device has."),
	CONFIG_TEXT("if_type", LIVE, "The device's kind by IANA's list."),
	CONFIG_TEXT("if_descr", LIVE, "The device in words."),
	CONFIG_TEXT("pci-vendor_id", LIVE, "PCI vendor."),
	CONFIG_TEXT("pci-device_id", LIVE, "PCI device."),
	CONFIG_TEXT("rx_interrupts", LIVE, "Whether idle workers wait for the device's interrupts."),
	CONFIG_TEXT("tx_*_offload", LIVE,
		"Whether the device does that by itself: checksums (of the headers around a tunnel: 'out'), "
		"and cutting TCP ('seg', in tunnels 'tso')."),
	CONFIG_TEXT("mode", LIVE, "'client' or 'server' on a vhost-user socket."),
	CONFIG_TEXT("socket", LIVE, "The vhost-user socket."),
	CONFIG_TEXT("alarm", LIVE, "What is amiss with its packets, such as an attack on the flow table."),
	CONFIG_TEXT("device", LIVE, "What has become of the kernel's device, if it is gone."),
	CONFIG_TEXT("status", LIVE, "Whether a guest is connected."),
	CONFIG_TEXT("handshake", LIVE, "How far a guest has come, or what it waits for."),
	CONFIG_TEXT("connections", LIVE, "How often a guest has connected."),
	CONFIG_TEXT("features", LIVE, "What was agreed with the guest's driver, in hex."),
	CONFIG_TEXT("num_of_vrings", LIVE, "Rings the guest has set up."),
	CONFIG_TEXT("vring_*", LIVE, "The size of a ring."),
	CONFIG_TEXT("frames", LIVE, "Frames in the capture file that a pcap port reads."),
	CONFIG_TEXT("write-error", LIVE, "Why a pcap port writes no more."),
	CONFIG_TEXT("sriov_vfs", LIVE, "Virtual functions that the NIC has, of how many there can be."),
	CONFIG_TEXT("vf-*", LIVE, "A virtual function as it is now: its address, and as other_config:vf-*."),
};

static const struct config_column columns[] = {
	CONFIG_COLUMN("name", USED,
		"The interface's name. Kernel devices have at most 15 bytes; OpenFlow shows no more either."),
	CONFIG_COLUMN("type", USED,
		"What stands behind it: nothing or 'system' is a device of the kernel; 'internal' and 'tap' "
		"make one; 'dpdk' is a NIC or VF; 'dpdkvhostuserclient' and 'dpdkvhostuser' are guests; "
		"'pcap' reads and writes capture files; 'patch' leads to another bridge; 'vxlan', 'geneve', 'gre', 'erspan' are tunnels."),
	CONFIG_COLUMN("options", USED, "Settings of its type; see 'describe Interface options:KEY'."),
	CONFIG_COLUMN("ofport", STATUS, "Its OpenFlow number; -1 when it could not be added."),
	CONFIG_COLUMN("ofport_request", USED,
		"The OpenFlow number wanted; given if it is free, else another one."),
	CONFIG_COLUMN("error", STATUS, "Why it could not be added; status:config_error is what is wrong with the settings of one that was."),
	CONFIG_COLUMN("mac", USED, "The MAC address to set on an internal interface."),
	CONFIG_COLUMN("mac_in_use", STATUS, "The MAC address it has."),
	CONFIG_COLUMN("mtu", STATUS, "The largest IP packet it carries, in bytes."),
	CONFIG_COLUMN("mtu_request", USED,
		"The MTU wanted. Without it an internal interface has the least of the bridge's others."),
	CONFIG_COLUMN("ifindex", STATUS,
		"The number by which the kernel and SNMP know the device of this name."),
	CONFIG_COLUMN("admin_state", STATUS, "Whether it was switched on."),
	CONFIG_COLUMN("link_state", STATUS, "Whether it has a link."),
	CONFIG_COLUMN("link_resets", STATUS, "How often link_state has changed."),
	CONFIG_COLUMN("link_speed", STATUS, "Bits per second."),
	CONFIG_COLUMN("duplex", STATUS, "Half or full duplex; not told in this version."),
	CONFIG_COLUMN("ingress_policing_rate", USED,
		"Kilobits per second that may come in; the rest is dropped. 0 is no limit."),
	CONFIG_COLUMN("ingress_policing_burst", USED, "Kilobits that may come at once; 0 is 8000."),
	CONFIG_COLUMN("ingress_policing_kpkts_rate", USED,
		"Thousands of packets per second that may come in. 0 is no limit."),
	CONFIG_COLUMN("ingress_policing_kpkts_burst", USED,
		"Thousands of packets that may come at once; 0 is 16."),
	CONFIG_MAP("bfd", USED, bfd, "Watching the far end by BFD (RFC 5880)."),
	CONFIG_MAP("bfd_status", STATUS, bfd_status, "What BFD has found out."),
	CONFIG_COLUMN("cfm_mpid", LATER, "This end's id for 802.1ag; setting it turns watching on."),
	CONFIG_COLUMN("cfm_remote_mpids", STATUS, "The far ends heard."),
	CONFIG_COLUMN("cfm_flap_count", STATUS, "How often cfm_fault has changed."),
	CONFIG_COLUMN("cfm_fault", STATUS, "Whether the far ends cannot be reached."),
	CONFIG_COLUMN("cfm_fault_status", STATUS,
		"Why: recv, rdi, maid, loopback, overflow, override, interval."),
	CONFIG_COLUMN("cfm_remote_opstate", STATUS, "What the far end says of its readiness."),
	CONFIG_COLUMN("cfm_health", STATUS, "Percent of heartbeats that arrived."),
	CONFIG_COLUMN("lacp_current", STATUS, "Whether the LACP partner was heard lately."),
	CONFIG_MAP("lldp", USED, lldp, "Telling neighbours who this is."),
	CONFIG_MAP("statistics", STATUS, statistics, "Counters since the interface was added."),
	CONFIG_MAP("status", STATUS, status, "Facts about the device."),
	CONFIG_MAP("other_config", USED, other_config, "More settings of the interface."),
	CONFIG_MAP("external_ids", STORED, external_ids,
		"What other programs note about the interface; controllers find guests by it."),
};
/* clang-format on */

CONFIG_TABLE(
	interface,
	"Interface",
	columns,
	"Where packets enter and leave: a NIC, a guest's device, a tunnel, a link to another bridge."
);
