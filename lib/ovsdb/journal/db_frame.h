/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Frames: how records lie in a standalone OVSDB file.
 *
 *	OVSDB JSON <length> <SHA-1 of what follows, in hex>\n
 *	<one JSON object>\n
 *
 * The length counts the object and its newline.  */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

enum {
	DB_FRAME_HEADER_SIZE = 96
};

enum db_frame_result {
	DB_FRAME_RECORD,
	DB_FRAME_END, /* nothing more */
	DB_FRAME_TORN, /* no whole, intact record begins here */
	DB_FRAME_CLUSTERED /* the file belongs to a clustered database */
};

/* Any thread. */

/* Writes the header for 'json' (which ends with its newline); returns its length. */
size_t db_frame_header(const char *json, size_t length, char header[DB_FRAME_HEADER_SIZE]);
/* Reads the record at *at and moves *at behind it. 'why' explains a torn one. */
enum db_frame_result
db_frame_next(const char *file, size_t size, size_t *at, json_t **record, const char **why);
