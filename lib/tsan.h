/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What ThreadSanitizer cannot see: the libraries that order our threads' work are not built for it.
 * Where one of them makes sure that what was written before here has been seen by those who come from
 * there, these two say so. Nothing without that sanitizer.  */

#ifdef __SANITIZE_THREAD__

void __tsan_acquire(void *at);
void __tsan_release(void *at);

#define TSAN_RELEASE(at) __tsan_release((void *)(at))
#define TSAN_ACQUIRE(at) __tsan_acquire((void *)(at))

#else

#define TSAN_RELEASE(at) ((void)(at))
#define TSAN_ACQUIRE(at) ((void)(at))

#endif
