/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/openflow/sort.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/messages.h"
#include "utilities/openflow/ofctl.h"

/* What is compared: whether the flow has the field, and the bytes. */
struct key_value {
	bool has;
	uint8_t value[FIELD_MAX_SIZE];
};

struct line {
	char *text;
	struct key_value *keys; /* one for each criterion */
	size_t number; /* in the order of arrival */
};

struct sorter {
	const struct field *fields[SORT_MAX]; /* NULL: the priority */
	struct line *lines;
	size_t n, size;
};

int sort_new(struct sorter **sorter, struct errbuf *err)
{
	*sorter = XNEW(struct sorter);
	for (unsigned i = 0; i < options.n_sort; i++) {
		const char *name = options.sort[i].field;

		if (!name || !strcmp(name, "priority"))
			continue;
		(*sorter)->fields[i] = field_find_or_explain(name, err);
		if (!(*sorter)->fields[i]) {
			errbuf_prefix(err, "--sort: ");
			free(*sorter);
			*sorter = NULL;
			return -EINVAL;
		}
	}
	return 0;
}

void sort_add(struct sorter *sorter, const struct of_flow_stats *flow, const char *text)
{
	struct line *line;

	if (sorter->n == sorter->size) {
		sorter->size = sorter->size * 2 + 64;
		sorter->lines = xrealloc(sorter->lines, sorter->size * sizeof(sorter->lines[0]));
	}
	line = &sorter->lines[sorter->n];
	line->text = xstrdup(text);
	line->number = sorter->n++;
	line->keys = XNEW_N(struct key_value, options.n_sort);
	for (unsigned i = 0; i < options.n_sort; i++) {
		const struct field *field = sorter->fields[i];
		uint8_t mask[FIELD_MAX_SIZE];

		line->keys[i].has = !field || match_has(&flow->match, field);
		if (field)
			match_get(&flow->match, field, line->keys[i].value, mask);
		else
			field_put_number(line->keys[i].value, 2, flow->priority);
	}
}

/* Flows that do not say anything about a field come last when it is the smaller ones that come
 * first. */
static int compare(const void *a_, const void *b_)
{
	const struct line *a = a_, *b = b_;

	for (unsigned i = 0; i < options.n_sort; i++) {
		const struct key_value *x = &a->keys[i], *y = &b->keys[i];
		int result = x->has != y->has ? (x->has ? -1 : 1)
					      : memcmp(x->value, y->value, sizeof(x->value));

		if (result)
			return options.sort[i].down ? -result : result;
	}
	return a->number < b->number ? -1 : 1;
}

void sort_print(struct sorter *sorter)
{
	if (sorter->n)
		qsort(sorter->lines, sorter->n, sizeof(sorter->lines[0]), compare);
	for (size_t i = 0; i < sorter->n; i++) {
		printf(" %s\n", sorter->lines[i].text);
		free(sorter->lines[i].text);
		free(sorter->lines[i].keys);
	}
	free(sorter->lines);
	free(sorter);
}
