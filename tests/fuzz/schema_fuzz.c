/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/db_error.h"
#include "tests/fuzz/fuzz.h"

/* Schemas that somebody wrote. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *json = json_loadb((const char *)data, size, 0, NULL);
	struct db_error err;

	if (!json)
		return 0;
	db_error_init(&err);
	schema_free(schema_parse(json, &err));
	json_decref(json);
	return 0;
}
