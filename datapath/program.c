/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/program.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/drop.h"
#include "datapath/fast/queue.h"
#include "datapath/fast/shape.h"
#include "datapath/ops/drop.h"
#include "datapath/ops/output.h"
#include "datapath/port.h"
#include "datapath/program_priv.h"
#include "lib/epoch.h"
#include "lib/hash.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"

DROP_REASON(no_action, "the flow's program does nothing with the packet");

static struct hmap programs;
static struct program *last_found; /* the keeper's: many in a row ask for the same */

/* A program as it is looked for: bytes of a builder, less what has no effect. */
struct wanted {
	const uint8_t *bytes;
	uint32_t size;
	uint16_t n_ops;
};

static size_t round_up(size_t size)
{
	return (size + 7u) & ~(size_t)7u;
}

void programs_init(void)
{
	if (!programs.buckets)
		hmap_init(&programs);
	queue_init();
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
	builder->last = 0;
	builder->overflow = false;
}

/* Makes room for that many bytes. After an overflow the program is lost, but the caller may go on
 * writing somewhere. Returns false then. */
static bool make_room(struct program_builder *builder, size_t size)
{
	if (builder->n_ops < PROGRAM_OPS && builder->size + size <= PROGRAM_SIZE)
		return true;
	builder->overflow = true;
	builder->n_ops = 0;
	builder->size = 0;
	return false;
}

void *program_add(struct program_builder *builder, const struct op_type *type)
{
	return program_add_sized(builder, type, type->size);
}

void *
program_add_sized(struct program_builder *builder, const struct op_type *type, uint16_t args_size)
{
	size_t size = sizeof(struct program_record) + round_up(args_size);

	assert(size <= PROGRAM_SIZE);
	make_room(builder, size);
	struct program_record *record = (struct program_record *)&builder->bytes[builder->size];

	memset(record, 0, size);
	record->type = type;
	record->size = round_up(args_size);
	builder->last = builder->size;
	builder->size += size;
	builder->n_ops++;
	return record + 1;
}

void program_add_output(struct program_builder *builder, uint16_t port_id)
{
	program_add_output_truncated(builder, port_id, 0);
}

/* The output that was the last op, if another port can join it. */
static struct op_output *
find_output(struct program_builder *builder, uint16_t max_size, size_t *growth)
{
	struct program_record *record = (struct program_record *)&builder->bytes[builder->last];
	struct op_output *output = (struct op_output *)(record + 1);

	if (!builder->n_ops || record->type != &op_output || output->max_size != max_size ||
	    output->n == PORT_IDS)
		return NULL;
	*growth = round_up(op_output_size(output->n + 1)) - record->size;
	return make_room(builder, *growth) ? output : NULL;
}

void program_add_output_truncated(
	struct program_builder *builder, uint16_t port_id, uint16_t max_size
)
{
	size_t growth = 0;
	struct op_output *output = find_output(builder, max_size, &growth);

	assert(port_id && port_id < PORT_IDS);
	if (output) {
		struct program_record *record =
			(struct program_record *)&builder->bytes[builder->last];

		memset(&builder->bytes[builder->size], 0, growth);
		record->size += growth;
		builder->size += growth;
	} else {
		output = program_add(builder, &op_output);
		output->max_size = max_size;
	}
	output->ports[output->n++] = port_id;
}

void program_add_drop(struct program_builder *builder, const struct drop_reason *reason)
{
	struct op_drop *drop = program_add(builder, &op_drop);

	drop->reason = reason;
}

/* What follows the last effect is cut off; the last op is then an output that may take the packet
 * itself, or something else that has the last word. No op may be left. */
static struct wanted trim(const struct program_builder *builder)
{
	struct wanted wanted = {.bytes = builder->bytes};
	const struct program_record *record;
	bool sent = false;

