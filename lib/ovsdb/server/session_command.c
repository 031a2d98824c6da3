/* SPDX-License-Identifier: Apache-2.0 */

/* Management commands (lib/command.h) that sessions may run: what is about the database and can be
 * asked from elsewhere. "method" is the command's name, "params" its arguments, and the "result" the
 * answer as JSON.  */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/command.h"
#include "lib/ovsdb/server/server_priv.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	MAX_CALLS = 100, /* of one session that wait for their answer */
};

struct session_call {
	struct command_call call;
	struct cds_list_head in_session;
	struct session *session; /* NULL: the client has left */
	json_t *id;
	struct command_args args;
};

void db_server_allow_command(struct db_server *server, const char *name)
{
	assert(server->n_commands < ARRAY_LENGTH(server->commands));
	server->commands[server->n_commands++] = name;
}

static bool is_allowed(const struct db_server *server, const char *name)
{
	for (unsigned i = 0; i < server->n_commands; i++)
		if (!strcmp(server->commands[i], name))
			return true;
	return false;
}

static void call_free(struct session_call *call)
{
	if (call->session) {
		call->session->n_calls--;
		cds_list_del(&call->in_session);
	}
	json_decref(call->id);
	command_args_fini(&call->args);
	free(call);
}

static void done(struct command_call *base, json_t *take_answer, const struct errbuf *err)
{
	struct session_call *call = container_of(base, struct session_call, call);
	json_t *text = take_answer ? NULL : json_string(err ? err->text : "");

	if (!call->session)
		json_decref(take_answer);
	else if (take_answer)
		jsonrpc_reply(call->session->conn, call->id, take_answer);
	else
		jsonrpc_error(
			call->session->conn,
			call->id,
			text ? json_incref(text) : json_string("the command failed")
		);
	json_decref(text);
	call_free(call);
}

bool session_run_command(
	struct session *session, const char *name, const json_t *params, const json_t *id
)
{
	struct session_call *call;
	json_t *answer = NULL;
	struct db_error busy;
	struct errbuf err;

	if (!is_allowed(session->server, name))
		return false;
	if (session->n_calls >= MAX_CALLS) {
		db_error_set(
			&busy,
			"resources exhausted",
			"%d commands of this session are waiting already",
			MAX_CALLS
		);
		session_refuse(session, id, &busy);
		return true;
	}
	errbuf_init(&err);
	call = XNEW(struct session_call);
	call->session = session;
	call->id = json_incref((json_t *)id);
	call->call.done = done;
	session->n_calls++;
	cds_list_add_tail(&call->in_session, &session->calls);
	if (command_args_init(&call->args, &call->call, params, &err))
		answer = command_run(name, &call->call, &err);
	if (answer || !call->call.deferred)
		done(&call->call, answer, &err);
	return true;
}

void session_commands_fini(struct session *session)
{
	struct session_call *call, *next;

	cds_list_for_each_entry_safe(call, next, &session->calls, in_session) {
		cds_list_del(&call->in_session);
		call->session = NULL;
		call->call.cancelled = true;
	}
}
