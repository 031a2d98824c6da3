/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/control/control.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <urcu/list.h>
#include <uv.h>

#include "lib/command.h"
#include "lib/jsonrpc/plain.h"
#include "lib/jsonrpc/remote.h"
#include "lib/log.h"
#include "lib/strbuf.h"
#include "lib/stream/listener.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

LOG_TOPIC(control);

#define MB (1024 * 1024)

static const struct jsonrpc_limits limits = {
	.max_message = 16 * MB,
	.max_depth = 64,
	.max_backlog = 32 * MB,
};

struct control {
	struct uv_loop_s *loop;
	struct remote *remote;
	char *path;
	char *other_path;
	bool cleanup;
};

/* One client. */
struct session {
	struct control *control;
	struct jsonrpc *conn;
	bool json; /* answers as JSON */
	struct cds_list_head calls; /* not yet answered */
};

struct session_call {
	struct command_call call;
	struct session *session; /* NULL: the client has left */
	struct cds_list_head link;
	json_t *id;
	struct command_args args; /* or: */
	struct plain_request *plain;
	struct strbuf text; /* an answer in parts, as it is sent; empty before the first */
	bool json; /* as the session was when it began */
};

static void call_free(struct session_call *call)
{
	strbuf_fini(&call->text);
	if (call->session)
		cds_list_del(&call->link);
	json_decref(call->id);
	command_args_fini(&call->args);
	free(call->plain);
	free(call);
}

static json_t *text_of(const struct command *command, const json_t *answer)
{
	struct strbuf text = STRBUF_INIT;

	command_render(command, answer, &text);
	if (text.length && text.text[text.length - 1] != '\n')
		strbuf_add_char(&text, '\n');
	json_t *string = json_stringn(strbuf_text(&text), text.length);

	strbuf_fini(&text);
	/* A name that is not UTF-8, for example. */
	return string ? string : json_string("(the answer cannot be shown as text: use JSON)\n");
}

/* Answers that are only text look in JSON as they do with OVS. */
static json_t *json_of(const json_t *answer)
{
	if (!json_is_string(answer))
		return json_incref((json_t *)answer);
	return json_pack("{sssO}", "reply-format", "plain", "reply", answer);
}

static void fail(struct session_call *call, const char *text)
{
	struct strbuf line = STRBUF_INIT;

	strbuf_add(&line, text);
	strbuf_chomp(&line, '\n');
	strbuf_add_char(&line, '\n');
	json_t *error = json_string(line.text);

	strbuf_fini(&line);
	if (call->id)
		jsonrpc_error(
			call->session->conn,
			call->id,
			error ? error : json_string("the command failed\n")
		);
	else
		json_decref(error);
}

static int add_bytes(const char *bytes, size_t n, void *text)
{
	strbuf_add_n(text, bytes, n);
	return 0;
}

static void add_json(struct session_call *call, const json_t *json)
{
	json_dump_callback(json, add_bytes, &call->text, JSON_COMPACT | JSON_ENCODE_ANY);
}

static void begin_parts(struct session_call *call)
{
	strbuf_add(&call->text, "{\"id\":");
	add_json(call, call->id);
	strbuf_add(&call->text, ",\"error\":null,\"result\":");
	call->json = call->session->json;
	strbuf_add_char(&call->text, call->json ? '[' : '"');
}

/* Goes on with the string that the answer is. */
static void add_text_part(struct session_call *call, const json_t *rows, bool first)
{
	const struct command *command = call->call.command;
	struct strbuf text = STRBUF_INIT;

	if (first && command->head)
		strbuf_add(&text, command->head);
	command->format(rows, &text);
	json_t *string = json_stringn(strbuf_text(&text), text.length);
	/* Of a name that is not UTF-8, for example. */
	if (!string)
		string = json_string("(rows that cannot be shown as text: use JSON)\n");
	char *quoted = json_dumps(string, JSON_ENCODE_ANY);

	strbuf_add_n(&call->text, quoted + 1, strlen(quoted) - 2);
	free(quoted);
	json_decref(string);
	strbuf_fini(&text);
}

