/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests that need a running loop and files: turns the loop until something has come true.  */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include "tests/unit/unit.h"

enum {
	LOOP_PATIENCE_MS = 20000
};

static inline void loop_tick(uv_timer_t *timer) {}

/* Turns the loop until 'condition' holds. A machine that is busy may take its time. */
#define loop_until(loop, condition)                                                                \
	do {                                                                                       \
		uv_timer_t tick_;                                                                  \
		uint64_t end_ = uv_hrtime() / 1000000 + LOOP_PATIENCE_MS;                          \
		uv_timer_init(loop, &tick_);                                                       \
		uv_timer_start(&tick_, loop_tick, 5, 5);                                           \
		while (!(condition) && uv_hrtime() / 1000000 < end_)                               \
			uv_run(loop, UV_RUN_ONCE);                                                 \
		uv_close((uv_handle_t *)&tick_, NULL);                                             \
		uv_run(loop, UV_RUN_NOWAIT);                                                       \
		assert_true(condition);                                                            \
	} while (0)

/* Turns the loop for a while, to see that something does not happen. */
static inline void loop_for(uv_loop_t *loop, unsigned ms)
{
	uint64_t end = uv_hrtime() / 1000000 + ms;
	uv_timer_t tick;

	uv_timer_init(loop, &tick);
	uv_timer_start(&tick, loop_tick, 5, 5);
	while (uv_hrtime() / 1000000 < end)
		uv_run(loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&tick, NULL);
	uv_run(loop, UV_RUN_NOWAIT);
}

/* Turns it until every handle is closed: what is left open is a leak. */
static inline void loop_end(uv_loop_t *loop)
{
	int error = uv_loop_close(loop);

	for (int i = 0; i < 100 && error; i++) {
		uv_run(loop, UV_RUN_NOWAIT);
		error = uv_loop_close(loop);
	}
	assert_int_equal(error, 0);
}

/* A fresh directory; loop_rmdir() removes it with the files in it. */
static inline char *loop_mkdir(void)
{
	char *path = strdup("/tmp/weir-test-XXXXXX");

	assert_non_null(mkdtemp(path));
	return path;
}

static inline void loop_rmdir(char *path)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf '%s'", path);
	assert_int_equal(system(command), 0);
	free(path);
}
