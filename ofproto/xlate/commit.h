/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Commit: what the ops depend on that make the packet what the pipeline wants (xlate_commit()).  */

struct xlate;

/* Any thread that holds an epoch. */

/* A tag is put on. Whether the packet has such a one depends on its tags' types, which rules seldom
 * look at. */
void commit_look_tag_types(struct xlate *x);
