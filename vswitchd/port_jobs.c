/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/port_jobs.h"

#include <stdlib.h>
#include <string.h>

#include <urcu/list.h>
#include <uv.h>

#include "datapath/datapath.h"
#include "datapath/port.h"
#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/xmalloc.h"

LOG_TOPIC(port_jobs);

struct port_job {
	struct cds_list_head node;
	uv_work_t work;
	char *name;
	struct port *closing; /* or else it opens: */
	struct port_opening *opening;
	bool is_slow;
	bool unwanted; /* nobody is told that it is open: it is closed at once */
};

enum {
	/* How long the end of the daemon waits for a device that is being opened or closed. */
	PATIENCE_MS = 1000,
	/* How often the loop turns meanwhile: closing a device waits until this thread has let go of
	 * what it may hold, which it says once a turn, and there may be hundreds to close. */
	TURN_MS = 1,
	/* For how long quick devices are opened and closed before others get their turn. */
	SLICE_MS = 20
};

static struct {
	struct uv_loop_s *loop;
	port_jobs_opened_fn *opened;
	void (*idle)(void);
	struct cds_list_head waiting;
	struct port_job *running; /* on libuv's thread */
	bool keep_devices;
	bool sliced;
	uv_timer_t resume; /* when a slice is over and jobs are left */
} state;

static void start_waiting(void);

void port_jobs_init(struct uv_loop_s *loop, port_jobs_opened_fn *opened, void (*idle)(void))
{
	state.loop = loop;
	state.opened = opened;
	state.idle = idle;
	uv_timer_init(loop, &state.resume);
	CDS_INIT_LIST_HEAD(&state.waiting);
}

void port_jobs_slice(void)
{
	state.sliced = true;
}

bool port_jobs_are_busy(void)
{
	return state.running || !cds_list_empty(&state.waiting);
}

/* Any thread. */
static void do_device(struct port_job *job)
{
	if (job->closing)
		port_close_device(job->closing);
	else
		port_open_device(job->opening);
}

static void job_free(struct port_job *job)
{
	free(job->name);
	free(job);
}

/* The port, which nobody sees any more, is to be closed. */
static void set_closing(struct port_job *job, struct port *port)
{
	if (!job->name)
		job->name = xstrdup(port->name);
	job->closing = port;
	job->is_slow = port->type->slow_close;
}

static void end_job(struct port_job *job)
{
	struct port_opening *opening = job->opening;
	struct errbuf err;

	errbuf_init(&err);
	struct port *port = opening ? port_open_end(opening, &err) : NULL;

	job->opening = NULL;
	if (port && job->unwanted) {
		/* Before all others: one of them may open the same device. */
		port->keep_device = state.keep_devices;
		ports_close_begin(&port, 1);
		set_closing(job, port);
		cds_list_add(&job->node, &state.waiting);
		return;
	}
	if (opening && !job->unwanted)
		state.opened(job->name, port, &err);
	job_free(job);
}

static void on_work(uv_work_t *work)
{
	do_device(container_of(work, struct port_job, work));
}

static void go_on(void)
{
	start_waiting();
	if (!port_jobs_are_busy() && state.idle)
		state.idle();
}

static void on_done(uv_work_t *work, int status)
{
	state.running = NULL;
	end_job(container_of(work, struct port_job, work));
	go_on();
}

static void on_resume(uv_timer_t *timer)
{
	go_on();
}

/* The loop's clock stands still during its turn. */
static bool slice_is_over(void)
{
	return state.sliced && uv_hrtime() / 1000000 > uv_now(state.loop) + SLICE_MS;
}

static void start_waiting(void)
{
	while (!state.running && !cds_list_empty(&state.waiting)) {
		struct port_job *job = cds_list_first_entry(&state.waiting, struct port_job, node);

		if (!job->is_slow && slice_is_over()) {
			/* Not 0: the loop would call it again in this turn. */
			uv_timer_start(&state.resume, on_resume, 1, 0);
			return;
		}
		cds_list_del(&job->node);
		if (job->is_slow) {
			state.running = job;
			uv_queue_work(state.loop, &job->work, on_work, on_done);
		} else {
			do_device(job);
			end_job(job);
		}
	}
}

static void add_job(struct port_job *job)
{
	cds_list_add_tail(&job->node, &state.waiting);
	start_waiting();
}

void port_jobs_open(const char *name, const char *type, const json_t *options)
{
	const struct port_type *port_type = port_type_find(type);
	struct errbuf err;

	errbuf_init(&err);
	struct port_opening *opening = port_open_begin(name, type, options, &err);

	if (!opening) {
		state.opened(name, NULL, &err);
		return;
	}
	struct port_job *job = XNEW(struct port_job);

	job->name = xstrdup(name);
	job->opening = opening;
	job->is_slow = port_type->slow_open;
	add_job(job);
}

void port_jobs_close(struct port *port)
{
	struct port_job *job = XNEW(struct port_job);

	set_closing(job, port);
	add_job(job);
}

void port_jobs_forget(const char *name)
{
	struct port_job *job, *next;

	if (state.running && state.running->opening && !strcmp(state.running->name, name))
		state.running->unwanted = true;
	cds_list_for_each_entry_safe(job, next, &state.waiting, node) {
		if (!job->opening || strcmp(job->name, name))
			continue;
		cds_list_del(&job->node);
		port_open_cancel(job->opening);
		job_free(job);
	}
}

/* What stands behind a device that does not come to its end. Of those that may take long, none. */
static void end_waiting(void)
{
	struct port_job *job, *next;

	cds_list_for_each_entry_safe(job, next, &state.waiting, node) {
		cds_list_del(&job->node);
		if (job->opening)
			port_open_cancel(job->opening);
		else if (!job->is_slow)
			port_close_device(job->closing);
		job_free(job);
	}
}

static void on_patience(uv_timer_t *timer)
{
	/* The turn it causes is what it is for. */
}

/* Waits for what is under way, as long as it comes to an end now and then. */
static bool finish_slow(void)
{
	uint64_t end = uv_hrtime() / 1000000 + PATIENCE_MS;
	const struct port_job *job = state.running;

	while (state.running && uv_hrtime() / 1000000 < end) {
		uv_run(state.loop, UV_RUN_ONCE);
		if (state.running != job)
			end = uv_hrtime() / 1000000 + PATIENCE_MS;
		job = state.running;
	}
	return !state.running;
}

bool port_jobs_fini(bool keep_devices)
{
	uv_timer_t timer;

	/* Nobody shall begin another pass, or be waited for. */
	state.idle = NULL;
	state.sliced = false;
	state.keep_devices = keep_devices;
	start_waiting();
	uv_timer_init(state.loop, &timer);
	uv_timer_start(&timer, on_patience, TURN_MS, TURN_MS);
	bool finished = finish_slow();

	uv_close((uv_handle_t *)&timer, NULL);
	uv_close((uv_handle_t *)&state.resume, NULL);
	uv_run(state.loop, UV_RUN_NOWAIT);
	if (finished)
		return !datapath_is_closing();
	log_warn(
		"port %s: its device is still being %s; it ends with this process",
		state.running->name,
		state.running->closing ? "closed" : "opened"
	);
	end_waiting();
	return false;
}
