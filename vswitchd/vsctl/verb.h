/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Verbs: the commands of vsctl, each a descriptor in vswitchd/vsctl/verbs/.
 *
 * A verb reads rows and writes them through its request; what it has to say goes to call->out or
 * into call->grid. All calls of an invocation share one transaction: a verb that fails undoes
 * everything before it.  */

#include <stdbool.h>
#include <stddef.h>

#include "lib/errbuf.h"
#include "lib/registry.h"
#include "lib/strbuf.h"

struct call;
struct grid;
struct request;
struct verb;

enum {
	VERB_ANY = 1 << 30, /* max_args: as many as one likes */
	VERB_OPTIONS = 6, /* options a call may have */
};

/* 0, or a negative errno with 'err' filled; -EAGAIN: not yet, try again when the database has
 * changed; -ECANCELED: end at once with request->exit_status and without output. */
typedef int verb_run_fn(struct call *call, struct errbuf *err);

struct verb {
	const char *name;
	const char *group; /* heading in the help */
	const char *usage; /* its arguments */
	const char *options; /* "--may-exist --columns=": those with '=' take a value */
	/* What each argument is, for completion: "bridge port column…"; see help.c. "text" is anything,
	 * even what looks like an option. */
	const char *takes;
	int min_args, max_args;
	verb_run_fn *run;
	const char *help; /* one line, lower case */
};

REGISTRY_DECLARE(verb, const struct verb);

/* One verb with its words, within a request. */
struct call {
	const struct verb *verb;
	struct request *request;
	const char *const *words; /* all of them, with options and name */
	int n_words;
	const char *const *args;
	int n_args;
	struct {
		const char *name; /* "--may-exist", up to its '=' if it has one */
		size_t length;
		const char *value; /* NULL: none */
	} options[VERB_OPTIONS];
	int n_options;
	struct strbuf out;
	struct grid *grid; /* NULL unless the verb prints a table */
};

/* Main thread. */

const struct verb *verb_find(const char *name);
/* Whether 'verb' knows the option, and if so whether it wants a value. */
bool verb_has_option(const struct verb *verb, const char *name, size_t length, bool *wants_value);

/* The option's value, "" if it has none, NULL if it was not given. */
const char *call_option(const struct call *call, const char *name);
