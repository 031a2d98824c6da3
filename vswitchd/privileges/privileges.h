/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Privileges: what the daemon gives up before it does anything for anybody.
 *
 * As root it keeps the capabilities that ports of all types need; with --user it becomes that user
 * and keeps only those to make and use network devices. Either way it can never get any back, and
 * system calls that a switch has no use for are refused by the kernel (a seccomp filter): whoever
 * takes over the process cannot start programs, load modules or mount file systems.  */

#include <stdbool.h>

struct errbuf;

/* Main thread, before there is any other: what threads may do is inherited. */

/* 'user' is NAME or NAME:GROUP, or NULL to stay who we are. The directories are made if they are
 * missing, and then belong to 'user'; NULL ends the list. */
int privileges_drop(const char *user, const char *const *directories, struct errbuf *err);

/* The parts, in the order in which they are done. */

int user_become(const char *user, const char *const *directories, struct errbuf *err);
int capabilities_limit(bool is_root, struct errbuf *err);
int syscalls_limit(struct errbuf *err);
