/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What cppcheck has to know of headers that it does not read: macros that are statements.  */

#define static_assert(condition, text)
#define _Static_assert(condition, text)
#define cds_list_for_each_entry(p, h, m) for (p = lint_first(h); lint_more(p); p = lint_next(p))
#define cds_list_for_each_entry_safe(p, q, h, m)                                                   \
	for (p = lint_first(h), q = lint_next(p); lint_more(p); p = q, q = lint_next(p))
#define cds_lfht_for_each_entry(h, i, p, m)                                                        \
	for (p = lint_first(h, i); lint_more(p); p = lint_next(p, i))
