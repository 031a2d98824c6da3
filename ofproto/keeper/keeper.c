/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/keeper.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include <uv.h>

#include "datapath/flow.h"
#include "datapath/miss.h"
#include "lib/command.h"
#include "lib/epoch.h"
#include "lib/log.h"
#include "lib/xmalloc.h"
#include "ofproto/keeper/book.h"
#include "ofproto/keeper/change.h"
#include "ofproto/keeper/crew.h"
#include "ofproto/keeper/serve.h"
#include "ofproto/keeper/teach.h"

LOG_TOPIC(keeper);

enum {
	REDO_AT_ONCE = 64,
	SWEEP_AT_ONCE = 256,
	PREPARE_AT_ONCE = 512,
	/* Flows age by a clock that tests push on, so the keeper looks often enough. */
	WAIT_MS = 50,
	DEFAULT_MAX_IDLE_MS = 10000,
	DEFAULT_FLOW_LIMIT = 200000,
	CORES_PER_THREAD = 4, /* there is one thread more */
	MOST_BY_DEFAULT = 8,
	/* So long main translates flows again that it has marked: waking the keeper costs as much. */
	MAIN_REDOES_AT_ONCE = 1, /* some are dear */
	MAIN_REDOES_NS = 30000,
};

/* While the keeper waits, the main thread may do what stands in its mailbox itself, and begin with what
 * follows from it: that is sooner done than waking it. Nobody has it then, or the main thread for some
 * microseconds. */
enum hands {
	HANDS_KEEPER,
	HANDS_NOBODY,
	HANDS_MAIN,
};

/* A question by command; it travels to the keeper and back. */
struct question {
	struct letter letter;
	struct command_call *call;
	keeper_work_fn *work;
	void *context;
	unsigned tries; /* more: the complaints only count if nothing changed meanwhile */
	unsigned n_changes; /* posted until it was asked */
	json_t *answer;
};

static struct {
	/* Main. */
	bool running;
	uv_thread_t thread;
	uv_async_t async;
	struct keeper_config config; /* as wanted */
	unsigned n_changes; /* posted so far */
	/* Both. */
	struct mailbox to_keeper, to_main;
	_Atomic bool stop; /* main writes */
	_Atomic enum hands hands; /* whose turn it is with what is the keeper's */
	/* Keeper. */
	struct book book; /* main reads the statistics */
	struct xlate *x;
} keeper;

/* The keeper's thread. */

void keeper_tell_main(struct letter *letter)
{
	mailbox_post(&keeper.to_main, letter);
	uv_async_send(&keeper.async);
}

struct xlate *keeper_xlate(void)
{
	return keeper.x;
}

static bool take(enum hands hands)
{
	enum hands nobody = HANDS_NOBODY;

	return atomic_compare_exchange_strong(&keeper.hands, &nobody, hands);
}

static void rest(void)
{
	keeper.hands = HANDS_NOBODY;
	miss_wait(WAIT_MS);
	while (!take(HANDS_KEEPER))
		sched_yield();
}

static void run(void *unused)
{
	/* Naps must not be stretched by the kernel's usual 50 µs. */
	prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0);
	epoch_register();
	while (!keeper.stop) {
		unsigned done = mailbox_open_all(&keeper.to_keeper);

		done += book_redo(keeper.x, REDO_AT_ONCE);
		done += serve_misses(keeper.x);
		done += book_sweep(keeper.x, SWEEP_AT_ONCE);
		done += overlap_prepare(PREPARE_AT_ONCE);
		epoch_quiesce();
		if (!done)
			rest();
	}
	mailbox_open_all(&keeper.to_keeper);
	serve_end();
	book_fini();
	epoch_unregister();
}

static void note_mark_time(const struct change *change)
{
	struct keeper_stats *stats = &keeper.book.stats;

	stats->last_mark_us = (unsigned)((uv_hrtime() - change->posted_ns) / 1000);
	if (stats->last_mark_us > stats->worst_mark_us)
		stats->worst_mark_us = stats->last_mark_us;
}

