/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How a thread shares its core with others.  */

/* Workers, the vhost thread. */

/* Who wants little time at a time gets it soon: a thread that shares its core with others, and wakes for a
 * packet, need not wait until one of them has had its turn. Its share stays what it was. */
void turns_want_short(void);
