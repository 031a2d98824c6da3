/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Handles: the @names by which the verbs of one invocation refer to rows that others make.
 *
 * A name may be used before the verb that makes its row, so each gets its UUID when it is first
 * seen.  */

#include <stdbool.h>

#include "lib/hmap.h"
#include "lib/ovsdb/value/uuid.h"

struct errbuf;

struct handle {
	struct hmap_node node;
	struct uuid uuid;
	bool made; /* some row has it */
	bool kept; /* a reference keeps the row, or it needs none */
	bool weak; /* only weak references were seen */
	char name[]; /* with its '@' */
};

struct handles {
	struct hmap map;
};

/* Main thread. */

void handles_init(struct handles *handles);
void handles_fini(struct handles *handles);
/* Finds or makes the handle called 'name'. */
struct handle *handles_get(struct handles *handles, const char *name);
struct handle *handles_find(const struct handles *handles, const char *name);
/* Takes what --id=NAME says for a row about to be made or found. */
struct handle *handles_define(struct handles *handles, const char *name, struct errbuf *err);
/* Fails when a name was used that no verb made; otherwise calls 'warn' for rows nobody keeps. */
int handles_check(
	const struct handles *handles,
	void (*warn)(void *context, const struct handle *handle),
	void *context,
	struct errbuf *err
);