static void open_change(struct letter *letter)
{
	struct change *change = container_of(letter, struct change, letter);

	book_mark(keeper.x, change);
	misses_changed(book_changes());
	note_mark_time(change);
	change_free(change);
}

/* Main thread. */

bool keeper_is_running(void)
{
	return keeper.running;
}

void keeper_tell(struct letter *letter)
{
	mailbox_post(&keeper.to_keeper, letter);
	miss_wake();
}

/* Translates marked flows again, for a moment. Returns whether there are more. */
static bool redo_for_keeper(void)
{
	uint64_t until = uv_hrtime() + MAIN_REDOES_NS;

	while (book_redo(keeper.x, MAIN_REDOES_AT_ONCE))
		if (uv_hrtime() >= until)
			return true;
	return false;
}

/* Does what was posted so far, if the keeper is waiting; what takes longer is left to it. */
static bool open_for_keeper(void)
{
	bool left;

	if (!take(HANDS_MAIN))
		return false;
	mailbox_open_all(&keeper.to_keeper);
	left = book_has_marked() && redo_for_keeper();
	keeper.hands = HANDS_NOBODY;
	if (left)
		miss_wake();
	return true;
}

/* For letters that are quickly done with. */
static void post_letter(struct letter *letter)
{
	mailbox_post(&keeper.to_keeper, letter);
	if (!open_for_keeper())
		miss_wake();
}

void change_post(struct change *take_change)
{
	if (!keeper.running || change_is_empty(take_change)) {
		change_free(take_change);
		return;
	}
	take_change->letter.open = open_change;
	take_change->posted_ns = uv_hrtime();
	keeper.n_changes++;
	post_letter(&take_change->letter);
}

static void wake_main(uv_async_t *async)
{
	mailbox_open_all(&keeper.to_main);
}

int keeper_start(keeper_effects_fn *effects, struct errbuf *err)
{
	mailbox_init(&keeper.to_keeper);
	mailbox_init(&keeper.to_main);
	teach_init(effects);
	keeper.stop = false;
	keeper.hands = HANDS_KEEPER;
	memset(&keeper.book, 0, sizeof(keeper.book));
	keeper.config.max_idle_ms = DEFAULT_MAX_IDLE_MS;
	keeper.config.flow_limit = DEFAULT_FLOW_LIMIT;
	keeper.book.config = keeper.config;
	keeper.x = XNEW(struct xlate);
	book_init(&keeper.book);
	xlate_start();
	uv_async_init(uv_default_loop(), &keeper.async, wake_main);
	uv_unref((uv_handle_t *)&keeper.async);
	int error = uv_thread_create(&keeper.thread, run, NULL);

	if (error) {
		free(keeper.x);
		uv_close((uv_handle_t *)&keeper.async, NULL);
		return errbuf_set(
			err, error, "cannot start the translator thread: %s", uv_strerror(error)
		);
	}
	keeper.running = true;
	return 0;
}

void keeper_stop(void)
{
	if (!keeper.running)
		return;
	crew_set_size(0, NULL);
	keeper.stop = true;
	miss_wake();
	epoch_offline();
	uv_thread_join(&keeper.thread);
	epoch_online();
	keeper.running = false;
	/* What it still wanted done is of no use to anybody now, but is freed. */
	mailbox_open_all(&keeper.to_main);
	uv_close((uv_handle_t *)&keeper.async, NULL);
	free(keeper.x);
	keeper.x = NULL;
}

struct configure {
	struct letter letter;
	struct keeper_config config;
};

static void open_configure(struct letter *letter)
{
	struct configure *configure = container_of(letter, struct configure, letter);

	keeper.book.config = configure->config;
	free(configure);
}

static void configure(void)
{
	if (!keeper.running)
		return;
	struct configure *configure = XNEW(struct configure);

	configure->letter.open = open_configure;
	configure->config = keeper.config;
	keeper_tell(&configure->letter);
}

/* Where there are cores to spare, some translate. */
static unsigned default_threads(void)
{
	cpu_set_t cores;

	if (sched_getaffinity(0, sizeof(cores), &cores))
		return 1;
	unsigned n = (unsigned)CPU_COUNT(&cores) / CORES_PER_THREAD + 1;

	return n < MOST_BY_DEFAULT ? n : MOST_BY_DEFAULT;
}

