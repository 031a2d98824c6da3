/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The manual page of the database, written from the schema and its descriptions.  */

struct schema;
struct strbuf;

/* Main thread. */

/* Appends the page as man(1) wants it. */
void manual_print(struct strbuf *out, const struct schema *schema);
