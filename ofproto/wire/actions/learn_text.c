/* SPDX-License-Identifier: Apache-2.0 */
/* learn as text.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/flow/tlv.h"
#include "lib/flow/value.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/learn_priv.h"

enum {
	SPECS_MAX = 256,
	DEFAULT_PRIORITY = 32768,
};

struct learn_text {
	struct action_learn head;
	struct learn_spec *specs;
	const struct names *names;
	struct errbuf *err;
};

/* "load:SRC->DST", where SRC is a number or a field. */
static int parse_load(struct learn_text *t, struct learn_spec *spec, char *text)
{
	char *arrow = strstr(text, "->");
	int error;

	if (!arrow)
		return errbuf_set(t->err, -EINVAL, "load: '->FIELD' is missing");
	*arrow = '\0';
	spec->kind = LEARN_LOAD;
	error = subfield_parse(&spec->dst, arrow + 2, t->err);
	if (error)
		return error;
	spec->bits = spec->dst.bits;
	if (*text >= '0' && *text <= '9') {
		if (!value_parse_number(text, spec->value, LEARN_IMMEDIATE_MAX))
			return errbuf_set(t->err, -EINVAL, "load: '%s' is not a number", text);
		return 0;
	}
	error = subfield_parse(&spec->src, text, t->err);
	if (!error && spec->src.bits != spec->bits)
		error = errbuf_set(t->err, -EINVAL, "load: the two fields have different widths");
	return error;
}

/* "DST", "DST=SRC" or "DST=VALUE". */
static int parse_match(struct learn_text *t, struct learn_spec *spec, const char *key, char *value)
{
	struct tlv_map map = {0};
	const struct value_context context = {.map = &map, .names = t->names};
	uint8_t bytes[FIELD_MAX_SIZE], mask[FIELD_MAX_SIZE];
	unsigned size;
	int error = subfield_parse(&spec->dst, key, t->err);

	if (error)
		return error;
	spec->kind = LEARN_MATCH;
	spec->bits = spec->dst.bits;
	if (!value) {
		spec->src = spec->dst;
		return 0;
	}
	if (!subfield_parse(&spec->src, value, NULL)) {
		if (spec->src.bits != spec->bits)
			return errbuf_set(
				t->err, -EINVAL, "%s: the two fields have different widths", key
			);
		return 0;
	}
	spec->src = (struct subfield){0};
	error = value_parse(spec->dst.field, &context, value, bytes, mask, t->err);
	if (error) {
		errbuf_prefix(t->err, "%s: ", key);
		return error;
	}
	size = field_size(spec->dst.field, &map);
	memcpy(spec->value + LEARN_IMMEDIATE_MAX - size, bytes, size);
	return 0;
}

static int parse_spec(struct learn_text *t, char *key, char *value)
{
	struct learn_spec *spec = &t->specs[t->head.n_specs];
	int error;

	if (t->head.n_specs == SPECS_MAX)
		return errbuf_set(t->err, -EINVAL, "learn: more than %d parts", SPECS_MAX);
	t->head.n_specs++;
	if (!strcmp(key, "load") && value)
		return parse_load(t, spec, value);
	if (strcmp(key, "output") != 0 || !value)
		return parse_match(t, spec, key, value);
	error = subfield_parse(&spec->src, value, t->err);
	spec->kind = LEARN_OUTPUT;
	spec->bits = spec->src.bits;
	return error;
}

static int parse_number(struct learn_text *t, const char *key, const char *value, bool *found)
{
	const struct {
		const char *key;
		uint16_t *number;
	} numbers[] = {
		{"idle_timeout", &t->head.idle_timeout},
		{"hard_timeout", &t->head.hard_timeout},
		{"fin_idle_timeout", &t->head.fin_idle_timeout},
		{"fin_hard_timeout", &t->head.fin_hard_timeout},
		{"priority", &t->head.priority},
	};
	uint64_t number = 0;
	int error;

	*found = true;
	for (unsigned i = 0; i < ARRAY_LENGTH(numbers); i++)
		if (!strcmp(key, numbers[i].key)) {
			error = action_number(key, value, 65535, &number, t->err);
			*numbers[i].number = (uint16_t)number;
			return error;
		}
	if (!strcmp(key, "cookie"))
		return action_number(key, value, UINT64_MAX, &t->head.cookie, t->err);
	if (!strcmp(key, "limit")) {
		error = action_number(key, value, UINT32_MAX, &number, t->err);
		t->head.limit = (uint32_t)number;
		return error;
	}
	*found = false;
	return 0;
}

static int parse_key(struct learn_text *t, char *key, char *value)
{
	bool found;
	int error = parse_number(t, key, value, &found);

	if (found)
		return error;
	if (!strcmp(key, "table")) {
		if (!value || !names_parse_table(t->names, value, &t->head.table))
			return errbuf_set(t->err, -EINVAL, "table: no such table");
	} else if (!strcmp(key, "send_flow_rem")) {
		t->head.flags |= LEARN_SEND_FLOW_REM;
	} else if (!strcmp(key, "delete_learned")) {
		t->head.flags |= LEARN_DELETE_LEARNED;
	} else if (!strcmp(key, "result_dst") && value) {
		t->head.flags |= LEARN_WRITE_RESULT;
		error = subfield_parse(&t->head.result, value, t->err);
		if (!error && t->head.result.bits != 1)
			error = errbuf_set(t->err, -EINVAL, "result_dst: must be one bit");
		return error;
	} else {
		return parse_spec(t, key, value);
	}
	return 0;
}

int learn_parse(
	const struct action_type *type,
	const char *text,
	const struct names *names,
	struct action_list *list,
	struct errbuf *err
)
{
	char *copy = xstrdup(text), *rest = copy, *key, *value;
	struct learn_text t = {
		.head = {.table = 1, .priority = DEFAULT_PRIORITY},
		.specs = XNEW_N(struct learn_spec, SPECS_MAX),
		.names = names,
		.err = err,
	};
	struct action_learn *learn;
	int error = 0;

	while (!error && action_next_argument(&rest, &key, &value))
		error = parse_key(&t, key, value);
	if (!error) {
		learn = action_add(list, type, t.head.n_specs * sizeof(t.specs[0]));
		t.head.action = learn->action;
		memcpy(learn, &t.head, sizeof(t.head));
		memcpy(learn->specs, t.specs, t.head.n_specs * sizeof(t.specs[0]));
	}
	free(t.specs);
	free(copy);
	return error;
}
