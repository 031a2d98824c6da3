/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/server/db_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <uv.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "tests/unit/lib/ovsdb/fixture.h"

static const char schema[] =
	"{'name':'T','version':'1.0.0','tables':{'t':{'columns':{'n':{'type':'integer'}}}}}";

enum {
	N_CLIENTS = 2
};

/* A client is a blocking socket's other end: the loop turns while it waits for an answer. */
struct client {
	int fd;
	struct strbuf text;
	size_t done; /* bytes of text that were read as messages */
};

struct fixture {
	uv_loop_t loop;
	char dir[32];
	struct db *db;
	struct db_server *server;
	struct client clients[N_CLIENTS];
};

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static int setup(void **state)
{
	struct fixture *fixture = XNEW(struct fixture);
	struct db_config config = {.schema = fixture_schema(schema), .loop = &fixture->loop};
	struct errbuf err;
	char path[64], name[80];

	strcpy(fixture->dir, "/tmp/server.XXXXXX");
	assert_non_null(mkdtemp(fixture->dir));
	snprintf(path, sizeof(path), "%s/db", fixture->dir);
	uv_loop_init(&fixture->loop);
	config.path = path;
	errbuf_init(&err);
	fixture->db = db_open(&config, &err);
	assert_non_null(fixture->db);
	fixture->server = db_server_new(&fixture->loop);
	db_server_add_db(fixture->server, fixture->db);
	snprintf(name, sizeof(name), "punix:%s/sock", fixture->dir);
	if (!db_server_add_remote(fixture->server, name, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < N_CLIENTS; i++)
		fixture->clients[i].fd = connect_to(name + strlen("punix:"));
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	char command[64];

	db_server_free(fixture->server);
	db_close(fixture->db);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	for (size_t i = 0; i < N_CLIENTS; i++) {
		if (fixture->clients[i].fd >= 0)
			close(fixture->clients[i].fd);
		strbuf_fini(&fixture->clients[i].text);
	}
	snprintf(command, sizeof(command), "rm -rf %s", fixture->dir);
	assert_int_equal(system(command), 0);
	free(fixture);
	return 0;
}

static void send_text(struct client *client, const char *text)
{
	json_t *json = fixture_json(text);
	char *dump = json_dumps(json, JSON_COMPACT);

	assert_int_equal(write(client->fd, dump, strlen(dump)), (ssize_t)strlen(dump));
	free(dump);
	json_decref(json);
}

static json_t *next_message(struct client *client)
{
	const char *rest = strbuf_text(&client->text) + client->done;
	json_error_t where;
	json_t *json = json_loads(rest, JSON_DISABLE_EOF_CHECK, &where);

	if (json)
		client->done += (size_t)where.position;
	return json;
}

static void receive(struct client *client)
{
	char buffer[4096];
	ssize_t n = read(client->fd, buffer, sizeof(buffer));

	if (n > 0)
		strbuf_add_n(&client->text, buffer, (size_t)n);
}

static json_t *wait_message(struct fixture *fixture, size_t i)
{
	json_t *json = NULL;

	for (int tries = 0; tries < 2000 && !json; tries++) {
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
		receive(&fixture->clients[i]);
		json = next_message(&fixture->clients[i]);
		if (!json)
			usleep(500);
	}
	return json;
}

/* The next message that client i gets must contain what 'expected' has. */
static void expect(struct fixture *fixture, size_t i, const char *expected)
{
	json_t *json = wait_message(fixture, i), *wanted = fixture_json(expected), *value;
	const char *key;

	assert_non_null(json);
	json_object_foreach(wanted, key, value)
		if (!json_equal(json_object_get(json, key), value))
			fail_msg("\"%s\" is not as in %s: %s", key, expected, json_dumps(json, 0));
	json_decref(wanted);
	json_decref(json);
}

static void expect_silence(struct fixture *fixture, size_t i)
{
	for (int tries = 0; tries < 20; tries++) {
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
		receive(&fixture->clients[i]);
		assert_null(next_message(&fixture->clients[i]));
		usleep(500);
	}
}

static void ask(struct fixture *fixture, size_t i, const char *request, const char *answer)
{
	send_text(&fixture->clients[i], request);
	expect(fixture, i, answer);
}

static void test_server_introduces_itself(void **state)
{
	struct fixture *fixture = *state;

	ask(fixture,
	    0,
	    "{'method':'list_dbs','params':[],'id':1}",
	    "{'id':1,'result':['_Server','T'],'error':null}");
	ask(fixture,
	    0,
	    "{'method':'get_schema','params':['T'],'id':2}",
	    "{'id':2,'result':{'name':'T','version':'1.0.0','tables':{'t':{'columns':"
	    "{'n':{'type':'integer'}}}}}}");
	ask(fixture,
	    0,
	    "{'method':'transact','params':['_Server',{'op':'select','table':'Database',"
	    "'where':[['name','==','T']],'columns':['model','connected','leader','cid']}],'id':3}",
	    "{'result':[{'rows':[{'model':'standalone','connected':true,'leader':true,"
	    "'cid':['set',[]]}]}]}");
	ask(fixture, 0, "{'method':'echo','params':[1,2],'id':4}", "{'id':4,'result':[1,2]}");
	ask(fixture, 0, "{'method':'set_db_change_aware','params':[true],'id':5}", "{'result':{}}");
}

static void test_server_refuses_nonsense(void **state)
{
	struct fixture *fixture = *state;
	static const char *const cases[] = {
		"{'method':'nope','params':[],'id':1}",
		"{'method':'get_schema','params':[],'id':1}",
		"{'method':'get_schema','params':['X'],'id':1}",
		"{'method':'transact','params':[],'id':1}",
		"{'method':'transact','params':[7],'id':1}",
		"{'method':'monitor','params':['T'],'id':1}",
		"{'method':'monitor','params':['T',1,7],'id':1}",
		"{'method':'monitor_cancel','params':[],'id':1}",
		"{'method':'monitor_cond_change','params':['x','y',{}],'id':1}",
		"{'method':'lock','params':[7],'id':1}",
		"{'method':'lock','params':['a b'],'id':1}",
		"{'method':'unlock','params':['x'],'id':1}",
		"{'method':'set_db_change_aware','params':[],'id':1}",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *json;

		send_text(&fixture->clients[0], cases[i]);
		json = wait_message(fixture, 0);
		if (json_is_null(json_object_get(json, "error")))
			fail_msg("was accepted: %s", cases[i]);
		json_decref(json);
	}
	ask(fixture,
	    0,
	    "{'method':'transact','params':['_Server',{'op':'delete','table':'Database',"
	    "'where':[]}],'id':2}",
	    "{'id':2,'error':null}");
	ask(fixture, 0, "{'method':'list_dbs','params':[],'id':3}", "{'id':3,'error':null}");
}

static void test_notification_precedes_the_answer(void **state)
{
	struct fixture *fixture = *state;

	ask(fixture,
	    0,
	    "{'method':'monitor','params':['T','m',{'t':{'columns':['n']}}],'id':1}",
	    "{'id':1,'result':{}}");
	ask(fixture,
	    1,
	    "{'method':'monitor_cond','params':['T',['x'],{'t':[{'columns':['n']}]}],'id':1}",
	    "{'id':1,'result':{}}");
	ask(fixture,
	    0,
	    "{'method':'transact','params':['T',{'op':'insert','table':'t','row':{'n':1}},"
	    "{'op':'commit','durable':true}],'id':2}",
	    "{'id':null,'method':'update'}");
	expect(fixture, 0, "{'id':2,'error':null}");
	expect(fixture, 1, "{'id':null,'method':'update2'}");
	ask(fixture, 1, "{'method':'monitor_cancel','params':[['x']],'id':2}", "{'result':{}}");
	ask(fixture,
	    0,
	    "{'method':'transact','params':['T',{'op':'delete','table':'t','where':[]}],'id':3}",
	    "{'method':'update'}");
	expect(fixture, 0, "{'id':3,'result':[{'count':1}]}");
	expect_silence(fixture, 1);
}

static void test_wait_is_answered_by_another_client(void **state)
{
	struct fixture *fixture = *state;

	send_text(
		&fixture->clients[0],
		"{'method':'transact','params':['T',{'op':'wait','table':'t','where':[],"
		"'columns':['n'],'until':'==','rows':[{'n':5}]}],'id':'w'}"
	);
	expect_silence(fixture, 0);
	ask(fixture,
	    1,
	    "{'method':'transact','params':['T',{'op':'insert','table':'t','row':{'n':5}}],'id':1}",
	    "{'id':1}");
	expect(fixture, 0, "{'id':'w','result':[{}]}");
}

static void test_wait_times_out(void **state)
{
	struct fixture *fixture = *state;
	json_t *json;

	send_text(
		&fixture->clients[0],
		"{'method':'transact','params':['T',{'op':'wait','table':'t','where':[],"
		"'columns':['n'],'until':'==','rows':[{'n':5}],'timeout':20}],'id':'w'}"
	);
	json = wait_message(fixture, 0);
	assert_string_equal(
		json_string_value(
			json_object_get(json_array_get(json_object_get(json, "result"), 0), "error")
		),
		"timed out"
	);
	json_decref(json);
}

static void test_wait_can_be_cancelled(void **state)
{
	struct fixture *fixture = *state;

	send_text(
		&fixture->clients[0],
		"{'method':'transact','params':['T',{'op':'wait','table':'t','where':[],"
		"'columns':['n'],'until':'==','rows':[{'n':5}]}],'id':'w'}"
	);
	ask(fixture,
	    0,
	    "{'method':'cancel','params':['w'],'id':null}",
	    "{'id':'w','error':'canceled'}");
}

static void test_client_may_leave_while_it_waits(void **state)
{
	struct fixture *fixture = *state;

	send_text(
		&fixture->clients[0],
		"{'method':'transact','params':['T',{'op':'wait','table':'t','where':[],"
		"'columns':['n'],'until':'==','rows':[{'n':5}]}],'id':'w'}"
	);
	ask(fixture, 0, "{'method':'lock','params':['L'],'id':1}", "{'result':{'locked':true}}");
	ask(fixture, 1, "{'method':'lock','params':['L'],'id':1}", "{'result':{'locked':false}}");
	close(fixture->clients[0].fd);
	fixture->clients[0].fd = -1;
	expect(fixture, 1, "{'method':'locked','params':['L']}");
	assert_int_equal(db_server_n_sessions(fixture->server), 1);
}

static void test_locks_are_passed_on_and_stolen(void **state)
{
	struct fixture *fixture = *state;

	ask(fixture, 0, "{'method':'lock','params':['L'],'id':1}", "{'result':{'locked':true}}");
	ask(fixture, 1, "{'method':'lock','params':['L'],'id':1}", "{'result':{'locked':false}}");
	ask(fixture,
	    1,
	    "{'method':'transact','params':['T',{'op':'assert','lock':'L'}],'id':2}",
	    "{'result':[{'error':'not owner','details':'Asserted lock L not held.'}]}");
	ask(fixture,
	    0,
	    "{'method':'transact','params':['T',{'op':'assert','lock':'L'}],'id':2}",
	    "{'result':[{}]}");
	ask(fixture, 0, "{'method':'unlock','params':['L'],'id':3}", "{'result':{}}");
	expect(fixture, 1, "{'method':'locked','params':['L'],'id':null}");
	ask(fixture, 0, "{'method':'steal','params':['L'],'id':4}", "{'result':{'locked':true}}");
	expect(fixture, 1, "{'method':'stolen','params':['L'],'id':null}");
	ask(fixture, 0, "{'method':'unlock','params':['L'],'id':5}", "{'result':{}}");
	expect(fixture, 1, "{'method':'locked','params':['L'],'id':null}");
}

static void test_reconnecting_client_gets_the_difference(void **state)
{
	struct fixture *fixture = *state;
	char request[300];
	json_t *json, *result;

	send_text(
		&fixture->clients[0],
		"{'method':'monitor_cond_since','params':['T','m',{'t':[{'columns':['n']}]},"
		"'00000000-0000-0000-0000-000000000000'],'id':1}"
	);
	json = wait_message(fixture, 0);
	result = json_object_get(json, "result");
	assert_true(json_is_false(json_array_get(result, 0)));
	json_decref(json);
	send_text(
		&fixture->clients[0],
		"{'method':'transact','params':['T',{'op':'insert','table':'t','row':{'n':1}}],'id':2}"
	);
	json = wait_message(fixture, 0);
	assert_string_equal(json_string_value(json_object_get(json, "method")), "update3");
	snprintf(
		request,
		sizeof(request),
		"{'method':'monitor_cond_since','params':['T','m',{'t':[{'columns':['n']}]},"
		"'%s'],'id':1}",
		json_string_value(json_array_get(json_object_get(json, "params"), 1))
	);
	json_decref(json);
	expect(fixture, 0, "{'id':2}");
	ask(fixture,
	    0,
	    "{'method':'transact','params':['T',{'op':'update','table':'t','where':[],"
	    "'row':{'n':7}}],'id':3}",
	    "{'method':'update3'}");
	expect(fixture, 0, "{'id':3}");
	send_text(&fixture->clients[1], request);
	json = wait_message(fixture, 1);
	result = json_object_get(json, "result");
	assert_true(json_is_true(json_array_get(result, 0)));
	result = json_object_get(json_array_get(result, 2), "t");
	result = json_object_iter_value(json_object_iter(result));
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(result, "modify"), "n")), 7
	);
	json_decref(json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_server_introduces_itself),
		TEST(test_server_refuses_nonsense),
		TEST(test_notification_precedes_the_answer),
		TEST(test_wait_is_answered_by_another_client),
		TEST(test_wait_times_out),
		TEST(test_wait_can_be_cancelled),
		TEST(test_client_may_leave_while_it_waits),
		TEST(test_locks_are_passed_on_and_stolen),
		TEST(test_reconnecting_client_gets_the_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
