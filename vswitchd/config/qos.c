/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

/* The tables QoS and Queue.  */

/* clang-format off */
static const struct option qos_other_config[] = {
	CONFIG_INT("max-rate", 0, INT64_MAX, NULL, IGNORED,
		"linux-htb, linux-hfsc: bits per second of all queues together; the link's speed if unset."),
	CONFIG_INT("cir", 0, INT64_MAX, NULL, LIVE,
		"egress-policer, trtcm-policer: committed rate, bytes of IP packets per second."),
	CONFIG_INT("cbs", 0, INT64_MAX, NULL, LIVE,
		"egress-policer, trtcm-policer: committed burst, bytes; at least one whole packet."),
	CONFIG_INT("eir", 0, INT64_MAX, NULL, LIVE,
		"trtcm-policer: rate beyond the committed one, bytes of IP packets per second."),
	CONFIG_INT("ebs", 0, INT64_MAX, NULL, LIVE,
		"trtcm-policer: burst beyond the committed one, bytes."),
	CONFIG_INT("perturb", 0, 3600, "10", IGNORED, "linux-sfq: seconds between changes of the hash."),
	CONFIG_INT("quantum", 0, INT64_MAX, NULL, IGNORED, "linux-sfq: bytes per turn of a flow."),
	CONFIG_INT("latency", 0, 60000000, NULL, IGNORED, "linux-netem: microseconds added."),
	CONFIG_INT("limit", 0, INT64_MAX, "1000", IGNORED, "linux-netem: packets that may wait."),
	CONFIG_INT("loss", 0, 100, NULL, IGNORED, "linux-netem: percent of packets lost."),
	CONFIG_INT("jitter", 0, 60000000, NULL, IGNORED,
		"linux-netem: microseconds by which the added time varies."),
	CONFIG_INT("target", 0, 60000000, NULL, IGNORED,
		"linux-codel, linux-fq_codel: microseconds of delay that are acceptable."),
	CONFIG_INT("interval", 0, 60000000, NULL, IGNORED,
		"linux-codel, linux-fq_codel: microseconds over which delay is judged."),
	CONFIG_INT("flows", 0, 65536, NULL, IGNORED, "linux-fq_codel: flows kept apart."),
};

static const struct option queue_other_config[] = {
	CONFIG_INT("min-rate", 0, INT64_MAX, NULL, IGNORED,
		"linux-htb, linux-hfsc: bits per second this queue always gets."),
	CONFIG_INT("max-rate", 0, INT64_MAX, NULL, IGNORED,
		"linux-htb, linux-hfsc: bits per second this queue never exceeds."),
	CONFIG_INT("burst", 0, INT64_MAX, NULL, IGNORED, "linux-htb: bits that may leave at once."),
	CONFIG_INT("priority", 0, 4294967295, NULL, IGNORED,
		"linux-htb: the lower goes first when there is room to spare."),
	CONFIG_INT("cir", 0, INT64_MAX, NULL, LIVE, "trtcm-policer: as in QoS, for this queue."),
	CONFIG_INT("cbs", 0, INT64_MAX, NULL, LIVE, "trtcm-policer: as in QoS, for this queue."),
	CONFIG_INT("eir", 0, INT64_MAX, NULL, LIVE, "trtcm-policer: as in QoS, for this queue."),
	CONFIG_INT("ebs", 0, INT64_MAX, NULL, LIVE, "trtcm-policer: as in QoS, for this queue."),
};

static const struct config_column qos_columns[] = {
	CONFIG_COLUMN("type", USED,
		"What is done about too much: 'egress-policer' drops what exceeds one rate, 'trtcm-policer' "
		"what exceeds both rates of its queue (RFC 4115); 'linux-noop' nothing. Types that delay "
		"packets (linux-htb and the like) are refused: Interface.status:config_error says so."),
	CONFIG_COLUMN("queues", USED,
		"trtcm-policer: the queues by number; 0 is where packets go unless a rule chose one, or one "
		"that is not there."),
	CONFIG_MAP("other_config", USED, qos_other_config, "Settings of the type."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about it."),
};

static const struct config_column queue_columns[] = {
	CONFIG_COLUMN("dscp", LATER, "The DSCP written into packets that leave through the queue."),
	CONFIG_MAP("other_config", USED, queue_other_config, "Settings of the queue, by QoS type."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about the queue."),
};
/* clang-format on */

CONFIG_TABLE(qos, "QoS", qos_columns, "How what leaves a port is shaped or policed.");
CONFIG_TABLE(queue, "Queue", queue_columns, "One of the queues that a QoS divides a port into.");
