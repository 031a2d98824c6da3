/* SPDX-License-Identifier: Apache-2.0 */

/* A database is opened with any journal, of another schema too: it is refused with a sentence, or opened;
 * then it can be written, and what is in it is there when it is opened again.
 *
 * Each line of the input is a record, which gets a correct frame; one that begins with "=" is written as it
 * is.  */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/journal/db_frame.h"
#include "lib/ovsdb/ops/db_execute.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/strbuf.h"
#include "tests/fuzz/fuzz.h"

static const char schema_text[] =
	"{\"name\":\"T\",\"version\":\"1.0.0\",\"tables\":{"
	"\"t\":{\"isRoot\":true,\"columns\":{"
	"\"n\":{\"type\":\"integer\"},"
	"\"s\":{\"type\":{\"key\":\"string\",\"min\":0,\"max\":\"unlimited\"}},"
	"\"map\":{\"type\":{\"key\":\"string\",\"value\":\"real\",\"min\":0,\"max\":3}},"
	"\"ref\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"u\"},\"min\":0,\"max\":9}}}},"
	"\"u\":{\"columns\":{\"b\":{\"type\":\"boolean\"}}}}}";

static char folder[] = "/dev/shm/weir-fuzz-XXXXXX", path[64];

/* The journal, its lock, what was damaged, and backups. */
static void clear(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (!dir)
		abort();
	while ((entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

static void end(void)
{
	clear();
	rmdir(folder);
}

static void start(void)
{
	log_set("off", NULL);
	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof(path), "%s/db", folder);
	atexit(end);
}

static void put_record(const char *line, size_t n, struct strbuf *out)
{
	char header[DB_FRAME_HEADER_SIZE];

	if (*line != '=') {
		strbuf_add_n(out, header, db_frame_header(line, n, header));
		strbuf_add_n(out, line, n);
	} else {
		strbuf_add_n(out, line + 1, n - 1);
	}
}

/* Lines with their line breaks. */
static void put_records(const char *text, size_t n, struct strbuf *out)
{
	while (n) {
		const char *end = memchr(text, '\n', n);
		size_t line = end ? (size_t)(end - text) + 1 : n;

		put_record(text, line, out);
		text += line;
		n -= line;
	}
}

static void write_file(const struct strbuf *content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, content->text, content->length) != (ssize_t)content->length)
		abort();
	close(fd);
}

static struct db *open_db(void)
{
	json_t *schema = json_loads(schema_text, 0, NULL);
	struct db_error error;
	struct db_config config = {.schema = schema_parse(schema, &error), .path = path};
	struct errbuf err;

	errbuf_init(&err);
	struct db *db = db_open(&config, &err);

	if (!db && !err.text[0])
		abort();
	json_decref(schema);
	return db;
}

static json_t *run(struct db *db, const char *text)
{
	json_t *operations = json_loads(text, 0, NULL);
	json_t *results = db_execute(db, operations);

	json_decref(operations);
	return results;
}

static json_t *dump(struct db *db)
{
	return run(
		db,
		"[{\"op\":\"select\",\"table\":\"t\",\"where\":[],\"columns\":[\"n\",\"s\","
		"\"map\",\"ref\",\"_uuid\"]}]"
	);
}

static json_t *get_rows(json_t *results)
{
	return json_object_get(json_array_get(results, 0), "rows");
}

/* In whatever order. */
static bool is_same(json_t *a, json_t *b)
{
	json_t *row, *other;
	size_t i, j;

	json_array_foreach(a, i, row) {
		bool found = false;

		json_array_foreach(b, j, other)
			found |= json_equal(row, other);
		if (!found)
			return false;
	}
	return json_array_size(a) == json_array_size(b);
}

static void check(struct db *db)
{
	json_decref(run(db, "[{\"op\":\"insert\",\"table\":\"t\",\"row\":{\"n\":7,\"s\":\"new\"}}]")
	);
	json_t *before = dump(db);

	db_close(db);
	db = open_db();
	if (!db)
		abort();
	json_t *after = dump(db);

	if (!is_same(get_rows(before), get_rows(after)))
		abort();
	json_decref(before);
	json_decref(after);
	db_close(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf content = STRBUF_INIT;

	if (!*path)
		start();
	if (size) {
		put_records((const char *)data, size, &content);
		write_file(&content);
		struct db *db = open_db();

		if (db)
			check(db);
		clear();
	}
	strbuf_fini(&content);
	return 0;
}
