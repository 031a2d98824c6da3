/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Completion: what may stand where the cursor is, a candidate a line.  */

/* 'words' are those of the command line up to the cursor, the last one begun or "". */
int complete(char **words, int n);
