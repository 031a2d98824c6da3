/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/control/memory.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/command.h"

static void report_process(json_t *usage)
{
	long pages_total = 0, pages_resident = 0, kb = sysconf(_SC_PAGESIZE) / 1024;
	FILE *file = fopen("/proc/self/statm", "re");
	struct rusage rusage;

	if (file) {
		if (fscanf(file, "%ld %ld", &pages_total, &pages_resident) != 2)
			pages_total = pages_resident = 0;
		fclose(file);
	}
	getrusage(RUSAGE_SELF, &rusage);
	/* The kernel brings its own peak up to date now and then only. */
	long peak_kb =
		rusage.ru_maxrss > pages_resident * kb ? rusage.ru_maxrss : pages_resident * kb;

	json_object_set_new(usage, "resident-kB", json_integer(pages_resident * kb));
	json_object_set_new(usage, "peak-resident-kB", json_integer(peak_kb));
	json_object_set_new(usage, "virtual-kB", json_integer(pages_total * kb));
}

json_t *memory_report(void)
{
	json_t *usage = json_object();

	report_process(usage);
	REGISTRY_FOREACH(memory_reporter, reporter)
		reporter->report(usage);
	return usage;
}

static json_t *cmd_memory_show(struct command_call *call, struct errbuf *err)
{
	return memory_report();
}
MGMT_COMMAND(
	memory_show,
	"memory/show",
	"",
	0,
	0,
	cmd_memory_show,
	"How much memory the process has, and how many of what it holds."
);
