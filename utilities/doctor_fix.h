/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The doctor's hand: sets a host up for the switch. It says what it will do, then does it, step by
 * step; what is as it should be is left alone, so it may be called again.  */

#include <stdbool.h>

struct doctor_host;

struct doctor_fix_options {
	bool only_say; /* --dry-run */
	const char
		*cores; /* --cores: to be kept free of other work from the next boot on; or NULL */
};

/* Main thread. */

/* Reads the words behind "doctor": --fix, --dry-run, --cores=LIST. Returns 0 with '*fix' telling
 * whether anything is to be done, or a status to exit with. */
int doctor_fix_parse(char *const *words, int n, bool *fix, struct doctor_fix_options *options);
/* Returns the exit status: that of the worst step. With a root of its own (tests) no program runs. */
int doctor_fix(const struct doctor_host *host, const struct doctor_fix_options *options);
