/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/shape.h"

#include "datapath/ops/decap.h"
#include "datapath/ops/encap.h"
#include "datapath/ops/encap_plain.h"
#include "datapath/ops/output.h"
#include "datapath/program_priv.h"

/* Whatever ops at the beginning can be done to a packet in one go are, if it is more than one and
 * the others do not ask for what such packets lack. */
static void find_rewrite(struct program *program)
{
	struct rewrite *rewrite = &program->rewrite;
	size_t at = 0;
	unsigned n = 0;

	for (; n < program->n_ops; n++) {
		const struct program_record *record = program_record_at(program->bytes, at);
		struct rewrite more = *rewrite;

		if (!record->type->join || !record->type->join(record + 1, &more))
			break;
		*rewrite = more;
		at += program_record_size(record);
	}
	rewrite->n_ops = n;
	rewrite->ops = program->ops;
	for (program->rewrites = n > 1; n < program->n_ops; n++) {
		const struct program_record *record = program_record_at(program->bytes, at);

		program->rewrites &= !record->type->needs_meta;
		at += program_record_size(record);
	}
}

/* The port, if the op does no more than send whole packets by one; else 0. */
static uint16_t only_port(const struct op_output *output)
{
	return output->n == 1 && !output->max_size ? output->ports[0] : 0;
}

void shape_find(struct program *program, const struct op_type *last)
{
	const struct program_op *ops = program->ops;

	uint16_t port = last == &op_output ? only_port(ops[program->n_ops - 1].args) : 0;

	if (program->n_ops == 1)
		program->output = port;
	program->encaps = program->n_ops == 2 && last == &op_output && ops[0].run == op_encap.run &&
		encap_is_plain(ops[0].args);
	program->sends = program->encaps ? port : 0;
	program->decaps = program->n_ops == 1 && last == &op_decap;
	find_rewrite(program);
}
