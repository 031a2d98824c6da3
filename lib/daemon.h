/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Being a daemon: going to the background and owning a pidfile.
 *
 * The process that was started stays until its child is ready (or has failed), so that whoever
 * started it may rely on the sockets. A pidfile is held by a lock, not by its existence: a file
 * that a killed daemon left behind is no obstacle, and clients can tell.  */

#include <stdbool.h>
#include <sys/types.h>

struct errbuf;
struct pidfile;

/* Main thread, before any other thread exists. */

/* Returns in the child. The parent exits when the child calls daemon_ready() (status 0) or
 * daemon_failed(), or dies (status 1, with the sentence on stderr). */
int daemon_detach(struct errbuf *err);

/* Allows as many open files as the system permits: clients and guests need some each. */
void daemon_raise_limits(void);

/* Main thread. */

/* Tells the service manager; lets the parent go and leaves the terminal, if detached. */
void daemon_ready(void);
/* Hands the sentence to the parent to print; prints it here if not detached. */
void daemon_failed(const char *sentence);

/* Whether returning from main() would wait for a thread that asks a name server. */
bool daemon_is_asking(void);

/* Makes and locks the file and writes the process id. -EEXIST when a living process has it. */
struct pidfile *pidfile_open(const char *path, struct errbuf *err);
/* Makes 'path' another name of the pidfile. -EEXIST when a living process has that name. */
int pidfile_add_name(struct pidfile *pidfile, const char *path, struct errbuf *err);
/* Removes the file and its other name. NULL is fine. */
void pidfile_close(struct pidfile *pidfile);

/* Any process but the holder (closing the file would give up the lock). The id of the living process that holds 'path', or a negative errno: -ENOENT, -ESRCH
 * when nobody holds it (with a sentence in 'err' either way). */
pid_t pidfile_read(const char *path, struct errbuf *err);
