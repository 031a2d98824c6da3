/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/vsctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <urcu/list.h>
#include <uv.h>

#include "lib/command.h"
#include "lib/errbuf.h"
#include "lib/ovsdb/db.h"
#include "lib/xmalloc.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/help.h"
#include "vswitchd/vsctl/outcome.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/words.h"

enum {
	SWEEP_MS = 500, /* how soon a client that left is noticed */
	WAITS_MAX = 10000,
};

/* An invocation that waits: for the switch to catch up, or for a condition. */
struct wait {
	struct cds_list_head node;
	struct command_call *call;
	struct request request;
	int64_t cfg; /* what cur_cfg must reach; 0: a condition is to be tried again */
};

static struct {
	struct db *db;
	uv_timer_t timer;
	bool running, stirred;
	struct cds_list_head waits;
	unsigned n_waits;
} vsctl;

/* Sentences are cut to their buffer, perhaps within a character. */
static json_t *make_string(const char *text)
{
	json_t *string = json_string(text);
	char *plain;

	if (string)
		return string;
	plain = xstrdup(text);
	for (char *p = plain; *p; p++)
		if (*p & 0x80)
			*p = '?';
	string = json_string(plain);
	free(plain);
	return string;
}

static json_t *answer(const char *out, const char *err, int exit_status)
{
	return json_pack(
		"{so,so,si}",
		"stdout",
		make_string(out),
		"stderr",
		make_string(err),
		"exit",
		exit_status
	);
}

static json_t *answer_error(const struct request *request, const struct errbuf *err)
{
	struct strbuf text = STRBUF_INIT;
	json_t *json;

	if (err->error == -ECANCELED)
		return answer("", "", request->exit_status);
	strbuf_addf(&text, "%s\n", err->text);
	json = answer("", strbuf_text(&text), EXIT_FAILURE);
	strbuf_fini(&text);
	return json;
}

static json_t *answer_request(struct request *request)
{
	struct strbuf out = STRBUF_INIT;
	json_t *json;

	request_print(request, &out);
	json = answer(strbuf_text(&out), strbuf_text(&request->warnings), request->exit_status);
	strbuf_fini(&out);
	return json;
}

/* Whether the switch acts on that number's configuration. Somebody may have set the count back: then all
 * is in force when the switch has caught up with what there is. */
static bool is_in_force(int64_t cfg)
{
	const struct db_row *root = db_table_first(db_find_table(vsctl.db, "Open_vSwitch"));
	int64_t current = root ? attr_integer(root, "cur_cfg") : 0;
	int64_t next = root ? attr_integer(root, "next_cfg") : 0;

	return current == next || (current < next && current >= cfg);
}

/* True when the request is done and '*json' is its answer; false if it must wait for '*cfg'. */
static bool attempt(struct request *request, int64_t *cfg, json_t **json)
{
	struct errbuf err;
	int error;

	errbuf_init(&err);
	error = request_attempt(request, cfg, &err);
	if (error == -EAGAIN)
		return false;
	if (error) {
		err.error = error;
		*json = answer_error(request, &err);
		return true;
	}
	if (*cfg && !is_in_force(*cfg))
		return false;
	if (*cfg)
		outcome_tell(request);
	*json = answer_request(request);
	return true;
}

static void set_timer(void);

static void end_wait(struct wait *wait, json_t *take_answer)
{
	cds_list_del(&wait->node);
	vsctl.n_waits--;
	command_finish(wait->call, take_answer, NULL);
	request_fini(&wait->request);
	free(wait);
}

static void try_wait(struct wait *wait)
{
	json_t *json;

	if (wait->call->cancelled) {
		end_wait(wait, answer("", "", EXIT_FAILURE));
	} else if (wait->cfg) {
		if (!is_in_force(wait->cfg))
			return;
		outcome_tell(&wait->request);
		end_wait(wait, answer_request(&wait->request));
	} else if (vsctl.stirred && attempt(&wait->request, &wait->cfg, &json)) {
		end_wait(wait, json);
	}
}

