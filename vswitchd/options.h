/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The daemon's command line.  */

#include <stdbool.h>

struct errbuf;

enum {
	OPTIONS_REMOTES = 16
};

struct options {
	char *rundir;
	char *db;
	char *pidfile; /* always set; default RUNDIR/vswitchd.pid */
	char *log_file; /* NULL: none */
	const char *user; /* NULL: who started it; NAME or NAME:GROUP */
	const char *remotes[OPTIONS_REMOTES]; /* beside RUNDIR/db.sock */
	unsigned n_remotes;
	bool detach;
	bool enable_dummy;
	bool compat_names;
	bool no_hugepages;
	bool help, version, print_registries; /* answer and exit */
};

/* Main thread, at start. */

/* Log levels (-v) are applied at once. Unknown words are explained with the nearest known one. */
int options_parse(struct options *options, int argc, char **argv, struct errbuf *err);
void options_fini(struct options *options);
void options_usage(const char *program);
