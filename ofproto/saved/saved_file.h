/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The file that state is saved in, from one run of the daemon to the next.
 *
 * It is written under another name and renamed when it is whole; a version, its size and a digest
 * stand at its beginning, so that what is torn, of another version or somebody else's is refused
 * rather than half believed. It is taken once: whoever reads it removes it.  */

#include <stddef.h>
#include <stdint.h>

struct errbuf;

enum {
	SAVED_FILE_VERSION = 1,
	SAVED_FILE_MAX = 1 << 30, /* bytes: four million rules are about 500 MB */
};

/* Main thread. */

/* Replaces the file. */
int saved_file_write(const char *path, const uint8_t *data, size_t n, struct errbuf *err);
/* Reads the file and removes it, whatever it holds. NULL with -ENOENT if there is none; else 'err'
 * says why it cannot be used. 'away_ms' is how long ago it was written. */
uint8_t *saved_file_take(const char *path, size_t *n, int64_t *away_ms, struct errbuf *err);
