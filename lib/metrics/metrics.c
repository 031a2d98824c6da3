/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/metrics/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lib/command.h"
#include "lib/metrics/histogram.h"
#include "lib/strbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

/* What a source adds: all samples of a metric must stand together. */
struct metrics {
	const struct metric_source *source;
	struct strbuf *samples; /* of each metric */
};

/* Names of ports and the like come from users. */
static void add_escaped(struct strbuf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			strbuf_add(out, "\\n");
			continue;
		}
		if (*text == '"' || *text == '\\')
			strbuf_add_char(out, '\\');
		strbuf_add_char(out, *text);
	}
}

static void add_number(struct strbuf *out, double value)
{
	/* Counters are whole numbers; a double holds them exactly up to 2^53. */
	if (value >= 0 && value < 9007199254740992.0 && value == (double)(uint64_t)value)
		strbuf_addf(out, " %" PRIu64 "\n", (uint64_t)value);
	else
		strbuf_addf(out, " %.17g\n", value);
}

void metrics_add(struct metrics *out, unsigned i, double value, ...)
{
	struct strbuf *samples = &out->samples[i];
	const char *label, *separator = "{";
	va_list args;

	strbuf_add(samples, out->source->metrics[i].name);
	va_start(args, value);
	while ((label = va_arg(args, const char *))) {
		strbuf_addf(samples, "%s%s=\"", separator, label);
		add_escaped(samples, va_arg(args, const char *));
		strbuf_add_char(samples, '"');
		separator = ",";
	}
	va_end(args);
	if (*separator == ',')
		strbuf_add_char(samples, '}');
	add_number(samples, value);
}

void metrics_add_histogram(struct metrics *out, unsigned i, const struct histogram *histogram)
{
	const char *name = out->source->metrics[i].name;
	struct strbuf *samples = &out->samples[i];
	uint64_t sum = 0;

	for (unsigned step = 0; step <= HISTOGRAM_STEPS; step++) {
		sum += __atomic_load_n(&histogram->counts[step], __ATOMIC_RELAXED);
		strbuf_addf(samples, "%s_bucket{le=\"", name);
		if (step == HISTOGRAM_STEPS)
			strbuf_add(samples, "+Inf");
		else
			strbuf_addf(samples, "%g", histogram_bound(step));
		strbuf_addf(samples, "\"} %" PRIu64 "\n", sum);
	}
	strbuf_addf(
		samples,
		"%s_sum %.9g\n%s_count %" PRIu64 "\n",
		name,
		(double)__atomic_load_n(&histogram->sum_ns, __ATOMIC_RELAXED) / 1e9,
		name,
		sum
	);
}

static void format_source(struct strbuf *out, const struct metric_source *source)
{
	static const char *const kinds[] = {
		[METRIC_COUNTER] = "counter",
		[METRIC_GAUGE] = "gauge",
		[METRIC_HISTOGRAM] = "histogram",
	};
	struct metrics metrics = {
		.source = source,
		.samples = XNEW_N(struct strbuf, source->n),
	};

	source->collect(&metrics);
	for (unsigned i = 0; i < source->n; i++) {
		const struct metric *metric = &source->metrics[i];

		if (metrics.samples[i].length) {
			strbuf_addf(out, "# HELP %s %s\n", metric->name, metric->help);
			strbuf_addf(out, "# TYPE %s %s\n", metric->name, kinds[metric->kind]);
			strbuf_add(out, strbuf_text(&metrics.samples[i]));
		}
		strbuf_fini(&metrics.samples[i]);
	}
	free(metrics.samples);
}

static int by_name(const void *a_, const void *b_)
{
	const struct metric_source *const *a = a_, *const *b = b_;

	return strcmp((*a)->name, (*b)->name);
}

void metrics_format(struct strbuf *out)
{
	size_t n = 0;
	const struct metric_source **sources =
		XNEW_N(const struct metric_source *, REGISTRY_COUNT(metric_source) + 1);

	REGISTRY_FOREACH(metric_source, source)
		sources[n++] = source;
	qsort(sources, n, sizeof(sources[0]), by_name);
	for (size_t i = 0; i < n; i++)
		format_source(out, sources[i]);
	free(sources);
}

static json_t *cmd_metrics_show(struct command_call *call, struct errbuf *err)
{
	struct strbuf out = STRBUF_INIT;

	metrics_format(&out);
	json_t *text = json_string(strbuf_text(&out));

	strbuf_fini(&out);
	return text;
}

MGMT_COMMAND(
	metrics_show,
	"metrics/show",
	"",
	0,
	0,
	cmd_metrics_show,
	"All figures for monitoring, as other_config:metrics-address serves them."
);