/* Not from the hook itself: a condition that holds goes on with a transaction. */
static void handle_timer(uv_timer_t *timer)
{
	struct wait *wait, *next;

	cds_list_for_each_entry_safe(wait, next, &vsctl.waits, node)
		try_wait(wait);
	vsctl.stirred = false;
	set_timer();
}

static void set_timer(void)
{
	if (cds_list_empty(&vsctl.waits))
		uv_timer_stop(&vsctl.timer);
	else
		uv_timer_start(&vsctl.timer, handle_timer, SWEEP_MS, 0);
}

static void handle_commit(void *context, const struct db_commit *commit)
{
	if (cds_list_empty(&vsctl.waits))
		return;
	vsctl.stirred = true;
	uv_timer_start(&vsctl.timer, handle_timer, 0, 0);
}

static json_t *run(struct command_call *call, struct errbuf *err)
{
	struct wait *wait;
	json_t *json = NULL;

	if (!vsctl.running) {
		errbuf_set(err, -EAGAIN, "the database is not open yet: try again");
		return NULL;
	}
	wait = XNEW(struct wait);
	wait->call = call;
	request_init(&wait->request, vsctl.db);
	if (words_parse(&wait->request, call->argv, call->argc, err))
		json = answer_error(&wait->request, err);
	else if (wait->request.wants_help)
		json = help_answer(wait->request.calls, wait->request.n_calls);
	else if (vsctl.n_waits >= WAITS_MAX)
		json = answer("", "too many commands are waiting: try again later\n", EXIT_FAILURE);
	else
		attempt(&wait->request, &wait->cfg, &json);
	if (json) {
		errbuf_init(err);
		request_fini(&wait->request);
		free(wait);
		return json;
	}
	cds_list_add_tail(&wait->node, &vsctl.waits);
	vsctl.n_waits++;
	command_defer(call);
	set_timer();
	return NULL;
}

void vsctl_start(struct db *db, struct uv_loop_s *loop)
{
	vsctl.db = db;
	vsctl.n_waits = 0;
	vsctl.stirred = false;
	CDS_INIT_LIST_HEAD(&vsctl.waits);
	uv_timer_init(loop, &vsctl.timer);
	db_add_hook(db, handle_commit, NULL);
	vsctl.running = true;
}

void vsctl_stop(void)
{
	struct wait *wait, *next;

	if (!vsctl.running)
		return;
	vsctl.running = false;
	cds_list_for_each_entry_safe(wait, next, &vsctl.waits, node)
		end_wait(wait, answer("", "the daemon is shutting down\n", EXIT_FAILURE));
	db_del_hook(vsctl.db, handle_commit, NULL);
	uv_close((uv_handle_t *)&vsctl.timer, NULL);
}

static json_t *run_complete(struct command_call *call, struct errbuf *err)
{
	if (!vsctl.running)
		return json_array();
	return help_complete(vsctl.db, call->argv, call->argc);
}

enum {
	WORDS_MAX = 1000000, /* of one invocation; the size of a message bounds them too */
};

static void format_answer(const json_t *json, struct strbuf *out)
{
	strbuf_add(out, json_string_value(json_object_get(json, "stdout")));
	strbuf_add(out, json_string_value(json_object_get(json, "stderr")));
}

MGMT_COMMAND_TEXT(
	vsctl,
	"vsctl",
	"[OPTION]... COMMAND [ARG]... [-- COMMAND [ARG]...]...",
	0,
	WORDS_MAX,
	run,
	"Runs commands of vsctl on the database, as one transaction.",
	format_answer
);
MGMT_COMMAND(
	vsctl_complete,
	"vsctl/complete",
	"[WORD]...",
	0,
	WORDS_MAX,
	run_complete,
	"Says which words could stand in place of the last one on a command line of vsctl."
);
