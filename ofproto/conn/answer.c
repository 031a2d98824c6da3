/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/conn/answer.h"

#include <assert.h>

#include <uv.h>

#include "lib/control/coverage.h"
#include "ofproto/conn/conn.h"

enum {
	/* A millisecond or two. */
	WORK_PER_TURN = 16384,
	/* What it costs to tell an item, beside a look at it. */
	WORK_PER_ITEM = 8,
	BYTES_PER_WORK = 16,
};

static CDS_LIST_HEAD(waiting); /* connections, who waits longest comes first */
static int64_t left = WORK_PER_TURN; /* of this turn's work */
static uv_idle_t turns;
static uint64_t n_continued;

/* Who waits now has a chance in this turn; whoever waits again has it in the next. */
static void take_turn(uv_idle_t *idle)
{
	CDS_LIST_HEAD(now);

	left = WORK_PER_TURN;
	if (cds_list_empty(&waiting)) {
		uv_idle_stop(idle);
		return;
	}
	cds_list_splice(&waiting, &now);
	CDS_INIT_LIST_HEAD(&waiting);
	while (left > 0 && !cds_list_empty(&now)) {
		struct conn *conn = cds_list_first_entry(&now, struct conn, answer.in_turn);

		cds_list_del_init(&conn->answer.in_turn);
		conn_continue(conn);
	}
	cds_list_splice(&now, &waiting);
}

void answers_start(void)
{
	uv_idle_init(uv_default_loop(), &turns);
	uv_unref((uv_handle_t *)&turns);
}

void answers_stop(void)
{
	if (!uv_is_closing((uv_handle_t *)&turns))
		uv_close((uv_handle_t *)&turns, NULL);
}

bool answer_spend(unsigned work)
{
	/* The next turn begins with all of it again. */
	if (left == WORK_PER_TURN)
		uv_idle_start(&turns, take_turn);
	left -= work;
	return left > 0;
}

bool answer_spend_told(size_t n)
{
	return answer_spend(WORK_PER_ITEM + (unsigned)(n / BYTES_PER_WORK));
}

void answer_init(struct answer *answer)
{
	*answer = (struct answer){.type = NULL};
	CDS_INIT_LIST_HEAD(&answer->in_turn);
}

static void end(struct conn *conn)
{
	const struct answer_type *type = conn->answer.type;

	conn->answer.type = NULL;
	type->end(conn->answer.context);
}

static void tell_more(struct conn *conn)
{
	if (conn->answer.type->more(conn, conn->answer.context))
		n_continued++;
	else
		end(conn);
}

void answer_begin(struct conn *conn, const struct answer_type *type, void *take_context)
{
	assert(!conn->answer.type);
	conn->answer.type = type;
	conn->answer.context = take_context;
	if (left > 0)
		tell_more(conn);
}

void answer_wait(struct conn *conn)
{
	if (!cds_list_empty(&conn->answer.in_turn))
		return;
	cds_list_add_tail(&conn->answer.in_turn, &waiting);
	uv_idle_start(&turns, take_turn);
}

void answer_continue(struct conn *conn)
{
	if (conn->answer.type)
		tell_more(conn);
}

void answer_cancel(struct conn *conn)
{
	if (conn->answer.type)
		end(conn);
}

void answer_forget(struct conn *conn)
{
	answer_cancel(conn);
	cds_list_del_init(&conn->answer.in_turn);
}

static void report_coverage(json_t *counts)
{
	coverage_add(counts, "openflow_answer_continued", n_continued);
}

COVERAGE_REPORTER(answer, report_coverage);