static void add_rows(struct session_call *call, const json_t *rows, bool first)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		if (!first || i)
			strbuf_add_char(&call->text, ',');
		add_json(call, row);
	}
}

static void call_part(struct command_call *base, const json_t *rows)
{
	struct session_call *call = container_of(base, struct session_call, call);
	bool first = !call->text.length;

	if (!call->session || !call->id)
		return;
	if (first)
		begin_parts(call);
	if (call->json)
		add_rows(call, rows, first);
	else
		add_text_part(call, rows, first);
}

static void end_parts(struct session_call *call)
{
	strbuf_add(&call->text, call->json ? "]}" : "\"}");
	jsonrpc_send_text(call->session->conn, call->text.text, call->text.length);
}

static void call_done(struct command_call *base, json_t *take_answer, const struct errbuf *err)
{
	struct session_call *call = container_of(base, struct session_call, call);
	struct session *session = call->session;

	if (session && call->text.length)
		end_parts(call);
	else if (session && take_answer && call->id)
		jsonrpc_reply(
			session->conn,
			call->id,
			session->json ? json_of(take_answer) : text_of(base->command, take_answer)
		);
	else if (session && !take_answer)
		fail(call, err && err->text[0] ? err->text : "the command failed");
	json_decref(take_answer);
	call_free(call);
}

static struct session_call *call_new(struct session *session, json_t *take_id)
{
	struct session_call *call = XNEW(struct session_call);

	call->session = session;
	call->id = take_id;
	call->call.done = call_done;
	call->call.part = call_part;
	cds_list_add_tail(&call->link, &session->calls);
	return call;
}

static void run_call(struct session_call *call, const char *method)
{
	json_t *answer;
	struct errbuf err;

	errbuf_init(&err);
	log_dbg("%s: %s, %d arguments", jsonrpc_peer(call->session->conn), method, call->call.argc);
	answer = command_run(method, &call->call, &err);
	if (!answer && call->call.deferred)
		return;
	call_done(&call->call, answer, &err);
}

static void session_request(void *owner, const char *method, const json_t *params, const json_t *id)
{
	struct session_call *call = call_new(owner, json_incref((json_t *)id));
	struct errbuf err;

	errbuf_init(&err);
	if (command_args_init(&call->args, &call->call, params, &err))
		run_call(call, method);
	else
		call_done(&call->call, NULL, &err);
}

static void session_plain(void *owner, struct plain_request *take_request)
{
	struct session_call *call = call_new(owner, json_integer(take_request->id));

	call->plain = take_request;
	call->call.argc = take_request->argc;
	call->call.argv = take_request->argv;
	run_call(call, take_request->method);
}

static void session_closed(void *owner, const char *reason)
{
	struct session *session = owner;
	struct session_call *call, *next;

	cds_list_for_each_entry_safe(call, next, &session->calls, link) {
		cds_list_del(&call->link);
		call->session = NULL;
		call->call.cancelled = true;
	}
	free(session);
}

static const struct jsonrpc_handler handler = {
	.request = session_request,
	.plain = session_plain,
	.closed = session_closed,
};

static void *session_new(void *context, struct jsonrpc *conn)
{
	struct session *session = XNEW(struct session);

	session->control = context;
	session->conn = conn;
	CDS_INIT_LIST_HEAD(&session->calls);
	return session;
}

/* "…/vswitchd.17.ctl": where ".17.ctl" begins, or NULL. */
static const char *pid_suffix(const char *name)
{
	const char *dot = strchr(name, '.');

	if (!dot)
		return NULL;
	size_t digits = strspn(dot + 1, "0123456789");

	return digits && !strcmp(dot + 1 + digits, ".ctl") ? dot : NULL;
}

