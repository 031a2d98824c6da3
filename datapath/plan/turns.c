/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/plan/turns.h"

#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	SLICE_NS = 100000, /* the least there is */
};

/* As the kernel has it (sched_setattr(2)); the C library does not know it everywhere. */
struct schedule {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t slice_ns; /* wanted at a time, kernels from 6.12 on; others look past it */
	uint64_t deadline_ns, period_ns;
};

void turns_want_short(void)
{
	struct schedule schedule = {0};

	if (syscall(SYS_sched_getattr, 0, &schedule, sizeof(schedule), 0) ||
	    schedule.policy != SCHED_OTHER)
		return;
	schedule.slice_ns = SLICE_NS;
	syscall(SYS_sched_setattr, 0, &schedule, 0);
}
