/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Words: how a command line is understood.
 *
 * Global options come first, then verbs with their own options, separated by "--". Options of the
 * first verb may stand among the global ones, because people write "--may-exist add-br br0".  */

struct errbuf;
struct request;

/* Main thread. */

/* Fills the request's style, flags and calls; the words must outlive it. */
int words_parse(struct request *request, const char *const *words, int n_words, struct errbuf *err);
/* Calls 'add' with each global option. */
void words_list_options(void (*add)(void *context, const char *word), void *context);