void keeper_set_threads(unsigned n)
{
	struct errbuf err;

	if (!keeper.running)
		return;
	if (!n)
		n = default_threads();
	/* The keeper is one of them. */
	errbuf_init(&err);
	if (crew_set_size(n - 1, &err))
		log_warn("%s", err.text);
}

void keeper_configure(const struct keeper_config *config)
{
	keeper_set_threads(config->threads);
	keeper.config.max_idle_ms = config->max_idle_ms ? config->max_idle_ms : DEFAULT_MAX_IDLE_MS;
	keeper_limit_flows(config->flow_limit ? config->flow_limit : DEFAULT_FLOW_LIMIT);
}

void keeper_limit_flows(unsigned n)
{
	keeper.config.flow_limit = n;
	configure();
}

void keeper_hold(bool holds)
{
	keeper.config.holds = holds;
	configure();
}

static void open_purge(struct letter *letter)
{
	book_purge();
	free(letter);
}

void keeper_purge(void)
{
	struct letter *letter;

	if (!keeper.running)
		return;
	letter = XNEW(struct letter);
	letter->open = open_purge;
	keeper_tell(letter);
}

static void errand_returns(struct letter *letter)
{
	struct errand *errand = container_of(letter, struct errand, letter);

	errand->done(errand);
}

static void errand_arrives(struct letter *letter)
{
	letter->open = errand_returns;
	keeper_tell_main(letter);
}

void keeper_run_errand(struct errand *errand)
{
	if (!keeper.running) {
		errand->done(errand);
		return;
	}
	errand->letter.open = errand_arrives;
	post_letter(&errand->letter);
}

struct sync {
	struct letter letter;
	uv_sem_t done;
};

static void open_sync(struct letter *letter)
{
	uv_sem_post(&container_of(letter, struct sync, letter)->done);
}

void keeper_sync(void)
{
	struct sync sync = {.letter = {.open = open_sync}};

	if (!keeper.running || open_for_keeper())
		return;
	uv_sem_init(&sync.done, 0);
	keeper_tell(&sync.letter);
	epoch_offline();
	uv_sem_wait(&sync.done);
	epoch_online();
	uv_sem_destroy(&sync.done);
}

void keeper_catch_up(void)
{
	if (keeper.running)
		mailbox_open_all(&keeper.to_main);
}

void keeper_get_stats(struct keeper_stats *stats)
{
	*stats = keeper.book.stats;
	stats->masks = keeper.running ? flow_mask_count() : 0;
	stats->flow_limit = keeper.book.config.flow_limit;
	stats->max_idle_ms = (unsigned)keeper.book.config.max_idle_ms;
	stats->threads = keeper.running ? crew_size() + 1 : 0;
}

/* Commands. */

static void open_question(struct letter *letter);

static void send_question(struct question *question)
{
	question->letter.open = open_question;
	question->n_changes = keeper.n_changes;
	keeper_tell(&question->letter);
}

static void open_answer(struct letter *letter)
{
	struct question *question = container_of(letter, struct question, letter);

	if (question->tries && json_array_size(question->answer) &&
	    question->n_changes != keeper.n_changes && keeper.running) {
		question->tries--;
		json_decref(question->answer);
		send_question(question);
		return;
	}
	command_finish(question->call, question->answer, NULL);
	free(question);
}

static void open_question(struct letter *letter)
{
	struct question *question = container_of(letter, struct question, letter);

	question->answer = question->work(keeper.x, question->context);
	question->letter.open = open_answer;
	keeper_tell_main(&question->letter);
}

json_t *keeper_ask(
	struct command_call *call,
	keeper_work_fn *work,
	void *context,
	unsigned tries,
	struct errbuf *err
)
{
	if (!keeper.running) {
		errbuf_set(err, -EAGAIN, "no translators are running");
		return NULL;
	}
	struct question *question = XNEW(struct question);

	question->call = call;
	question->work = work;
	question->context = context;
	question->tries = tries;
	command_defer(call);
	send_question(question);
	return NULL;
}
