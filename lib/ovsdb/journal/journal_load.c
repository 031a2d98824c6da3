/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/ovsdb/db_engine.h"
#include "lib/ovsdb/journal/db_convert.h"
#include "lib/ovsdb/journal/db_frame.h"
#include "lib/ovsdb/journal/db_record.h"
#include "lib/ovsdb/journal/journal_priv.h"
#include "lib/xmalloc.h"

LOG_TOPIC(ovsdb);

int journal_write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

int journal_write_record(int fd, const char *json, size_t length, uint64_t *size)
{
	char header[DB_FRAME_HEADER_SIZE];
	size_t header_length = db_frame_header(json, length, header);
	struct iovec parts[2] = {
		{.iov_base = header, .iov_len = header_length},
		{.iov_base = (char *)json, .iov_len = length},
	};
	ssize_t n = writev(fd, parts, 2);
	int error = 0;

	if (n < 0)
		return -errno;
	if ((size_t)n < header_length)
		error = journal_write_all(fd, header + n, header_length - (size_t)n);
	n = (size_t)n < header_length ? 0 : n - (ssize_t)header_length;
	if (!error)
		error = journal_write_all(fd, json + n, length - (size_t)n);
	if (!error)
		*size += header_length + length;
	return error;
}

static int refuse_open(const char *path, int error, struct errbuf *err)
{
	const char *remedy = "check the path and the disk";

	if (error == -EACCES || error == -EPERM)
		remedy = "run as the file's owner, or give this user read and write permission";
	else if (error == -ENOENT || error == -ENOTDIR)
		remedy = "create the directory, or choose another file";
	else if (error == -EROFS)
		remedy = "mount the file system writable, or choose another file";
	return errbuf_set(
		err, error, "cannot open the database %s: %s; %s", path, strerror(-error), remedy
	);
}

/* Reads the whole file. */
static int read_file(int fd, const char *path, char **content, size_t *size, struct errbuf *err)
{
	struct stat status;
	size_t done = 0;

	if (fstat(fd, &status))
		return refuse_open(path, -errno, err);
	if (!S_ISREG(status.st_mode))
		return errbuf_set(
			err, -EINVAL, "the database %s is no regular file; choose another one", path
		);
	*size = (size_t)status.st_size;
	*content = xmalloc(*size + 1);
	while (done < *size) {
		ssize_t n = read(fd, *content + done, *size - done);

		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		free(*content);
		*content = NULL;
		refuse_open(path, n ? -errno : -EIO, err);
		return -EIO;
	}
	return 0;
}

/* If whole records follow the damage, cutting it off loses them: keep them aside. */
static void keep_damaged(const char *path, const char *content, size_t size, size_t at)
{
	char *name;
	int fd;

	if (size - at < 2 || !memmem(content + at + 1, size - at - 1, "OVSDB JSON ", 11))
		return;
	name = xasprintf("%s.damaged", path);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0 && !journal_write_all(fd, content, size))
		log_warn("database %s: kept the file as it was in %s", path, name);
	if (fd >= 0)
		close(fd);
	free(name);
}

/* Applies all records after the schema to 'db'. Sets journal->size to the end of the last. */
static int
replay(struct db_journal *journal,
       struct db *db,
       const char *content,
       size_t size,
       struct errbuf *err)
{
	size_t at = journal->size;
	const char *why = "";

	for (;;) {
		enum db_frame_result result;
		struct db_error error;
		json_t *record;
		int failed;

		result = db_frame_next(content, size, &at, &record, &why);
		journal->size = at;
		if (result == DB_FRAME_END)
			return 0;
		if (result != DB_FRAME_RECORD)
			break;
		/* The first record after the schema is what a compaction wrote, if there was one. */
		if (!journal->compacted_size)
			journal->compacted_size = at;
		db_error_init(&error);
		failed = db_record_apply(db, record, &error);
		json_decref(record);
		if (failed)
			return errbuf_set(
				err,
				-EINVAL,
				"database %s: the transaction that ends at byte %zu cannot be "
				"applied: %s; restore a backup or use another file",
				journal->path,
				at,
				error.details
			);
	}
	log_warn(
		"database %s: the record at byte %zu is damaged (%s); cutting off the last %zu bytes",
		journal->path,
		at,
		why,
		size - at
	);
	keep_damaged(journal->path, content, size, at);
	return 0;
}

