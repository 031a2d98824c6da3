/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/journal/db_frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "lib/types.h"

static const char magic[] = "OVSDB JSON ";
static const char clustered_magic[] = "OVSDB CLUSTER ";

enum {
	HASH_LENGTH = 2 * SHA_DIGEST_LENGTH
};

static void hash_text(const char *data, size_t length, char text[HASH_LENGTH + 1])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[SHA_DIGEST_LENGTH];

	SHA1((const unsigned char *)data, length, digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		text[2 * i] = digits[digest[i] >> 4];
		text[2 * i + 1] = digits[digest[i] & 15];
	}
	text[HASH_LENGTH] = '\0';
}

size_t db_frame_header(const char *json, size_t length, char header[DB_FRAME_HEADER_SIZE])
{
	char hash[HASH_LENGTH + 1];

	hash_text(json, length, hash);
	return (size_t)snprintf(header, DB_FRAME_HEADER_SIZE, "%s%zu %s\n", magic, length, hash);
}

/* Reads "<length> <hash>\n" and moves *at behind it. */
static bool
parse_header(const char *file, size_t size, size_t *at, size_t *length, char hash[HASH_LENGTH + 1])
{
	const char *newline = memchr(file + *at, '\n', size - *at < 80 ? size - *at : 80);
	char line[DB_FRAME_HEADER_SIZE];
	char *end;

	if (!newline)
		return false;
	memcpy(line, file + *at, newline - (file + *at));
	line[newline - (file + *at)] = '\0';
	if (*line < '0' || *line > '9')
		return false;
	*length = strtoull(line, &end, 10);
	if (*end != ' ' || strlen(end + 1) != HASH_LENGTH)
		return false;
	memcpy(hash, end + 1, HASH_LENGTH + 1);
	*at = newline + 1 - file;
	return true;
}

enum db_frame_result
db_frame_next(const char *file, size_t size, size_t *at, json_t **record, const char **why)
{
	size_t cursor = *at, length;
	char hash[HASH_LENGTH + 1], wanted[HASH_LENGTH + 1];

	if (cursor >= size)
		return DB_FRAME_END;
	if (size - cursor >= sizeof(clustered_magic) - 1 &&
	    !memcmp(file + cursor, clustered_magic, sizeof(clustered_magic) - 1))
		return DB_FRAME_CLUSTERED;
	*why = "it does not begin with \"OVSDB JSON\"";
	if (size - cursor < sizeof(magic) - 1 || memcmp(file + cursor, magic, sizeof(magic) - 1))
		return DB_FRAME_TORN;
	cursor += sizeof(magic) - 1;
	*why = "its header is malformed";
	if (!parse_header(file, size, &cursor, &length, wanted))
		return DB_FRAME_TORN;
	*why = "it is shorter than its header says";
	if (length > size - cursor)
		return DB_FRAME_TORN;
	*why = "its checksum is wrong";
	hash_text(file + cursor, length, hash);
	if (memcmp(hash, wanted, HASH_LENGTH) != 0)
		return DB_FRAME_TORN;
	*why = "it is no JSON object";
	*record = json_loadb(file + cursor, length, 0, NULL);
	if (!json_is_object(*record)) {
		json_decref(*record);
		return DB_FRAME_TORN;
	}
	*at = cursor + length;
	return DB_FRAME_RECORD;
}
