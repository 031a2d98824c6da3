/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the row of a port wants the host behind it to be kept from.  */

struct db_row;
struct guard_config;
struct strbuf;

/* Main thread. */

/* To be freed; NULL: nothing. Sentences about what is wrong go to 'out', which may be NULL. */
struct guard_config *guard_wanted_new(const struct db_row *port, struct strbuf *out);
