/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words "[-pmd CORE] [DP]" of commands about workers.  */

#include <stdint.h>

struct command_call;
struct errbuf;

/* Main thread. */

/* Bit i of 'wanted' (WORKERS_MAX bits): worker i is meant. */
int cores_parse(const struct command_call *call, uint64_t *wanted, struct errbuf *err);
