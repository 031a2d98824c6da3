/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Programs: what is done to the packets of a flow, compiled to ops.
 *
 * A translator writes ops into a builder; the flow keeper interns the result, so that flows with
 * the same actions share one program. Programs are immutable once interned.
 *
 *	struct program_builder b;
 *	program_begin(&b);
 *	struct op_push_vlan *vlan = program_add(&b, &op_push_vlan);
 *	vlan->tci = …;
 *	program_add_output(&b, port_id);
 *	struct program *program = program_intern(&b);  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/registry.h"
#include "lib/types.h"

struct drop_reason;
struct rewrite;
struct rte_mbuf;
struct strbuf;
struct worker;

enum {
	PROGRAM_SIZE =
		1 << 18, /* enough to flood to all ports there may be, or into 1,200 tunnels */
	PROGRAM_OPS = 4096
};

/* What a worker can do to packets: one file each in datapath/ops/, with the arguments' struct and
 * 'extern const struct op_type op_NAME' in the header of the same name. */
struct op_type {
	const char *name;
	uint16_t size; /* of the arguments */
	/* Nothing of a program after its last op that has an effect needs to run. */
	bool effect; /* sends, drops, hands over: it matters even when no output follows */
	bool measures; /* its effect is no way out for the packet */
	bool needs_meta; /* reads the offsets in the packet's metadata (datapath/fast/meta.h) */
	/* Workers. Does it to every packet of the group, in place. May drop packets (with a reason)
	 * by taking them out: returns how many are left, in order. */
	uint16_t (*run
	)(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n);
	/* The same as the last op of a program, when it may take the packets. NULL: no difference. */
	uint16_t (*run_last
	)(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n);
	/* The flow keeper. A program with this op came to be, or is gone; may be NULL. */
	void (*hold)(const void *args);
	void (*release)(const void *args);
	/* Adds what the op does to a rewrite (datapath/ops/rewrite.h), behind what is in it already.
	 * False: it cannot be expressed like that. NULL: it never can. */
	bool (*join)(const void *args, struct rewrite *rewrite);
	/* Any thread. Appends what dump-flows shows, such as "push_vlan(vid=5,pcp=0)". */
	void (*format)(const void *args, struct strbuf *out);
};

REGISTRY_DECLARE(op_type, const struct op_type);

struct program_builder {
	uint16_t n_ops;
	uint32_t size; /* bytes used */
	uint32_t last; /* where the last op stands */
	bool overflow; /* something did not fit: the program must not be used */
	alignas(8) uint8_t bytes[PROGRAM_SIZE];
};

struct program; /* interned; reference-counted by the keeper */

/* Any thread. */

void program_begin(struct program_builder *builder);
/* Appends an op and returns its zeroed arguments to be filled; a scratch area after overflow. */
void *program_add(struct program_builder *builder, const struct op_type *type);
/* The same for an op whose arguments are longer than its struct. */
void *program_add_sized(struct program_builder *builder, const struct op_type *type, uint16_t size);
/* A copy of the packet as it is now goes to the port. The last output takes the packet itself.
 * Outputs that follow each other are one op, however many they are. */
void program_add_output(struct program_builder *builder, uint16_t port_id);
/* The same, but of no more than 'max_size' bytes. */
void program_add_output_truncated(
	struct program_builder *builder, uint16_t port_id, uint16_t max_size
);
/* The packet ends here, for 'reason', counted under the port it came from. A program without any
 * output must say why. */
void program_add_drop(struct program_builder *builder, const struct drop_reason *reason);
/* Text as shown by dump-flows; "drop(reason)" for drops. */
void program_builder_format(const struct program_builder *builder, struct strbuf *out);
void program_format(const struct program *program, struct strbuf *out);

/* The flow keeper. */

/* Finds or makes the program; one reference is the caller's. NULL after overflow. */
struct program *program_intern(const struct program_builder *builder);
struct program *program_ref(struct program *program);
/* Freed when the last reference is gone and every worker has quiesced. */
void program_unref(struct program *program);
