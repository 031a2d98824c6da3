/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The ops that set header fields to what the pipeline wants; for commit.c.  */

struct xlate;

/* Any thread that holds an epoch. */

void commit_headers(struct xlate *x);
