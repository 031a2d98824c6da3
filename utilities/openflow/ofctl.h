/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ofctl: an OpenFlow client for the command line, for any switch. It takes the commands and options
 * of ovs-ofctl.
 *
 * A command is an entry of the family 'ofctl_command', in the file that is about its matter.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/registry.h"

enum {
	EXIT_FINE,
	EXIT_ERROR, /* the command could not be done */
	EXIT_DIFFERENT, /* diff-flows: they differ */
};

/* Whether ports and tables are shown by name. */
enum options_names {
	NAMES_ON_TERMINALS,
	NAMES_ALWAYS,
	NAMES_NEVER,
};

enum {
	SORT_MAX = 8
};

struct options_sort {
	const char *field; /* NULL: the priority */
	bool down;
};

struct options {
	const char *rundir;
	uint32_t versions; /* bits; 0: whatever the command likes best */
	unsigned timeout_ms;
	const char *private_key, *certificate, *ca_cert;
	const char *packet_in_format;
	enum options_names names;
	struct options_sort sort[SORT_MAX];
	unsigned n_sort;
	bool json;
	bool no_stats;
	bool strict;
	bool bundle;
	bool may_create;
	bool readd;
	bool timestamp;
	bool read_only;
	bool progress; /* also when stderr is no terminal */
	unsigned more; /* how often -m was given */
};

struct ofctl_command {
	const char *name;
	const char *arguments; /* "SWITCH [MATCH]" */
	int min_args, max_args; /* max -1: any number */
	const char *help; /* a sentence */
	int (*run)(const struct ofctl_command *command, char **args, int n);
	const void *detail; /* for functions that serve several commands */
	uint32_t versions; /* that can do it; 0: all */
	bool changes; /* refused by --read-only */
};

REGISTRY_DECLARE(ofctl_command, const struct ofctl_command);

#define OFCTL_COMMAND(id, ...)                                                                     \
	static const struct ofctl_command ofctl_command_##id = {__VA_ARGS__};                      \
	REGISTRY_ADD(ofctl_command, ofctl_command_##id)

#define OFCTL_SINCE(version) (~((1U << (version)) - 1))

extern struct options options;

const struct ofctl_command *ofctl_command_find(const char *name);
/* Prints all commands by name, as completion has them. */
void ofctl_commands_complete(const char *begin);
int usage_of(const struct ofctl_command *command);
