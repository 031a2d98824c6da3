/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is said of options that getopt_long() refuses.  */

struct option;

/* Prints it. 'c' is what getopt_long() has just returned: '?', or ':' because its short options begin
 * with that (or with "+:"); so it prints nothing itself. */
void refuse_option(const char *program, const struct option *table, char *const *argv, int c);
