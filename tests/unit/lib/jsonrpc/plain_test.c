/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jsonrpc/plain.h"

#include <stdlib.h>
#include <string.h>

#include "lib/strbuf.h"
#include "tests/unit/unit.h"

enum {
	TIMES = 200000,
	CHANGES = 4, /* of a text, at most */
};

static struct plain_request *parse(const char *text)
{
	return plain_request_new(text, strlen(text));
}

static void test_plain_request_has_what_stands_there(void **state)
{
	struct plain_request *request =
		parse("{\"id\": 12, \"method\":\"a/b\" ,\n\"params\": [ \"x\", \"\",\"y z\" ] }");

	assert_non_null(request);
	assert_int_equal(request->id, 12);
	assert_string_equal(request->method, "a/b");
	assert_int_equal(request->argc, 3);
	assert_string_equal(request->argv[0], "x");
	assert_string_equal(request->argv[1], "");
	assert_string_equal(request->argv[2], "y z");
	free(request);
	request = parse("{\"params\":[],\"id\":0,\"method\":\"\"}");
	assert_non_null(request);
	assert_int_equal(request->argc, 0);
	free(request);
}

static void test_plain_request_is_nothing_else(void **state)
{
	static const char *const texts[] = {
		"",
		"{}",
		"[]",
		"{\"id\":1,\"method\":\"a\"}",
		"{\"id\":1,\"method\":\"a\",\"params\":[]",
		"{\"id\":1,\"method\":\"a\",\"params\":[]}}",
		"{\"id\":1,\"method\":\"a\",\"params\":[],}",
		"{\"id\":1,\"method\":\"a\",\"params\":[\"x\",]}",
		"{\"id\":1,\"method\":\"a\",\"params\":[1]}",
		"{\"id\":1,\"method\":\"a\",\"params\":[\"\\n\"]}",
		"{\"id\":1,\"method\":\"a\",\"params\":[\"\xc3\xa9\"]}",
		"{\"id\":1,\"method\":\"a\",\"params\":{}}",
		"{\"id\":1,\"id\":2,\"method\":\"a\",\"params\":[]}",
		"{\"id\":1,\"method\":\"a\",\"params\":[],\"more\":1}",
		"{\"id\":null,\"method\":\"a\",\"params\":[]}",
		"{\"id\":\"1\",\"method\":\"a\",\"params\":[]}",
		"{\"id\":1.5,\"method\":\"a\",\"params\":[]}",
		"{\"id\":-1,\"method\":\"a\",\"params\":[]}",
		"{\"id\":01,\"method\":\"a\",\"params\":[]}",
		"{\"id\":1000000000000000,\"method\":\"a\",\"params\":[]}",
		"{\"id\":,\"method\":\"a\",\"params\":[]}",
		"{\"id\":1,\"method\":null,\"params\":[]}",
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(texts); i++)
		assert_null(parse(texts[i]));
}

static void test_plain_request_has_bounds(void **state)
{
	char text[2 * PLAIN_SIZE];
	struct plain_request *request;

	for (unsigned n = PLAIN_ARGS; n <= PLAIN_ARGS + 1; n++) {
		struct strbuf args = STRBUF_INIT;

		strbuf_add(&args, "{\"id\":1,\"method\":\"a\",\"params\":[\"x\"");
		for (unsigned i = 1; i < n; i++)
			strbuf_add(&args, ",\"x\"");
		strbuf_add(&args, "]}");
		request = parse(strbuf_text(&args));
		assert_int_equal(!request, n > PLAIN_ARGS);
		free(request);
		strbuf_fini(&args);
	}
	for (unsigned n = PLAIN_SIZE; n <= PLAIN_SIZE + 1; n++) {
		snprintf(
			text,
			sizeof(text),
			"{\"id\":1,\"method\":\"a\",\"params\":[\"%0*d\"]}",
			(int)(n - strlen("{\"id\":1,\"method\":\"a\",\"params\":[\"\"]}")),
			0
		);
		request = parse(text);
		assert_int_equal(!request, n > PLAIN_SIZE);
		free(request);
	}
}

/* The JSON parser finds the same in it. */
static void expect_same(const struct plain_request *request, const char *text)
{
	json_t *json = json_loads(text, 0, NULL), *params;

	assert_non_null(json);
	params = json_object_get(json, "params");
	assert_int_equal(json_object_size(json), 3);
	assert_int_equal(json_integer_value(json_object_get(json, "id")), request->id);
	assert_string_equal(json_string_value(json_object_get(json, "method")), request->method);
	assert_int_equal(json_array_size(params), request->argc);
	for (int i = 0; i < request->argc; i++)
		assert_string_equal(
			json_string_value(json_array_get(params, (size_t)i)), request->argv[i]
		);
	json_decref(json);
}

static void test_plain_request_is_what_the_parser_says(void **state)
{
	static const char bytes[] = "{}[]\",:\\ 0179-.ea\nx\x80\x7f\x1f";
	unsigned n = 0;

	srand(5);
	for (unsigned i = 0; i < TIMES; i++) {
		char text[] = "{\"id\": 10, \"method\": \"a/b\", \"params\": [\"x\", \"1 2\"]}";
		unsigned changes = (unsigned)rand() % CHANGES;

		while (changes--)
			text[(unsigned)rand() % (sizeof(text) - 1)] =
				bytes[(unsigned)rand() % (sizeof(bytes) - 1)];
		struct plain_request *request = plain_request_new(text, sizeof(text) - 1);

		if (!request)
			continue;
		n++;
		expect_same(request, text);
		free(request);
	}
	/* Some that were changed are among them. */
	assert_in_range(n, TIMES / CHANGES + 1, TIMES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_request_has_what_stands_there),
		cmocka_unit_test(test_plain_request_is_nothing_else),
		cmocka_unit_test(test_plain_request_has_bounds),
		cmocka_unit_test(test_plain_request_is_what_the_parser_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
