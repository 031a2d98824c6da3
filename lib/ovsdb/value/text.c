/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/value/text.h"

#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/xmalloc.h"

static struct hmap texts = HMAP_INIT(&texts);

struct text *text_new(const char *bytes, size_t length)
{
	uint32_t hash = hash_bytes(bytes, length, 0);
	struct text *text;

	HMAP_FOREACH_WITH_HASH(text, node, hash, &texts)
		if (text->length == length && !memcmp(text->bytes, bytes, length))
			return text_ref(text);

	text = xmalloc(sizeof(*text) + length + 1);
	text->refs = 1;
	text->length = (uint32_t)length;
	memcpy(text->bytes, bytes, length);
	text->bytes[length] = '\0';
	hmap_add(&texts, &text->node, hash);
	return text;
}

void text_unref(struct text *text)
{
	if (--text->refs)
		return;
	hmap_del(&texts, &text->node);
	/* The last one takes the buckets along, so that leak checkers see an empty house. */
	if (!hmap_count(&texts)) {
		hmap_fini(&texts);
		hmap_init(&texts);
	}
	free(text);
}

size_t text_count(void)
{
	return hmap_count(&texts);
}
