/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The rules of the packet path, made by the compiler: no locks, no system calls, no allocation, no
 * logging, no errno. Every file of the packet path includes this last.  */

#pragma GCC poison malloc calloc realloc free strdup
#pragma GCC poison xmalloc xcalloc xrealloc xalloc_aligned xstrdup
#pragma GCC poison printf fprintf snprintf log_write
#pragma GCC poison read write poll epoll_wait usleep nanosleep sched_yield
#undef errno
#undef rte_errno
#pragma GCC poison errno rte_errno rte_malloc rte_zmalloc rte_free
