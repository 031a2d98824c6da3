/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/render.h"

#include "lib/strbuf.h"
#include "tests/unit/unit.h"

static void check(const char *json, const char *wanted)
{
	struct strbuf out = STRBUF_INIT;
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);

	render_json(value, &out);
	assert_string_equal(strbuf_text(&out), wanted);
	strbuf_fini(&out);
	json_decref(value);
}

static void test_render_shows_objects_as_a_table(void **state)
{
	check("[{\"port\":\"p0\",\"packets\":7},{\"port\":\"patch-1\",\"packets\":12345,\"x\":null}]",
	      "port     packets  x\n"
	      "p0             7\n"
	      "patch-1    12345\n");
}

static void test_render_shows_the_rest_plainly(void **state)
{
	check("\"text\"", "text\n");
	check("\"line\\n\"", "line\n");
	check("\"\"", "");
	check("[]", "");
	check("[\"a\",2,true]", "a\n2\ntrue\n");
	check("{\"a\":1,\"b\":[1,{}]}", "a: 1\nb: [1,{}]\n");
	check("{\"rows\":[{\"n\":1}]}", "rows:\nn\n1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_render_shows_objects_as_a_table),
		cmocka_unit_test(test_render_shows_the_rest_plainly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
