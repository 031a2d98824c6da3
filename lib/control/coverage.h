/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Coverage: how often what has happened since the daemon started, for people who look for a needle.
 *
 * A module that counts events reports them, by name, in its own file:
 *
 *	static void report_coverage(json_t *counts)
 *	{
 *		coverage_add(counts, "worker_misses", n_misses);
 *	}
 *	COVERAGE_REPORTER(worker, report_coverage);  */

#include <stdint.h>

#include <jansson.h>

#include "lib/registry.h"

struct coverage_reporter {
	const char *name;
	void (*report)(json_t *counts);
};

REGISTRY_DECLARE(coverage_reporter, const struct coverage_reporter);

#define COVERAGE_REPORTER(id, report_fn)                                                           \
	static const struct coverage_reporter coverage_reporter_##id = {                           \
		.name = #id,                                                                       \
		.report = report_fn,                                                               \
	};                                                                                         \
	REGISTRY_ADD(coverage_reporter, coverage_reporter_##id)

/* Main thread. */

/* All counts, those that are 0 too. New reference. */
json_t *coverage_report(void);
/* Adds 'n' to the count of that name. */
void coverage_add(json_t *counts, const char *name, uint64_t n);
