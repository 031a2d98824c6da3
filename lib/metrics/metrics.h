/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Metrics: figures for monitoring, in the text that Prometheus and its like read.
 *
 * A file that owns figures describes its metrics in a table and fills them in when asked:
 *
 *	enum { PACKETS, LINK };
 *	static const struct metric metrics[] = {
 *		[PACKETS] = {"weir_port_packets_total", METRIC_COUNTER, "Packets …"},
 *		[LINK] = {"weir_port_up", METRIC_GAUGE, "Whether …"},
 *	};
 *	static void collect(struct metrics *out)
 *	{
 *		metrics_add(out, PACKETS, n, "port", name, METRICS_END);
 *	}
 *	METRIC_SOURCE(port, metrics, collect);
 *
 * Nothing is asked of workers: sources read counters that they publish.  */

#include <stddef.h>

#include "lib/registry.h"

struct histogram;
struct metrics;
struct strbuf;

enum metric_kind {
	METRIC_COUNTER,
	METRIC_GAUGE,
	METRIC_HISTOGRAM,
};

struct metric {
	const char *name;
	enum metric_kind kind;
	const char *help;
};

struct metric_source {
	const char *name;
	const struct metric *metrics;
	unsigned n;
	void (*collect)(struct metrics *out);
};

REGISTRY_DECLARE(metric_source, const struct metric_source);

#define METRIC_SOURCE(id, table, collect_fn)                                                       \
	static const struct metric_source metric_source_##id = {                                   \
		.name = #id,                                                                       \
		.metrics = (table),                                                                \
		.n = sizeof(table) / sizeof((table)[0]),                                           \
		.collect = collect_fn,                                                             \
	};                                                                                         \
	REGISTRY_ADD(metric_source, metric_source_##id)

/* Main thread. */

/* A pointer, which NULL need not be. */
#define METRICS_END ((const char *)NULL)
/* Adds a value to metric 'i' of the source. Then names and values of labels in pairs, and
 * METRICS_END. */
void metrics_add(struct metrics *out, unsigned i, double value, ...) __attribute__((sentinel));
void metrics_add_histogram(struct metrics *out, unsigned i, const struct histogram *histogram);

/* Appends all metrics of all sources. */
void metrics_format(struct strbuf *out);
