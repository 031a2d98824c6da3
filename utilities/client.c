/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/errbuf.h"
#include "lib/jsonrpc/scan.h"
#include "lib/strbuf.h"
#include "lib/stream/address.h"
#include "lib/xmalloc.h"
#include "utilities/socket.h"

enum {
	READ_SIZE = 65536,
	MAX_DEPTH = 512,
	DEFAULT_PORT = 6640
};

/* The daemon is trusted; this only bounds a runaway. */
#define MAX_ANSWER ((size_t)4 << 30)

static const struct socket_tls no_files;

struct client {
	struct socket *socket;
	int64_t deadline_ms; /* 0: none */
	int last_id;
	char *address;
	struct scan scan;
	struct strbuf input; /* received, not yet taken */
	size_t scanned; /* how much of 'input' the scanner has seen */
};

const char *client_rundir(const char *given)
{
	/* Under the names of Open vSwitch's tools we look where those would. */
	bool as_ovs = !strncmp(program_invocation_short_name, "ovs-", 4);
	const char *ovs_dir = as_ovs ? getenv("OVS_RUNDIR") : NULL;
	const char *from_env = getenv("WEIR_RUNDIR");

	/* An empty word is what a shell makes of a variable that is not set. */
	if (given && *given)
		return given;
	if (from_env && *from_env)
		return from_env;
	if (ovs_dir && *ovs_dir)
		return ovs_dir;
	return as_ovs ? "/run/openvswitch" : "/run/weir";
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int left_ms(const struct client *client)
{
	int64_t left = client->deadline_ms ? client->deadline_ms - now_ms() : -1;

	if (client->deadline_ms && left < 0)
		left = 0;
	return left > INT32_MAX ? INT32_MAX : (int)left;
}

/* Waits until something can be received or (if 'send') sent, or for the deadline. */
static int wait_for(struct client *client, int send, struct errbuf *err)
{
	int ready = socket_wait(client->socket, send, left_ms(client));

	if (ready > 0)
		return 0;
	if (ready < 0)
		return errbuf_set(err, ready, "%s: %s", client->address, strerror(-ready));
	return errbuf_set(
		err,
		-ETIMEDOUT,
		"%s: no answer in the time given by the timeout option",
		client->address
	);
}

/* Says more about what 'err' says. */
static int explain(const struct client *client, struct errbuf *err)
{
	const struct errbuf why = *err;
	const char *hint = "";
	int error = -err->error;

	if (error == EACCES || error == EPERM)
		hint = ": run as root, or as a user who may write to that socket";
	else if (error == ENOENT)
		hint = ": is the daemon running, and is this its run directory (--rundir)?";
	else if (error == ECONNREFUSED)
		hint = ": nobody listens there, the daemon has ended or was killed; start it again";
	else if (error == ETIMEDOUT && client->deadline_ms)
		hint = " (given by the timeout option)";
	return errbuf_set(
		err, -error, "%s: cannot connect: %.120s%s", client->address, why.text, hint
	);
}

struct client *client_open(
	const char *address, const struct socket_tls *tls, unsigned timeout_ms, struct errbuf *err
)
{
	struct client *client = XNEW(struct client);

	client->address =
		address_is_name(address) ? xstrdup(address) : xasprintf("unix:%s", address);
	client->deadline_ms = timeout_ms ? now_ms() + timeout_ms : 0;
	scan_init(&client->scan, MAX_ANSWER, MAX_DEPTH);
	client->socket = socket_open(client->address, DEFAULT_PORT, tls, left_ms(client), err);
	if (client->socket)
		return client;
	if (err->error != -EINVAL)
		explain(client, err);
	client_close(client);
	return NULL;
}

struct client *
client_open_target(const char *rundir, const char *target, unsigned timeout_ms, struct errbuf *err)
{
	if (target[0] == '/' || address_is_name(target))
		return client_open(target, &no_files, timeout_ms, err);
	char *path = xasprintf("%s/%s.pid", rundir, target);
	pid_t pid = pidfile_read(path, err);

	if (pid == -ENOENT)
		errbuf_set(
			err,
			-ENOENT,
			"no %s runs in %s: start it, or say where it runs with --rundir or WEIR_RUNDIR",
			target,
			rundir
		);
	free(path);
	if (pid < 0)
		return NULL;
	path = xasprintf("%s/%s.%d.ctl", rundir, target, (int)pid);
	struct client *client = client_open(path, &no_files, timeout_ms, err);

	free(path);
	return client;
}

void client_close(struct client *client)
{
	if (!client)
		return;
	socket_close(client->socket);
	strbuf_fini(&client->input);
	free(client->address);
	free(client);
}

static int send_all(struct client *client, const char *text, size_t n, struct errbuf *err)
{
	while (n) {
		ssize_t sent = socket_send(client->socket, text, n);
		int error = sent ? 0 : wait_for(client, 1, err);

		if (error)
			return error;
		if (sent < 0)
			return errbuf_set(
				err,
				(int)sent,
				"%s: cannot send: %s",
				client->address,
				strerror((int)-sent)
			);
		text += sent;
		n -= (size_t)sent;
	}
	return 0;
}

static int receive(struct client *client, struct errbuf *err)
{
	int error = wait_for(client, 0, err);

	if (error)
		return error;
	ssize_t n = socket_receive(
		client->socket, strbuf_reserve(&client->input, READ_SIZE), READ_SIZE
	);

	if (n == -ECONNRESET)
		return errbuf_set(
			err,
			-ECONNRESET,
			"%s: the daemon closed the connection without an answer",
			client->address
		);
	if (n < 0)
		return errbuf_set(err, (int)n, "%s: %s", client->address, strerror((int)-n));
	strbuf_commit(&client->input, (size_t)n);
	return 0;
}

/* Drops what has been taken from the front of the input. */
static void take(struct client *client, size_t n)
{
	client->input.length -= n;
	memmove(client->input.text, client->input.text + n, client->input.length);
	client->scanned = 0;
}

/* The next whole message, or NULL with 'err'. */
static json_t *next_message(struct client *client, struct errbuf *err)
{
	for (;;) {
		const char *text = strbuf_text(&client->input) + client->scanned;
		size_t n = client->input.length - client->scanned, used;
		size_t blanks = scan_blanks(&client->scan, text, n);

		if (blanks) {
			take(client, blanks);
			continue;
		}
		int result = n ? scan_feed(&client->scan, text, n, &used, err) : 0;

		if (result < 0) {
			errbuf_prefix(err, "%s: ", client->address);
			return NULL;
		}
		client->scanned += n ? used : 0;
		if (!result) {
			if (receive(client, err))
				return NULL;
			continue;
		}
		json_error_t error;
		json_t *message = json_loadb(client->input.text, client->scanned, 0, &error);

		take(client, client->scanned);
		if (!message)
			errbuf_set(err, -EBADMSG, "%s: %s", client->address, error.text);
		return message;
	}
}

static int send_message(struct client *client, json_t *take_message, struct errbuf *err)
{
	char *text = json_dumps(take_message, JSON_COMPACT);
	int error = -EINVAL;

	json_decref(take_message);
	if (text)
		error = send_all(client, text, strlen(text), err);
	else
		errbuf_set(err, error, "the arguments are not UTF-8 text");
	free(text);
	return error;
}

/* Is it the answer to our request? Probes are answered on the way. */
static bool is_answer(struct client *client, const json_t *message)
{
	const json_t *id = json_object_get(message, "id");
	const char *method = json_string_value(json_object_get(message, "method"));
	json_t *params = json_object_get(message, "params");
	struct errbuf ignored;

	if (method && id && !strcmp(method, "echo"))
		send_message(
			client, json_pack("{sOsOsn}", "id", id, "result", params, "error"), &ignored
		);
	return !method && (json_integer_value(id) == client->last_id || json_is_null(id));
}

int client_call(
	struct client *client,
	const char *method,
	json_t *take_params,
	json_t **answer,
	struct errbuf *err
)
{
	json_t *message = NULL;
	int error = send_message(
		client,
		json_pack(
			"{sisssO}", "id", ++client->last_id, "method", method, "params", take_params
		),
		err
	);

	json_decref(take_params);
	if (error)
		return error;
	do {
		json_decref(message);
		message = next_message(client, err);
		if (!message)
			return err->error;
	} while (!is_answer(client, message));
	json_t *failure = json_object_get(message, "error");
	bool failed = failure && !json_is_null(failure);

	*answer = json_incref(failed ? failure : json_object_get(message, "result"));
	json_decref(message);
	if (*answer)
		return failed;
	return errbuf_set(err, -EBADMSG, "%s: the answer has no result", client->address);
}

int client_call_strings(
	struct client *client,
	const char *method,
	char *const *words,
	int n,
	json_t **answer,
	struct errbuf *err
)
{
	json_t *params = json_array();

	for (int i = 0; i < n; i++) {
		json_t *word = json_string(words[i]);

		if (!word) {
			json_decref(params);
			return errbuf_set(
				err,
				-EINVAL,
				"argument %d is not UTF-8 text: \"%.80s\"",
				i + 1,
				words[i]
			);
		}
		json_array_append_new(params, word);
	}
	return client_call(client, method, params, answer, err);
}
