/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/control/turns.h"

#include <time.h>

#include <uv.h>

#include "lib/command.h"
#include "lib/log.h"
#include "lib/metrics/histogram.h"
#include "lib/metrics/metrics.h"

LOG_TOPIC(loop);

enum {
	NS_PER_MS = 1000000,
	LOG_PAUSE_MS = 10000, /* between two lines about slow turns */
	ASK_AFTER_NS =
		100000, /* of turns, for what the thread itself used: that is a system call */
};

static struct turns kept;
static struct histogram times; /* of all turns since the start */
static struct {
	int64_t ns, idle_ns; /* at the end of the last turn; 0: none has ended */
	int64_t cpu_ns; /* when that was asked … */
	int64_t unasked_ns; /* … since when turns took so long */
	int64_t logged_ns;
} last;

static int64_t thread_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Turns that follow each other are as slow as the first: that is said once. */
static void tell(int64_t now, int64_t took, int64_t cpu)
{
	kept.n_slow++;
	if (last.logged_ns && now - last.logged_ns < (int64_t)LOG_PAUSE_MS * NS_PER_MS)
		return;
	last.logged_ns = now;
	log_info(
		"a turn of the main loop took %d ms, %d ms of them of its own work",
		(int)(took / NS_PER_MS),
		(int)(cpu / NS_PER_MS)
	);
}

/* How much of the turn the thread itself used, or up to ASK_AFTER_NS more. */
static int64_t used_of(int64_t took)
{
	int64_t cpu, used;

	last.unasked_ns += took;
	if (last.unasked_ns < ASK_AFTER_NS)
		return took;
	cpu = thread_ns();
	used = cpu - last.cpu_ns;
	last.cpu_ns = cpu;
	last.unasked_ns = 0;
	return used < took ? used : took;
}

/* Callbacks run between two waits, and in the one wait that libuv makes of polling and calling: what
 * counts is the time since the last end, without that spent waiting. */
static void on_prepare(uv_prepare_t *prepare)
{
	int64_t now = (int64_t)uv_hrtime();
	int64_t idle = (int64_t)uv_metrics_idle_time(prepare->loop);
	int64_t took = now - last.ns - (idle - last.idle_ns);

	if (last.ns) {
		int64_t used = used_of(took);

		kept.n++;
		histogram_add(&times, took > 0 ? (uint64_t)took : 0);
		if (took > kept.worst_ns)
			kept.worst_ns = took;
		if (used > kept.worst_cpu_ns)
			kept.worst_cpu_ns = used;
		if (took > (int64_t)TURNS_LIMIT_MS * NS_PER_MS)
			tell(now, took, used);
	}
	last.ns = now;
	last.idle_ns = idle;
}

void turns_watch(struct uv_loop_s *loop)
{
	static uv_prepare_t prepare;

	uv_loop_configure(loop, UV_METRICS_IDLE_TIME);
	uv_prepare_init(loop, &prepare);
	uv_prepare_start(&prepare, on_prepare);
	uv_unref((uv_handle_t *)&prepare);
}

void turns_get(struct turns *turns)
{
	*turns = kept;
}

void turns_clear(void)
{
	kept = (struct turns){0};
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	return json_pack(
		"{s:I, s:I, s:f, s:f}",
		"turns",
		(json_int_t)kept.n,
		"slow-turns",
		(json_int_t)kept.n_slow,
		"worst-ms",
		(double)kept.worst_ns / NS_PER_MS,
		"worst-cpu-ms",
		(double)kept.worst_cpu_ns / NS_PER_MS
	);
}

static json_t *cmd_clear(struct command_call *call, struct errbuf *err)
{
	turns_clear();
	return json_string("");
}

MGMT_COMMAND(
	turns_show,
	"main-loop/show",
	"",
	0,
	0,
	cmd_show,
	"How long the main loop's turns took: the worst, and how many took more than 50 ms."
);
MGMT_COMMAND(
	turns_clear,
	"main-loop/clear",
	"",
	0,
	0,
	cmd_clear,
	"Forgets the worst turn of the main loop."
);

static const struct metric metrics[] = {
	{"weir_main_loop_turn_seconds",
	 METRIC_HISTOGRAM,
	 "How long turns of the main loop took, without waiting."},
};

static void collect(struct metrics *out)
{
	metrics_add_histogram(out, 0, &times);
}
METRIC_SOURCE(main_loop, metrics, collect);
