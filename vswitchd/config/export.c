/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

/* The tables of flow export: NetFlow, sFlow, IPFIX, Flow_Sample_Collector_Set.  */

/* clang-format off */
static const struct config_column netflow_columns[] = {
	CONFIG_COLUMN("targets", LATER, "The collectors, IP:PORT each."),
	CONFIG_COLUMN("active_timeout", LATER,
		"Seconds between records of a flow that goes on; 0 is 600, -1 only at its end."),
	CONFIG_COLUMN("engine_type", LATER, "The engine type in records."),
	CONFIG_COLUMN("engine_id", LATER, "The engine id in records."),
	CONFIG_COLUMN("add_id_to_interface", LATER,
		"Put the engine id into the upper bits of interface numbers."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about it."),
};

static const struct config_column sflow_columns[] = {
	CONFIG_COLUMN("targets", LATER, "The collectors, IP:PORT each."),
	CONFIG_COLUMN("agent", LATER, "The device or address that samples come from."),
	CONFIG_COLUMN("sampling", LATER, "One packet in so many is sampled; 400."),
	CONFIG_COLUMN("polling", LATER, "Seconds between reports of port counters; 30."),
	CONFIG_COLUMN("header", LATER, "Bytes of each sampled packet; 128."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about it."),
};

static const struct option ipfix_other_config[] = {
	CONFIG_BOOL("enable-tunnel-sampling", "true", IGNORED, "Report tunnel headers too."),
	CONFIG_BOOL("enable-input-sampling", "true", IGNORED, "Sample packets as they come in."),
	CONFIG_BOOL("enable-output-sampling", "true", IGNORED, "Sample packets as they leave."),
	CONFIG_TEXT("virtual_obs_id", IGNORED, "The name of the observation point (254 bytes)."),
};

static const struct config_column ipfix_columns[] = {
	CONFIG_COLUMN("targets", LATER, "The collectors, IP:PORT each."),
	CONFIG_COLUMN("sampling", LATER, "One packet in so many is sampled; 400."),
	CONFIG_COLUMN("obs_domain_id", LATER, "The observation domain in records."),
	CONFIG_COLUMN("obs_point_id", LATER, "The observation point in records."),
	CONFIG_COLUMN("cache_active_timeout", LATER, "Seconds that a record may be gathered; 0 is not."),
	CONFIG_COLUMN("cache_max_flows", LATER, "Records gathered at once; 0 is none."),
	CONFIG_MAP("other_config", LATER, ipfix_other_config, "More settings of the export."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about it."),
};

static const struct config_column collector_columns[] = {
	CONFIG_COLUMN("id", LATER, "The number by which a rule's sample action names the set."),
	CONFIG_COLUMN("bridge", LATER, "The bridge whose rules may name it."),
	CONFIG_COLUMN("ipfix", LATER, "The collectors that samples go to."),
	CONFIG_COLUMN("local_group_id", LATER, "The group of programs on this host that get samples."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about the set."),
};
/* clang-format on */

CONFIG_TABLE(netflow, "NetFlow", netflow_columns, "Export of flow records by NetFlow 5.");
CONFIG_TABLE(sflow, "sFlow", sflow_columns, "Export of packet samples and counters by sFlow.");
CONFIG_TABLE(ipfix, "IPFIX", ipfix_columns, "Export of flow records by IPFIX.");
CONFIG_TABLE(
	flow_sample_collector_set,
	"Flow_Sample_Collector_Set",
	collector_columns,
	"Collectors that a rule's sample action can send to."
);
