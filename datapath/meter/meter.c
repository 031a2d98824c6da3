/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/meter/meter.h"

#include <stdlib.h>
#include <string.h>

#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/meter/rate.h"
#include "lib/epoch.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

static_assert(BATCH_SIZE <= 32, "meter: a verdict has 32 bits");

/* What workers write is shared by those that use the meter, once per batch. */
struct meter {
	/* Main writes, before anybody sees it. */
	unsigned n_bands;
	bool packets;
	struct band {
		struct rate rate; /* of packets or bits */
		uint8_t kind, levels;
		uint8_t place; /* in the configuration */
	} bands[METER_BANDS]; /* by rising rate */
	struct meter_state *state;
};

/* Workers write, main reads. Outlives changes of the configuration. */
struct meter_state {
	alignas(CACHE_LINE) int64_t due[METER_BANDS]; /* units: paid up to this time */
	alignas(CACHE_LINE) struct meter_counts counts;
};

static struct meter *meters[METERS_MAX]; /* main writes, workers read; by slot */
static uint32_t last_slot; /* main: slots are used again as late as possible */

static int by_rate(const void *a_, const void *b_)
{
	const struct band *a = a_, *b = b_;

	return a->rate.unit_cost < b->rate.unit_cost ? 1 : -(a->rate.unit_cost > b->rate.unit_cost);
}

static struct meter *make(const struct meter_config *config)
{
	struct meter *meter = XNEW(struct meter);

	meter->n_bands = config->n_bands;
	meter->packets = config->packets;
	for (unsigned i = 0; i < config->n_bands; i++) {
		const struct meter_band_config *from = &config->bands[i];
		struct band *band = &meter->bands[i];
		double one = config->packets ? 1 : 1000;

		band->kind = from->kind;
		band->levels = from->levels;
		band->place = (uint8_t)i;
		band->rate =
			rate_of(from->rate * one, (from->burst ? from->burst : from->rate) * one);
	}
	qsort(meter->bands, meter->n_bands, sizeof(meter->bands[0]), by_rate);
	return meter;
}

uint32_t meter_add(const struct meter_config *config)
{
	struct meter *meter;
	uint32_t slot = last_slot;

	do {
		slot = slot + 1 < METERS_MAX ? slot + 1 : 1;
		if (slot == last_slot)
			return 0;
	} while (meters[slot]);
	last_slot = slot;
	meter = make(config);
	meter->state = xalloc_aligned(CACHE_LINE, sizeof(*meter->state));
	memset(meter->state, 0, sizeof(*meter->state));
	for (unsigned i = 0; i < METER_BANDS; i++)
		meter->state->due[i] = rate_never_paid();
	epoch_store(&meters[slot], meter);
	return slot;
}

void meter_set(uint32_t slot, const struct meter_config *config)
{
	struct meter *old = meters[slot];
	struct meter *meter = make(config);

	meter->state = old->state;
	for (unsigned i = 0; i < METER_BANDS; i++)
		__atomic_store_n(&meter->state->due[i], rate_never_paid(), __ATOMIC_RELAXED);
	epoch_store(&meters[slot], meter);
	epoch_free(old, free);
}

static void free_all(void *meter_)
{
	struct meter *meter = meter_;

	free(meter->state);
	free(meter);
}

void meter_del(uint32_t slot)
{
	struct meter *old = meters[slot];

	epoch_store(&meters[slot], NULL);
	epoch_free(old, free_all);
}

static struct meter_count get_count(const struct meter_count *count)
{
	return (struct meter_count){
		.packets = __atomic_load_n(&count->packets, __ATOMIC_RELAXED),
		.bytes = __atomic_load_n(&count->bytes, __ATOMIC_RELAXED),
	};
}

void meter_get_counts(uint32_t slot, struct meter_counts *counts)
{
	const struct meter_counts *from = &meters[slot]->state->counts;

	counts->all = get_count(&from->all);
	for (unsigned i = 0; i < METER_BANDS; i++)
		counts->bands[i] = get_count(&from->bands[i]);
}

bool meter_remarks(const struct meter_config *config)
{
	for (unsigned i = 0; i < config->n_bands; i++)
		if (config->bands[i].kind == METER_BAND_REMARK)
			return true;
	return false;
}

/* Workers. */

static void add_count(struct meter_count *count, uint64_t packets, uint64_t bytes)
{
	__atomic_fetch_add(&count->packets, packets, __ATOMIC_RELAXED);
	__atomic_fetch_add(&count->bytes, bytes, __ATOMIC_RELAXED);
}

static void set_costs(
	int64_t *costs,
	const struct meter *meter,
	const struct band *band,
	const uint32_t *sizes,
	uint16_t n
)
{
	for (uint16_t i = 0; i < n; i++)
		costs[i] = rate_cost(&band->rate, meter->packets ? 1 : 8ULL * sizes[i]);
}

/* The packets in 'excess' get what the band says, instead of what one with a lower rate said. */
static void
judge(struct meter_verdict *verdict,
      const struct band *band,
      uint32_t excess,
      uint8_t *judges,
      unsigned b)
{
	if (band->kind == METER_BAND_DROP) {
		verdict->drop |= excess;
		verdict->remark &= ~excess;
	} else {
		verdict->remark |= excess;
		verdict->drop &= ~excess;
	}
	while (excess) {
		unsigned i = (unsigned)__builtin_ctz(excess);

		excess &= excess - 1;
		verdict->levels[i] = band->levels;
		judges[i] = (uint8_t)(b + 1);
	}
}

static void
count_bands(const struct meter *meter, const uint8_t *judges, const uint32_t *sizes, uint16_t n)
{
	struct meter_count counts[METER_BANDS] = {0};

	for (uint16_t i = 0; i < n; i++) {
		if (!judges[i])
			continue;
		counts[judges[i] - 1].packets++;
		counts[judges[i] - 1].bytes += sizes[i];
	}
	for (unsigned b = 0; b < meter->n_bands; b++)
		if (counts[b].packets)
			add_count(
				&meter->state->counts.bands[meter->bands[b].place],
				counts[b].packets,
				counts[b].bytes
			);
}

void meter_measure(
	uint32_t slot, struct rte_mbuf *const *pkts, uint16_t n, struct meter_verdict *verdict
)
{
	const struct meter *meter = epoch_load(&meters[slot]);
	uint8_t judges[BATCH_SIZE] = {0};
	uint32_t sizes[BATCH_SIZE];
	int64_t costs[BATCH_SIZE], now;
	uint32_t all = n < 32 ? (1U << n) - 1 : UINT32_MAX;
	uint64_t bytes = 0;

	verdict->drop = verdict->remark = 0;
	if (!meter)
		return;
	now = rate_now();
	for (uint16_t i = 0; i < n; i++) {
		sizes[i] = pkts[i]->pkt_len;
		bytes += sizes[i];
	}
	add_count(&meter->state->counts.all, n, bytes);
	for (unsigned b = 0; b < meter->n_bands; b++) {
		const struct band *band = &meter->bands[b];

		set_costs(costs, meter, band, sizes, n);
		uint32_t excess = rate_exceed(&band->rate, &meter->state->due[b], now, costs, all);

		if (excess)
			judge(verdict, band, excess, judges, b);
	}
	if (verdict->drop | verdict->remark)
		count_bands(meter, judges, sizes, n);
}
