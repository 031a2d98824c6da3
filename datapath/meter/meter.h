/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Meters: how much of the traffic of many flows, on all workers together, is too much.
 *
 * A meter has bands, each with a rate of its own. A packet that exceeds the rate of a band is dropped
 * or marked, as the one with the highest rate among the exceeded bands says.
 *
 * Each band measures by a rate (rate.h), so a batch of packets is one compare-and-swap per band,
 * whichever worker has it. Programs name a meter by a slot number: a meter can go while programs that
 * use it are on their way out.  */

#include <stdbool.h>
#include <stdint.h>

struct rte_mbuf;

enum {
	METERS_MAX = 1 << 18,
	METER_BANDS = 8,
};

enum meter_band_kind {
	METER_BAND_DROP = 1, /* OpenFlow's numbers */
	METER_BAND_REMARK = 2,
};

struct meter_band_config {
	uint8_t kind;
	uint8_t levels; /* of a remark: by how much the packet becomes more likely to be dropped */
	uint32_t rate; /* packets or kilobits per second */
	uint32_t burst; /* packets or kilobits; 0: of one second */
};

struct meter_config {
	bool packets; /* rates count packets, not kilobits */
	unsigned n_bands;
	struct meter_band_config bands[METER_BANDS];
};

struct meter_count {
	uint64_t packets, bytes;
};

struct meter_counts {
	struct meter_count all;
	struct meter_count bands[METER_BANDS]; /* in the order of the configuration */
};

/* What shall be done to a batch. */
struct meter_verdict {
	uint32_t drop, remark; /* bit i: the packet i */
	uint8_t levels[32]; /* of those that are remarked */
};

/* Main thread. */

/* Returns the new meter's slot, or 0: there are too many. */
uint32_t meter_add(const struct meter_config *config);
/* The counts stay. */
void meter_set(uint32_t slot, const struct meter_config *config);
void meter_del(uint32_t slot);
void meter_get_counts(uint32_t slot, struct meter_counts *counts);
/* Whether packets may be marked. */
bool meter_remarks(const struct meter_config *config);

/* Workers. */

/* Counts the packets (at most a batch). A slot without a meter lets all pass. */
void meter_measure(
	uint32_t slot, struct rte_mbuf *const *pkts, uint16_t n, struct meter_verdict *verdict
);
