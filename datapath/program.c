/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/program.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/drop.h"
#include "datapath/ops/drop.h"
#include "datapath/ops/output.h"
#include "datapath/port.h"
#include "datapath/program_priv.h"
#include "lib/epoch.h"
#include "lib/hash.h"
#include "lib/strbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

DROP_REASON(no_action, "the flow's program does nothing with the packet");

static struct hmap programs;

static size_t record_size(const struct op_type *type)
{
	return sizeof(struct program_record) + ((type->size + 7u) & ~7u);
}

void programs_init(void)
{
	if (!programs.buckets)
		hmap_init(&programs);
}

void programs_fini(void)
{
	/* Flows held the references; what is left belongs to answers that nobody took. */
}

unsigned programs_count(void)
{
	return hmap_count(&programs);
}

void program_begin(struct program_builder *builder)
{
	builder->n_ops = 0;
	builder->size = 0;
	builder->overflow = false;
}

void *program_add(struct program_builder *builder, const struct op_type *type)
{
	size_t size = record_size(type);

	assert(size <= PROGRAM_SIZE);
	if (builder->n_ops == PROGRAM_OPS || builder->size + size > PROGRAM_SIZE) {
		/* The program is lost, but the caller may go on writing somewhere. */
		builder->overflow = true;
		builder->n_ops = 0;
		builder->size = 0;
	}
	struct program_record *record = (struct program_record *)&builder->bytes[builder->size];

	memset(record, 0, size);
	record->type = type;
	builder->size += size;
	builder->n_ops++;
	return record + 1;
}

void program_add_output(struct program_builder *builder, uint16_t port_id)
{
	program_add_output_truncated(builder, port_id, 0);
}

void program_add_output_truncated(
	struct program_builder *builder, uint16_t port_id, uint16_t max_size
)
{
	struct op_output *output = program_add(builder, &op_output);

	assert(port_id && port_id < PORT_IDS);
	output->port_id = port_id;
	output->max_size = max_size;
}

void program_add_drop(struct program_builder *builder, const struct drop_reason *reason)
{
	struct op_drop *drop = program_add(builder, &op_drop);

	drop->reason = reason;
}

/* What follows the last effect is cut off; the last op is then an output that may take the packet
 * itself, or something else that has the last word. Returns the number of ops left. */
static unsigned trim(struct program_builder *builder)
{
	const struct program_record *record;
	unsigned n = 0;
	size_t size = 0;
	bool sent = false;

	for (size_t i = 0, at = 0; i < builder->n_ops; i++, at += record_size(record->type)) {
		record = (const struct program_record *)&builder->bytes[at];
		/* A drop after an output says nothing: the packet did not die. */
		if (!record->type->effect || (record->type == &op_drop && sent))
			continue;
		sent |= record->type != &op_drop;
		n = i + 1;
		size = at + record_size(record->type);
		if (record->type == &op_drop)
			break;
	}
	builder->n_ops = n;
	builder->size = size;
	if (!n) {
		program_add_drop(builder, &drop_no_action);
		n = 1;
	}
	return n;
}

static struct program *program_new(const struct program_builder *b)
{
	struct program *program = XNEW(struct program);
	struct program_op *ops = XNEW_N(struct program_op, b->n_ops);
	const struct op_type **types = XNEW_N(const struct op_type *, b->n_ops);
	size_t at = 0;

	program->refs = 1;
	program->n_ops = b->n_ops;
	program->size = b->size;
	program->bytes = xmalloc(b->size);
	memcpy(program->bytes, b->bytes, b->size);
	for (unsigned i = 0; i < b->n_ops; i++) {
		const struct program_record *record = (const void *)&program->bytes[at];

		types[i] = record->type;
		ops[i].run = record->type->run;
		ops[i].args = record + 1;
		program->needs_meta |= record->type->needs_meta;
		at += record_size(record->type);
	}
	program->ops = ops;
	program->types = types;
	if (types[b->n_ops - 1] == &op_output) {
		const struct op_output *last = ops[b->n_ops - 1].args;

		ops[b->n_ops - 1].run = output_run_last;
		if (b->n_ops == 1 && !last->max_size)
			program->output = last->port_id;
	}
	return program;
}

struct program *program_intern(const struct program_builder *builder)
{
	struct program_builder *b;
	struct program *program;

	if (builder->overflow)
		return NULL;
	b = xmalloc(sizeof(*b));
	b->n_ops = builder->n_ops;
	b->size = builder->size;
	b->overflow = false;
	memcpy(b->bytes, builder->bytes, builder->size);
	trim(b);

	uint32_t hash = hash_bytes(b->bytes, b->size, b->n_ops);

	HMAP_FOREACH_WITH_HASH(program, node, hash, &programs) {
		if (program->size == b->size && !memcmp(program->bytes, b->bytes, b->size)) {
			free(b);
			return program_ref(program);
		}
	}
	program = program_new(b);
	hmap_add(&programs, &program->node, hash);
	free(b);
	return program;
}

struct program *program_ref(struct program *program)
{
	program->refs++;
	return program;
}

static void free_program(void *obj)
{
	struct program *program = obj;

	free((void *)program->ops);
	free((void *)program->types);
	free(program->bytes);
	free(program);
}

void program_unref(struct program *program)
{
	if (!program || --program->refs)
		return;
	hmap_del(&programs, &program->node);
	epoch_free(program, free_program);
}

void program_builder_format(const struct program_builder *builder, struct strbuf *out)
{
	size_t at = 0;

	for (unsigned i = 0; i < builder->n_ops; i++) {
		const struct program_record *record = (const void *)&builder->bytes[at];

		if (i)
			strbuf_add_char(out, ',');
		record->type->format(record + 1, out);
		at += record_size(record->type);
	}
}

void program_format(const struct program *program, struct strbuf *out)
{
	for (unsigned i = 0; i < program->n_ops; i++) {
		if (i)
			strbuf_add_char(out, ',');
		program->types[i]->format(program->ops[i].args, out);
	}
}
