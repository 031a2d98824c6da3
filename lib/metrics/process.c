/* SPDX-License-Identifier: Apache-2.0 */

/* Metrics of the process, under the names that all programs use, and all events that are counted.  */

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "lib/control/coverage.h"
#include "lib/control/memory.h"
#include "lib/control/version.h"
#include "lib/metrics/metrics.h"

enum {
	BUILD,
	CPU,
	RESIDENT,
	VIRTUAL,
	EVENTS,
	HELD,
};

static const struct metric metrics[] = {
	[BUILD] = {"weir_build_info", METRIC_GAUGE, "1, with the version."},
	[CPU] =
		{"process_cpu_seconds_total",
		 METRIC_COUNTER,
		 "Processor time of all threads, workers' included."},
	[RESIDENT] = {"process_resident_memory_bytes", METRIC_GAUGE, "Memory in use."},
	[VIRTUAL] = {"process_virtual_memory_bytes", METRIC_GAUGE, "Addresses in use."},
	[EVENTS] =
		{"weir_events_total",
		 METRIC_COUNTER,
		 "How often what has happened, as coverage/show counts it."},
	[HELD] =
		{"weir_held", METRIC_GAUGE, "How many of what it holds, as memory/show counts it."},
};

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static double bytes_of(const json_t *usage, const char *name)
{
	return (double)json_integer_value(json_object_get(usage, name)) * 1024;
}

static void add_memory(struct metrics *out)
{
	json_auto_t *usage = memory_report();
	const char *name;
	json_t *value;

	metrics_add(out, RESIDENT, bytes_of(usage, "resident-kB"), METRICS_END);
	metrics_add(out, VIRTUAL, bytes_of(usage, "virtual-kB"), METRICS_END);
	json_object_del(usage, "resident-kB");
	json_object_del(usage, "peak-resident-kB");
	json_object_del(usage, "virtual-kB");
	json_object_foreach(usage, name, value)
		metrics_add(out, HELD, json_number_value(value), "what", name, METRICS_END);
}

static void collect(struct metrics *out)
{
	json_auto_t *events = coverage_report();
	struct rusage usage;
	const char *name;
	json_t *count;

	getrusage(RUSAGE_SELF, &usage);
	metrics_add(out, BUILD, 1, "version", version_get(), METRICS_END);
	metrics_add(out, CPU, seconds(&usage.ru_utime) + seconds(&usage.ru_stime), METRICS_END);
	add_memory(out);
	json_object_foreach(events, name, count)
		metrics_add(out, EVENTS, json_number_value(count), "event", name, METRICS_END);
}
METRIC_SOURCE(process, metrics, collect);
