/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

/* The table Open_vSwitch: one row, the whole switch. Its other_config is long enough to be split
 * by subject here; rows read one key each, so the formatter keeps out.  */

/* clang-format off */
static const struct option other_config[] = {
	/* Start-up of DPDK. */
	CONFIG_ENUM("dpdk-init", "true|false|try", "try", LIVE,
		"Accepted because clients set it. DPDK always runs here; what cannot work without a device "
		"says so in its own row."),
	CONFIG_TEXT("dpdk-lcore-mask", IGNORED,
		"Cores (a hex mask, lowest bit is core 0) on which DPDK's own housekeeping threads run."),
	CONFIG_INT("dpdk-alloc-mem", 0, 1048576, NULL, RESTART,
		"Megabytes of memory for packets to take at start. Unset: what ports need, as they come; "
		"without hugepages 1024, or half of the machine's memory if that is less."),
	CONFIG_LIST("dpdk-socket-mem", RESTART,
		"The same for each NUMA node ('1024,0,2048'); the sum is taken, wherever it lies."),
	CONFIG_LIST("dpdk-socket-limit", IGNORED,
		"The most hugepage memory, in megabytes, to take on each NUMA node; 0 is no limit."),
	CONFIG_TEXT("dpdk-hugepage-dir", IGNORED,
		"The hugetlbfs mount to use instead of the one found automatically."),
	CONFIG_BOOL("dpdk-probe-at-init", "false", IGNORED,
		"Take over every suitable NIC when DPDK starts, rather than each one when its port is added."),
	CONFIG_TEXT("dpdk-extra", RESTART,
		"More words for DPDK's start-up (EAL), as on the command line of a DPDK program. If it "
		"refuses them it is started without, now or the next time."),
	CONFIG_BOOL("per-port-memory", "false", IGNORED,
		"Give each DPDK port packet buffers of its own instead of shared ones."),
	CONFIG_TEXT("shared-mempool-config", IGNORED,
		"Sizes of the shared packet buffers: a list of MTU or MTU:NUMA-node."),

	/* Workers. */
	CONFIG_HEX("pmd-cpu-mask", 64, LIVE,
		"Cores (a hex mask, lowest bit is core 0) that run a worker each. Unset: one worker, on the "
		"last core the process may use."),
	CONFIG_ENUM("pmd-rxq-assign", "cycles|roundrobin|group", "cycles", LIVE,
		"How receive queues are spread over workers: by measured load in turn, blindly in turn, or "
		"each to the least loaded worker."),
	CONFIG_BOOL("pmd-rxq-isolate", "true", LIVE,
		"Whether a worker that a queue was pinned to (pmd-rxq-affinity) serves no other queues. With "
		"all workers isolated the others are spread over them nevertheless."),
	CONFIG_BOOL("pmd-auto-lb", "false", LIVE,
		"Re-assign receive queues by themselves when a worker was overloaded over the last minute."),
	CONFIG_INT("pmd-auto-lb-rebal-interval", 0, 20000, "1", LIVE,
		"Minutes between two automatic re-assignments; 0 means 1."),
	CONFIG_INT("pmd-auto-lb-load-threshold", 0, 100, "95", LIVE,
		"Percent of load at which a worker counts as overloaded."),
	CONFIG_INT("pmd-auto-lb-improvement-threshold", 0, 100, "25", LIVE,
		"Percent by which a re-assignment must even out the load to be made."),
	CONFIG_INT("pmd-sleep-max", 0, 10000, NULL, LIVE,
		"The longest pause, in microseconds, of a worker without packets whose devices cannot wake "
		"it. Idle workers sleep without being told; 0 means 500."),
	CONFIG_INT("pmd-maxsleep", 0, 10000, "0", LIVE,
		"The older name of pmd-sleep-max."),
	CONFIG_BOOL("pmd-perf-metrics", "false", IGNORED,
		"Collect histograms of what workers do."),
	CONFIG_INT("tx-flush-interval", 0, 1000000, "0", IGNORED,
		"Microseconds that packets may wait for company before they are sent."),

	/* Flow caches and translation. */
	CONFIG_INT("flow-limit", 0, 4294967295, "200000", LIVE,
		"The most flows kept in the workers' cache; 0 is 200000, and more than 1048575 never are."),
	CONFIG_INT("max-idle", 500, 3600000, "10000", LIVE,
		"Milliseconds after which a flow nobody uses leaves the cache."),
	CONFIG_INT("max-revalidator", 100, 3600000, "500", IGNORED,
		"Upper bound of the pause between two checks of all flows. Here a change re-translates only "
		"the flows that depended on it."),
	CONFIG_INT("min-revalidate-pps", 0, 4294967295, "5", IGNORED,
		"Packets per second below which a flow is not worth a check."),
	CONFIG_INT("n-handler-threads", 1, 1024, NULL, LIVE,
		"Threads that translate missed packets; more than 33 are not started. Without it there is "
		"one, and another one for every four cores, eight at most."),
	CONFIG_INT("n-revalidator-threads", 1, 1024, NULL, IGNORED,
		"Threads that check cached flows; nothing here needs them."),
	CONFIG_INT("emc-insert-inv-prob", 0, 4294967295, "100", LIVE,
		"0 turns the workers' exact-match cache off. Otherwise every packet may enter it, not one in "
		"so many: it judges by itself whether it pays."),
	CONFIG_INT("exact-cache-entries", 0, 4194304, "0", LIVE,
		"Connections each worker's exact-match cache holds, 8 bytes each; rounded up to a power of "
		"two. 0 is as many as fit the processor's L2 cache."),
	CONFIG_BOOL("smc-enable", "false", IGNORED,
		"OVS's signature cache; this switch has another cache."),
	CONFIG_BOOL("flow-restore-wait", "false", LIVE,
		"As long as it has been true since the daemon started, packets wait outside and controllers are "
		"not called, so that a script can put the rules back; what the daemon saved is not used."),
	CONFIG_BOOL("save-state", "true", LIVE,
		"Whether a daemon that is told to end saves rules, groups, meters and MACs for the next one, "
		"which restores them before it forwards. What a killed daemon knew is not saved."),
	CONFIG_TEXT("metrics-address", LIVE,
		"Where figures for monitoring are served over HTTP at /metrics, in Prometheus's text form: "
		"ptcp:9475:127.0.0.1, or punix:PATH. Unset: nowhere. Whoever can connect may read."),
	CONFIG_INT("vlan-limit", 0, 2, "1", LIVE,
		"How many VLAN tags a rule can see; 0 is as many as the switch can."),
	CONFIG_INT("bundle-idle-timeout", 1, 86400, "10", LIVE,
		"Seconds after which a bundle that a controller left open is thrown away."),

	/* Guests. */
	CONFIG_TEXT("vhost-sock-dir", RESTART,
		"Where sockets of dpdkvhostuser ports are made, below the run directory."),
	CONFIG_BOOL("vhost-iommu-support", "false", RESTART,
		"Let guests put an IOMMU between their devices and the switch."),
	CONFIG_BOOL("vhost-postcopy-support", "false", RESTART,
		"Let guests migrate by post-copy."),
	CONFIG_BOOL("userspace-tso-enable", "true", IGNORED,
		"Let guests hand over segments larger than the MTU; always so here."),

	/* Hardware offload. */
	CONFIG_BOOL("hw-offload", "false", IGNORED,
		"Let NICs forward flows by themselves."),
	CONFIG_INT("n-offload-threads", 1, 10, "1", IGNORED,
		"Threads that hand flows to NICs."),
	CONFIG_ENUM("tc-policy", "none|skip_sw|skip_hw", "none", IGNORED,
		"Where offloaded flows of kernel devices live."),
	CONFIG_BOOL("offload-rebalance", "false", IGNORED,
		"Keep the busiest flows in the NIC when its table is full."),
	CONFIG_INT("hw-offload-ct-size", 0, 10485760, NULL, IGNORED,
		"Connections that a NIC may track."),

	/* Statistics. */
	CONFIG_INT("stats-update-interval", 5000, 3600000, "5000", LIVE,
		"Milliseconds between updates of the statistics columns."),
	CONFIG_BOOL("enable-statistics", "false", IGNORED,
		"Fill this row's statistics column with the host's memory, load and processes."),

	/* Tunnels protected by IPsec. */
	CONFIG_TEXT("private_key", IGNORED, "The switch's private key for IPsec tunnels (PEM file)."),
	CONFIG_TEXT("certificate", IGNORED, "The switch's certificate for IPsec tunnels (PEM file)."),
	CONFIG_TEXT("ca_cert", IGNORED, "The CA that peers of IPsec tunnels are checked by (PEM file)."),
	CONFIG_TEXT("ipsec_skb_mark", IGNORED,
		"VALUE/MASK of the packet mark by which plaintext tunnel packets are dropped."),
};

