/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A group's buckets in OpenFlow's bytes.  */

struct group;
struct wire_out;

/* Main thread. */

/* Appends all buckets in the version of 'out'. */
void group_encode_buckets(const struct group *group, struct wire_out *out);
