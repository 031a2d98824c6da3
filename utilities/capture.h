/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* "vsctl capture": listens at a socket of its own, has the daemon write packets to it, and passes
 * them on to a file or to standard output until somebody has seen enough.  */

/* 'words' are those behind the verb. Returns the exit status. */
int capture_main(const char *rundir, char *const *words, int n);
