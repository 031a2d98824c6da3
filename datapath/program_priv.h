/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Programs as workers see them.  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/ops/rewrite.h"
#include "datapath/program.h"
#include "lib/hmap.h"

struct program_op {
	uint16_t (*run
	)(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n);
	const void *args;
};

struct program {
	/* Read by workers, written once. */
	uint32_t output; /* the only op is an output to this port; else 0 */
	uint16_t n_ops;
	bool needs_meta; /* some op reads the offsets */
	bool encaps; /* two ops: put packets into a tunnel in the common way, and send them */
	bool decaps; /* the only op takes packets out of a tunnel */
	uint16_t sends; /* then: by this port, if nothing else is to be done; or 0 */
	bool rewrites; /* the first ops may be done as 'rewrite', and the rest needs no metadata */
	const struct program_op *ops;
	struct rewrite rewrite;
	/* The keeper's. */
	struct hmap_node node;
	uint32_t refs;
	uint32_t size;
	uint8_t *bytes; /* as the builder wrote them */
};

/* How an op stands in the bytes of a builder; its arguments follow. */
struct program_record {
	const struct op_type *type;
	uint64_t size; /* of the arguments, a multiple of 8 */
};

/* Any thread. */

static inline const struct program_record *program_record_at(const uint8_t *bytes, size_t at)
{
	return (const struct program_record *)&bytes[at];
}

static inline size_t program_record_size(const struct program_record *record)
{
	return sizeof(*record) + record->size;
}

/* Main thread. */

void programs_init(void);
void programs_fini(void);
unsigned programs_count(void);