/* The first record must be a schema. */
static json_t *
read_schema(struct db_journal *journal, const char *content, size_t size, struct errbuf *err)
{
	const char *ours = journal->db->schema->name;
	json_t *record = NULL;
	const char *why = "", *name;
	size_t at = 0;

	switch (db_frame_next(content, size, &at, &record, &why)) {
	case DB_FRAME_RECORD:
		break;
	case DB_FRAME_CLUSTERED:
		errbuf_set(
			err,
			-EINVAL,
			"%s belongs to a clustered database; convert it with \"ovsdb-tool "
			"cluster-to-standalone\"",
			journal->path
		);
		return NULL;
	default:
		errbuf_set(
			err,
			-EINVAL,
			"%s is not an OVSDB database: %s; move it away or choose another file",
			journal->path,
			why
		);
		return NULL;
	}
	name = json_string_value(json_object_get(record, "name"));
	if (!name || strcmp(name, ours) != 0) {
		errbuf_set(
			err,
			-EINVAL,
			"%s is a database of %.60s, not of %s; choose another file",
			journal->path,
			name ? name : "no name",
			ours
		);
		json_decref(record);
		return NULL;
	}
	journal->size = at;
	return record;
}

static int cut_torn_end(struct db_journal *journal, size_t size, struct errbuf *err)
{
	if (journal->size == size)
		return 0;
	if (!ftruncate(journal->fd, (off_t)journal->size))
		return 0;
	return errbuf_set(
		err,
		-errno,
		"database %s: cannot cut off its damaged end: %s",
		journal->path,
		strerror(errno)
	);
}

static int
load_same(struct db_journal *journal, const char *content, size_t size, struct errbuf *err)
{
	int error = replay(journal, journal->db, content, size, err);

	return error ? error : cut_torn_end(journal, size, err);
}

static int load_converted(
	struct db_journal *journal,
	struct schema *take_schema,
	const char *content,
	size_t size,
	struct errbuf *err
)
{
	struct db *old = db_new(take_schema);
	int error = replay(journal, old, content, size, err);

	if (!error)
		error = db_convert(old, journal->db, journal->path, err);
	db_close(old);
	return error ? error : journal_compact_now(journal, err);
}

static int
load_content(struct db_journal *journal, const char *content, size_t size, struct errbuf *err)
{
	json_t *json = read_schema(journal, content, size, err);
	struct schema *schema;
	struct db_error why;

	if (!json)
		return err ? err->error : -EINVAL;
	db_error_init(&why);
	schema = schema_parse(json, &why);
	json_decref(json);
	if (!schema)
		return errbuf_set(
			err,
			-EINVAL,
			"database %s has an invalid schema: %s",
			journal->path,
			why.details
		);
	if (!schema_equal(schema, journal->db->schema))
		return load_converted(journal, schema, content, size, err);
	schema_free(schema);
	return load_same(journal, content, size, err);
}

int journal_load(struct db_journal *journal, struct errbuf *err)
{
	char *content = NULL;
	size_t size = 0;
	int error;

	journal->fd = open(journal->path, O_RDWR | O_APPEND | O_CLOEXEC);
	if (journal->fd < 0 && errno == ENOENT)
		return journal_compact_now(journal, err);
	if (journal->fd < 0)
		return refuse_open(journal->path, -errno, err);
	error = read_file(journal->fd, journal->path, &content, &size, err);
	if (error)
		return error;
	/* A crash of the file system can leave a new file empty. */
	if (size)
		error = load_content(journal, content, size, err);
	else
		error = journal_compact_now(journal, err);
	free(content);
	return error;
}
