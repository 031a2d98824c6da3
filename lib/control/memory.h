/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Who uses how much memory: what memory/show lists.
 *
 * A module that holds many of something reports how many, by name, in its own file:
 *
 *	static void report_memory(json_t *usage)
 *	{
 *		json_object_set_new(usage, "ports", json_integer(n_ports));
 *	}
 *	MEMORY_REPORTER(port, report_memory);  */

#include <jansson.h>

#include "lib/registry.h"

struct memory_reporter {
	const char *name;
	void (*report)(json_t *usage); /* adds integers to the object */
};

REGISTRY_DECLARE(memory_reporter, const struct memory_reporter);

#define MEMORY_REPORTER(id, report_fn)                                                             \
	static const struct memory_reporter memory_reporter_##id = {                               \
		.name = #id,                                                                       \
		.report = report_fn,                                                               \
	};                                                                                         \
	REGISTRY_ADD(memory_reporter, memory_reporter_##id)

/* Main thread. */

/* Everything reported, plus resident, largest resident and virtual kB of the process. New
 * reference. */
json_t *memory_report(void);