	for (size_t i = 0, at = 0; i < builder->n_ops; i++, at += program_record_size(record)) {
		record = program_record_at(builder->bytes, at);
		/* A drop after an output says nothing: the packet did not die. */
		if (!record->type->effect || (record->type == &op_drop && sent))
			continue;
		sent |= record->type != &op_drop && !record->type->measures;
		wanted.n_ops = (uint16_t)(i + 1);
		wanted.size = (uint32_t)(at + program_record_size(record));
		if (record->type == &op_drop)
			break;
	}
	return wanted;
}

/* A program without effect becomes a drop. */
static struct wanted drop_of_nothing(void)
{
	static struct {
		struct program_record record;
		struct op_drop drop;
	} bytes;

	bytes.record = (struct program_record){.type = &op_drop, .size = sizeof(bytes.drop)};
	bytes.drop.reason = &drop_no_action;
	return (struct wanted){.bytes = (uint8_t *)&bytes, .size = sizeof(bytes), .n_ops = 1};
}

static struct program *program_new(const struct wanted *b)
{
	struct program *program = XNEW(struct program);
	struct program_op *ops = XNEW_N(struct program_op, b->n_ops);
	const struct program_record *record = NULL;
	size_t at = 0;

	program->refs = 1;
	program->n_ops = b->n_ops;
	program->size = b->size;
	program->bytes = xmalloc(b->size);
	memcpy(program->bytes, b->bytes, b->size);
	for (unsigned i = 0; i < b->n_ops; i++) {
		record = program_record_at(program->bytes, at);
		ops[i].run = record->type->run;
		ops[i].args = record + 1;
		if (record->type->hold)
			record->type->hold(record + 1);
		program->needs_meta |= record->type->needs_meta;
		at += program_record_size(record);
	}
	program->ops = ops;
	assert(record);
	if (record->type->run_last)
		ops[b->n_ops - 1].run = record->type->run_last;
	shape_find(program, record->type);
	return program;
}

static bool is_wanted(const struct program *program, const struct wanted *wanted)
{
	return program->size == wanted->size &&
		!memcmp(program->bytes, wanted->bytes, wanted->size);
}

struct program *program_intern(const struct program_builder *builder)
{
	struct program *program;
	struct wanted wanted;

	if (builder->overflow)
		return NULL;
	wanted = trim(builder);
	if (!wanted.n_ops)
		wanted = drop_of_nothing();
	if (last_found && is_wanted(last_found, &wanted))
		return program_ref(last_found);

	uint32_t hash = hash_bytes(wanted.bytes, wanted.size, wanted.n_ops);

	HMAP_FOREACH_WITH_HASH(program, node, hash, &programs)
		if (is_wanted(program, &wanted))
			return last_found = program_ref(program);
	program = program_new(&wanted);
	hmap_add(&programs, &program->node, hash);
	return last_found = program;
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
	free(program->bytes);
	free(program);
}

static void release(const struct program *program)
{
	size_t at = 0;

	for (unsigned i = 0; i < program->n_ops; i++) {
		const struct program_record *record = program_record_at(program->bytes, at);

		if (record->type->release)
			record->type->release(record + 1);
		at += program_record_size(record);
	}
}

static __attribute__((noinline)) void end(struct program *program)
{
	if (last_found == program)
		last_found = NULL;
	release(program);
	hmap_del(&programs, &program->node);
	epoch_free(program, free_program);
}

void program_unref(struct program *program)
{
	if (program && !--program->refs)
		end(program);
}

static void format(const uint8_t *bytes, unsigned n_ops, struct strbuf *out)
{
	const struct program_record *record;
	size_t at = 0;

	for (unsigned i = 0; i < n_ops; i++, at += program_record_size(record)) {
		record = program_record_at(bytes, at);
		if (i)
			strbuf_add_char(out, ',');
		record->type->format(record + 1, out);
	}
}

void program_builder_format(const struct program_builder *builder, struct strbuf *out)
{
	format(builder->bytes, builder->n_ops, out);
}

void program_format(const struct program *program, struct strbuf *out)
{
	format(program->bytes, program->n_ops, out);
}