/* What 'path' is one of: the sockets of one daemon, by process id. */
static void remove_leftovers(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *suffix = pid_suffix(name);
	size_t stem = suffix ? (size_t)(suffix - name) + 1 : 0;
	char *dir_path = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup("./");
	DIR *dir = stem ? opendir(dir_path) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, name, stem) || !pid_suffix(entry->d_name))
			continue;
		char *other = xasprintf("%s%s", dir_path, entry->d_name);

		if (listener_is_abandoned(other))
			unlink(other);
		free(other);
	}
	if (dir)
		closedir(dir);
	free(dir_path);
}

struct control *control_open(struct uv_loop_s *loop, const char *path, struct errbuf *err)
{
	struct control *control = XNEW(struct control);
	const struct remote_config config = {
		.handler = &handler,
		.limits = &limits,
		.connected = session_new,
		.context = control,
	};
	char *name = xasprintf("punix:%s", path);

	control->loop = loop;
	control->path = xstrdup(path);
	remove_leftovers(path);
	control->remote = remote_open(loop, name, &config, err);
	free(name);
	if (!control->remote) {
		control_close(control);
		return NULL;
	}
	return control;
}

int control_add_name(struct control *control, const char *path, struct errbuf *err)
{
	const char *slash = strrchr(control->path, '/');

	remove_leftovers(path);
	unlink(path);
	if (symlink(slash ? slash + 1 : control->path, path))
		return errbuf_set(err, -errno, "%s: cannot link: %s", path, strerror(errno));
	free(control->other_path);
	control->other_path = xstrdup(path);
	return 0;
}

bool control_wants_cleanup(const struct control *control)
{
	return control->cleanup;
}

void control_close(struct control *control)
{
	if (!control)
		return;
	if (control->other_path)
		unlink(control->other_path);
	remote_close(control->remote);
	free(control->other_path);
	free(control->path);
	free(control);
}

/* The session of a command that only makes sense on a control connection. */
static struct session *session_of(struct command_call *call, struct errbuf *err)
{
	if (call->done != call_done) {
		errbuf_set(err, -ENOTSUP, "this command is for the control socket");
		return NULL;
	}
	return container_of(call, struct session_call, call)->session;
}

static int parse_format(const char *word, bool *json, struct errbuf *err)
{
	*json = !strcmp(word, "json");
	if (*json || !strcmp(word, "text"))
		return 0;
	return errbuf_set(err, -EINVAL, "the format is \"text\" or \"json\", not \"%.40s\"", word);
}

static json_t *cmd_set_options(struct command_call *call, struct errbuf *err)
{
	struct session *session = session_of(call, err);
	bool json;

	if (!session)
		return NULL;
	json = session->json;
	for (int i = 0; i < call->argc; i++) {
		const char *word = call->argv[i];
		int error;

		if (!strcmp(word, "--format") && i + 1 < call->argc)
			error = parse_format(call->argv[++i], &json, err);
		else if (!strncmp(word, "--format=", 9))
			error = parse_format(word + 9, &json, err);
		else
			error = errbuf_set(
				err,
				-EINVAL,
				"set-options knows --format text|json, not \"%.40s\"",
				word
			);
		if (error)
			return NULL;
	}
	session->json = json;
	return json_string("");
}

static json_t *cmd_exit(struct command_call *call, struct errbuf *err)
{
	struct session *session = session_of(call, err);

	if (!session)
		return NULL;
	if (call->argc && strcmp(call->argv[0], "--cleanup")) {
		errbuf_set(
			err,
			-EINVAL,
			"exit takes nothing or --cleanup, not \"%.40s\"",
			call->argv[0]
		);
		return NULL;
	}
	session->control->cleanup |= call->argc > 0;
	log_info("%s: told to exit", jsonrpc_peer(session->conn));
	uv_stop(session->control->loop);
	return json_string("");
}

MGMT_COMMAND(
	set_options,
	"set-options",
	"[--format text|json]",
	0,
	4,
	cmd_set_options,
	"How this connection's answers look."
);
MGMT_COMMAND(
	exit,
	"exit",
	"[--cleanup]",
	0,
	1,
	cmd_exit,
	"Ends the daemon; with --cleanup it also takes down what would outlive it."
);
