/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/policing_wanted.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/meter/policing.h"
#include "datapath/port.h"
#include "lib/errbuf.h"
#include "lib/ovsdb/db_row.h"
#include "lib/xmalloc.h"
#include "vswitchd/config/setting.h"
#include "vswitchd/rows.h"

enum {
	DEFAULT_BURST_KBITS = 8000,
	DEFAULT_BURST_KPKTS = 16,
	MOST = 1000000000, /* of kilobits or thousands of packets: more is no limit */
};

/* The number of thousands, 'start' if it is 0. */
static uint64_t thousands(int64_t value, int64_t start)
{
	if (value <= 0)
		value = start;
	return 1000ULL * (uint64_t)(value < MOST ? value : MOST);
}

static void read_ingress(const struct interface_row *row, struct policing_config *config)
{
	uint64_t bits = thousands(row->ingress_policing_rate, 0);
	uint64_t burst = thousands(row->ingress_policing_burst, DEFAULT_BURST_KBITS);
	uint64_t packets = thousands(row->ingress_policing_kpkts_rate, 0);

	config->limits_bytes = bits > 0;
	config->in_bytes = (struct policing_rate){.rate = bits / 8, .burst = burst / 8};
	config->limits_packets = packets > 0;
	config->in_packets = (struct policing_rate){
		.rate = packets,
		.burst = thousands(row->ingress_policing_kpkts_burst, DEFAULT_BURST_KPKTS),
	};
}

static uint64_t read_number(const struct db_row *row, unsigned column, const char *key)
{
	return (uint64_t)setting_get_int(row, column, key, 0);
}

static struct policing_rate
read_rate(const struct db_row *row, unsigned column, const char *rate, const char *burst)
{
	return (struct policing_rate){
		.rate = read_number(row, column, rate),
		.burst = read_number(row, column, burst),
	};
}

/* The queues of a trtcm-policer behind the first, which stands for all that are not named. */
static void read_queues(const struct db_row *qos, struct policing_queue *queues, unsigned *n)
{
	size_t n_rows = db_row_count(qos, QOS_QUEUES);

	for (size_t i = 0; i < n_rows && *n < POLICING_QUEUES; i++) {
		int64_t number = db_row_integer_at(qos, QOS_QUEUES, i);
		const struct db_row *row = db_row_ref_at(qos, QOS_QUEUES, i);
		struct policing_queue *queue = number ? &queues[*n] : &queues[0];

		if (!row || number < 0 || number > UINT32_MAX)
			continue;
		*n += number != 0;
		*queue = (struct policing_queue){
			.number = (uint32_t)number,
			.committed = read_rate(row, QUEUE_OTHER_CONFIG, "cir", "cbs"),
			.excess = read_rate(row, QUEUE_OTHER_CONFIG, "eir", "ebs"),
		};
	}
}

bool policing_wanted_knows(const char *type)
{
	static const char *const known[] = {"", "linux-noop", "egress-policer", "trtcm-policer"};

	for (unsigned i = 0; i < ARRAY_LENGTH(known); i++)
		if (!strcmp(type, known[i]))
			return true;
	return false;
}

static int read_egress(
	const struct db_row *qos,
	const char *name,
	struct policing_config *config,
	struct policing_queue *queues,
	struct errbuf *err
)
{
	const char *type = "linux-noop";
	struct qos_row row;

	if (qos) {
		qos_row_read(&row, qos);
		type = row.type;
	}
	bool two_rates = !strcmp(type, "trtcm-policer");

	config->queues = queues;
	if (!strcmp(type, "linux-noop") || !*type)
		return 0;
	if (!policing_wanted_knows(type))
		return errbuf_set(
			err,
			-EOPNOTSUPP,
			"port %s: QoS type '%s' is not known to this switch; egress-policer and "
			"trtcm-policer are",
			name,
			type
		);
	queues[0].committed = read_rate(qos, QOS_OTHER_CONFIG, "cir", "cbs");
	if (!two_rates && (!queues[0].committed.rate || !queues[0].committed.burst))
		return errbuf_set(
			err,
			-EINVAL,
			"port %s: QoS type egress-policer needs other_config:cir (bytes per second) "
			"and other_config:cbs (bytes), both above 0; until then nothing is limited",
			name
		);
	config->n_queues = 1;
	if (!two_rates)
		return 0;
	queues[0].excess = read_rate(qos, QOS_OTHER_CONFIG, "eir", "ebs");
	read_queues(qos, queues, &config->n_queues);
	return 0;
}

int policing_wanted_apply(
	struct port *port,
	const struct interface_row *interface,
	const struct port_row *lport,
	struct errbuf *err
)
{
	struct policing_queue *queues = XNEW_N(struct policing_queue, POLICING_QUEUES);
	struct policing_config config = {.limits_bytes = false};
	int error;

	read_ingress(interface, &config);
	error = read_egress(lport->qos, port->name, &config, queues, err);
	policing_set(port, &config);
	free(queues);
	return error;
}
