/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Devargs: the text in options:dpdk-devargs, which names a device of DPDK's.
 *
 * A card may be several devices: its uplinks, and a representor for each function of it that was
 * given to a guest. A port is one of them, so the text must name one.  */

#include <stdbool.h>

struct errbuf;

struct devargs {
	const char *text; /* the caller's */
	bool by_class; /* found by what it is, not by where: it must be there already */
	bool is_representor;
};

/* Any thread. */

/* Refuses what names nothing, or more than one device. */
int devargs_parse(const char *text, struct devargs *devargs, struct errbuf *err);
