/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Near misses: which known name did the user probably mean?
 *
 *	struct near near;
 *	near_init(&near, typed);
 *	near_add(&near, "n_rxq"); …
 *	return near_refuse(&near, err, -EINVAL, "%s: unknown key", typed);  */

struct errbuf;

struct near {
	const char *typed;
	const char *best;
	unsigned distance;
};

/* Any thread. */

void near_init(struct near *near, const char *typed);
/* 'candidate' must outlive 'near'. */
void near_add(struct near *near, const char *candidate);
/* The closest candidate if it is close enough to be meant, else NULL. */
const char *near_best(const struct near *near);
/* As errbuf_set(), and asks at the end of the sentence whether the closest candidate was meant. */
int near_refuse(const struct near *near, struct errbuf *err, int error, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
