/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The doctor: what on this host stands in the switch's way, and what to do about it. It needs no
 * daemon.  */

#include <jansson.h>

enum doctor_grade {
	DOCTOR_GOOD,
	DOCTOR_HINT, /* works, but could be better */
	DOCTOR_BAD /* something will not work */
};

/* One finding. */
struct doctor_finding {
	const char *subject;
	enum doctor_grade grade;
	char text[256];
	char remedy[256]; /* "" if there is none to take */
};

/* Where to look: tests bring a tree of their own. */
struct doctor_host {
	const char *root; /* in front of /proc, /sys, /dev; "" for the real ones */
	const char *rundir;
};

typedef void doctor_report_fn(void *context, const struct doctor_finding *finding);

/* Examines everything and reports each finding. Returns the worst grade. */
enum doctor_grade
doctor_examine(const struct doctor_host *host, doctor_report_fn *report, void *context);

/* "vsctl doctor": prints the findings as text or JSON. Returns the exit status. */
int doctor_main(const char *rundir, int json);
