/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/serve.h"

#include "datapath/drop.h"
#include "datapath/flow.h"
#include "datapath/miss.h"
#include "lib/clock.h"
#include "ofproto/keeper/again.h"
#include "ofproto/keeper/answers.h"
#include "ofproto/keeper/book.h"
#include "ofproto/keeper/crew.h"
#include "ofproto/keeper/crowd.h"
#include "ofproto/keeper/teach.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(translation_too_long, "what the rules do with the packet is too long for a program");

enum {
	MISSES_AT_ONCE = 32,
};

/* Makes a flow of what was translated. */
static struct program *make_flow(struct xlate *x, struct miss *miss)
{
	book_translated();
	crowd_limit(x, &miss->key);
	teach_collect(x);
	struct flow_first first = {
		.worker = miss->worker,
		.tcp_flags = miss->key.base.tcp_flags,
		.bytes = miss->length,
		.used_ms = clock_ms(),
	};
	struct program *program = book_make(x, &miss->key, &first, &miss->made);

	miss->counted = miss->made.flow;
	return program;
}

/* What to do with the packets of the miss, or NULL. */
static struct program *handle_miss(struct xlate *x, struct miss *miss)
{
	struct program *program = book_find(x, &miss->key, &miss->made);

	if (program)
		return program;
	again_make(x, &miss->key);
	return make_flow(x, miss);
}

/* After so many changes. */
static void decide(struct miss *miss, struct program *take_program, uint64_t changes)
{
	miss->program = take_program;
	miss->changes = changes;
	answers_keep(miss, take_program);
	if (!take_program)
		miss->drop = &drop_translation_too_long;
}

static void send_answers(struct miss **misses, unsigned n)
{
	/* Before the packets go on: who sees one come out can rely on what it taught. */
	teach_send();
	misses_answer(misses, n);
}

static unsigned serve_alone(struct xlate *x)
{
	struct miss *misses[MISSES_AT_ONCE];
	unsigned n = miss_take(misses, MISSES_AT_ONCE);
	uint64_t since = miss_clock();

	for (unsigned i = 0; i < n; i++) {
		decide(misses[i], handle_miss(x, misses[i]), book_changes());
		since = miss_charge(misses[i], since);
	}
	send_answers(misses, n);
	return n;
}

/* With others. */

static void hand_out(struct xlate *x)
{
	struct miss *misses[CREW_JOBS];
	unsigned n = miss_take(misses, crew_room());

	for (unsigned i = 0; i < n; i++) {
		struct crew_job *job = crew_next();

		job->miss = misses[i];
		job->changes = book_changes();
		job->program = book_find(x, &misses[i]->key, &misses[i]->made);
	}
	crew_hand_out();
}

static void take_over(struct xlate *x, struct crew_job *job)
{
	const struct key *key = &job->miss->key;

	if (job->program) {
		decide(job->miss, job->program, job->changes);
		return;
	}
	/* Another packet of the kind may have come back before this one. */
	struct program *program = book_find_again(x, key, &job->miss->made);

	if (!program) {
		/* What has changed is in force for flows that are there, so not for this one. */
		if (job->changes != book_changes())
			again_make(&job->x, key);
		program = make_flow(&job->x, job->miss);
	}
	decide(job->miss, program, book_changes());
}

static unsigned serve_with_crew(struct xlate *x)
{
	struct miss *misses[CREW_JOBS];
	struct crew_job *job;
	unsigned n = 0;

	hand_out(x);
	while (n < CREW_JOBS && crew_under_way() && (job = crew_take_back())) {
		uint64_t since = miss_clock();

		misses[n++] = job->miss;
		take_over(x, job);
		/* And the time that it took before it came back. */
		miss_charge(job->miss, since - job->took);
		crew_finish();
	}
	send_answers(misses, n);
	return n + crew_under_way();
}

unsigned serve_misses(struct xlate *x)
{
	if (!crew_size() && !crew_under_way())
		return serve_alone(x);
	return serve_with_crew(x);
}

void serve_end(void)
{
	const struct crew_job *job;

	while (crew_under_way()) {
		job = crew_take_back();
		if (!job)
			continue;
		answers_keep(job->miss, job->program);
		crew_finish();
	}
	answers_end();
}
