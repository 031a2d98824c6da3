/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/journal/db_frame.h"
#include "tests/fuzz/fuzz.h"

/* A database file with anything in it: reading ends, and stays within the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;
	json_t *record;
	size_t at = 0;

	for (;;) {
		size_t before = at;

		record = NULL;
		if (db_frame_next((const char *)data, size, &at, &record, &why) != DB_FRAME_RECORD)
			break;
		json_decref(record);
		if (at <= before || at > size)
			abort();
	}
	return 0;
}
