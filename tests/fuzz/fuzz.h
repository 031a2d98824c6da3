/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What fuzz targets share: the entry that libFuzzer calls, and inputs that are text.
 *
 * A target decodes the input and, where it can, checks a property: what was accepted survives a
 * round trip. Abort means failure.  */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A NUL-terminated copy of the input, to be freed. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}