static const struct option external_ids[] = {
	CONFIG_TEXT("system-id", LIVE, "This host's unique name; OVN's chassis name."),
	CONFIG_TEXT("hostname", LIVE, "The host's name."),
	CONFIG_TEXT("rundir", LIVE, "The daemon's run directory, where its sockets are."),
	CONFIG_TEXT("ovn-*", LIVE, "OVN's settings for this host: encapsulation, databases, bridges."),
};

static const struct option statistics[] = {
	CONFIG_TEXT("cpu", LIVE, "How many CPUs are online."),
	CONFIG_TEXT("load_average", LIVE, "The host's load over 1, 5 and 15 minutes."),
	CONFIG_TEXT("memory", LIVE,
		"Kilobytes of the host: memory, used, cached, swap, swap used."),
	CONFIG_TEXT("process_*", LIVE,
		"Of a daemon: virtual and resident kilobytes, CPU milliseconds, crashes, milliseconds "
		"since start and since the last crash."),
	CONFIG_TEXT("file_systems", LIVE, "Each writable file system: mount point, size, used."),
};

static const struct config_column columns[] = {
	CONFIG_COLUMN("bridges", USED, "The bridges of this switch."),
	CONFIG_COLUMN("datapaths", STATUS,
		"What each datapath type can do; 'netdev' and 'system' name the same one here."),
	CONFIG_COLUMN("manager_options", USED, "Where the database is served, and whom it calls."),
	CONFIG_COLUMN("ssl", USED, "Key and certificates of every TLS connection."),
	CONFIG_COLUMN("next_cfg", USED,
		"A counter that clients raise with each change they want to wait for."),
	CONFIG_COLUMN("cur_cfg", STATUS,
		"The value of next_cfg up to which the switch has applied everything."),
	CONFIG_COLUMN("ovs_version", STATUS, "The version this switch reports to clients."),
	CONFIG_COLUMN("db_version", STATUS, "The version of the database's schema."),
	CONFIG_COLUMN("system_type", STORED, "The host's operating system, as an integrator set it."),
	CONFIG_COLUMN("system_version", STORED, "Its version."),
	CONFIG_COLUMN("dpdk_initialized", STATUS, "Whether DPDK has been started."),
	CONFIG_COLUMN("dpdk_version", STATUS, "The version of the DPDK library in use."),
	CONFIG_COLUMN("datapath_types", STATUS, "What may stand in Bridge.datapath_type."),
	CONFIG_COLUMN("iface_types", STATUS, "What may stand in Interface.type."),
	CONFIG_MAP("statistics", STATUS, statistics,
		"Facts about the host; filled when other_config:enable-statistics is true."),
	CONFIG_MAP("other_config", USED, other_config, "Settings of the whole switch."),
	CONFIG_MAP("external_ids", STORED, external_ids, "What other programs note about this host."),
};
/* clang-format on */

CONFIG_TABLE(
	open_vswitch,
	"Open_vSwitch",
	columns,
	"The switch as a whole: its bridges, global settings, and what it reports about itself."
);
