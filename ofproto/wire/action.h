/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Actions: what a rule does, as lists in memory, on the wire and as text.
 *
 * Each action is a file in actions/: its struct, its bytes in every version, its text. Nobody
 * outside asks an action which one it is; they read members of its type. Instructions are actions
 * too: those with an instruction's number; all others are inside of apply-actions.
 *
 * A list is one run of memory. An action is a struct that begins with struct action, and may be
 * longer than its type's size: what is variable follows. Actions inside an action (clone,
 * write_actions) stand at its end.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/registry.h"
#include "ofproto/wire/error.h"

struct action_type;
struct errbuf;
struct match;
struct names;
struct near;
struct strbuf;
struct tlv_map;
struct wire_in;
struct wire_out;

enum {
	ACTION_WIRES = 8, /* encodings of one action */
	ACTION_MAX_DEPTH = 8, /* of actions in actions */
	ACTION_MAX_SIZE = 256 * 1024, /* of a list in memory */
};

struct action {
	const struct action_type *type;
	uint32_t size; /* all of it, a multiple of 8 */
	uint32_t nested; /* where the actions inside begin, 0: none */
};

struct action_list {
	uint8_t *data;
	size_t n, size;
};

/* One encoding: versions, vendor (0: OpenFlow's own) and number. */
struct action_wire {
	uint8_t first, last;
	bool instruction; /* the number is an instruction's */
	uint16_t number;
	uint32_t vendor;
	/* For plain values: bytes before it, bytes of it. */
	uint8_t pad, bytes;
};

#define ACTION_OF(from, to, n, ...)                                                                \
	{                                                                                          \
		.first = (from), .last = (to), .number = (n), __VA_ARGS__                          \
	}
#define ACTION_NX(n, ...)                                                                          \
	{                                                                                          \
		.first = OF10, .last = OF15, .vendor = OF_VENDOR_NICIRA, .number = (n),            \
		__VA_ARGS__                                                                        \
	}
#define ACTION_ONF(n, ...)                                                                         \
	{                                                                                          \
		.first = OF13, .last = OF14, .vendor = OF_VENDOR_ONF, .number = (n), __VA_ARGS__   \
	}
#define ACTION_INSTRUCTION(from, to, n, ...)                                                       \
	{                                                                                          \
		.first = (from), .last = (to), .instruction = true, .number = (n), __VA_ARGS__     \
	}

/* The order of instructions, and of actions in an action set (0: not allowed in one). */
enum action_slot {
	ACTION_SET_NONE,
	ACTION_SET_POP,
	ACTION_SET_PUSH_MPLS,
	ACTION_SET_PUSH_PBB,
	ACTION_SET_PUSH_VLAN,
	ACTION_SET_COPY_TTL_IN,
	ACTION_SET_COPY_TTL_OUT,
	ACTION_SET_DEC_TTL,
	ACTION_SET_DEC_MPLS_TTL,
	ACTION_SET_FIELDS, /* any number of these, in order */
	ACTION_SET_QUEUE,
	ACTION_SET_CT,
	ACTION_SET_RESUBMIT,
	ACTION_SET_OUTPUT,
	ACTION_SET_GROUP,
};

enum action_step {
	ACTION_STEP_METER = 1,
	ACTION_STEP_APPLY,
	ACTION_STEP_CLEAR,
	ACTION_STEP_WRITE,
	ACTION_STEP_METADATA,
	ACTION_STEP_GOTO,
};

/* What checking an action needs to know; 'match' follows what earlier actions did to the packet. */
struct action_check {
	struct match *match;
	const struct tlv_map *tlv; /* tunnel options that may be used; NULL: it is not known */
	uint8_t version;
	uint8_t table;
	uint32_t max_ports; /* ordinary port numbers are below it */
	bool strict; /* refuse actions that the match does not fit (1.1 and later) */
};

struct action_type {
	const char *name;
	const char *alias; /* another name that text may use, or NULL */
	const char *help; /* how it is written, for people */
	struct action_wire wires[ACTION_WIRES];
	uint32_t size; /* of the struct, at least */
	uint8_t set_slot; /* enum action_slot */
	uint8_t step; /* enum action_step; 0: inside apply-actions */
	bool parens; /* printed NAME(VALUE), not NAME:VALUE */
	uint8_t kind; /* for value actions: how the value is written, enum field_kind */
	uint16_t field; /* the field a value action sets, or 0 */

	/* Wire. 'in' is at the body, which ends where the action does. */
	void (*decode
	)(struct wire_in *in,
	  const struct action_type *type,
	  const struct action_wire *wire,
	  struct action_list *list);
	void (*encode)(struct wire_out *out, const struct action *action);
	/* Text. 'text' is what stood in the parentheses or after the colon; "" if nothing. */
	int (*parse
	)(const struct action_type *type,
	  const char *text,
	  const struct names *names,
	  struct action_list *list,
	  struct errbuf *err);
	void (*format)(const struct action *action, const struct names *names, struct strbuf *out);
	/* May be NULL: nothing to check. */
	enum of_error (*check)(const struct action *action, struct action_check *check);
};

REGISTRY_DECLARE(action_type, const struct action_type);

#define ACTION_FOREACH(var, list)                                                                  \
	for (const struct action *var = action_first(list); var; var = action_next(list, var))

/* Any thread. */

void action_list_init(struct action_list *list);
void action_list_fini(struct action_list *list);
void action_list_clear(struct action_list *list);
void action_list_copy(struct action_list *to, const struct action_list *from);
void action_list_append(struct action_list *to, const struct action_list *from);
bool action_list_equal(const struct action_list *a, const struct action_list *b);
const struct action *action_first(const struct action_list *list);
const struct action *action_next(const struct action_list *list, const struct action *action);
/* The actions inside, as a list that must not be freed or changed. */
struct action_list action_inside(const struct action *action);

/* Appends a zeroed action with 'extra' bytes behind its struct; good until the next is added. */
void *action_add(struct action_list *list, const struct action_type *type, size_t extra);
/* Between an action_add() and this, what was added is inside of that action; 'at' is where it
 * began (list->n before it was added). */
void action_close(struct action_list *list, size_t at);

const struct action_type *action_find(const char *name);
void action_near(struct near *near);

/* Wire. Failures are left in the reader. */
void actions_decode(struct wire_in *in, size_t n, struct action_list *list);
void actions_encode(struct wire_out *out, const struct action_list *list);
void instructions_decode(struct wire_in *in, size_t n, struct action_list *list);
void instructions_encode(struct wire_out *out, const struct action_list *list);
/* Fails if an action that was written is none in the writer's version. */
int action_check_lost(const struct wire_out *out, struct errbuf *err);

/* Text: "set_field:1->reg0,output:2,goto_table:3"; "drop" is no action. */
int actions_parse(
	struct action_list *list, const char *text, const struct names *names, struct errbuf *err
);
void actions_format(const struct action_list *list, const struct names *names, struct strbuf *out);

enum of_error actions_check(const struct action_list *list, struct action_check *check);
