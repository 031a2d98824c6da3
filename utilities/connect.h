/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Connecting to a socket, within the time there is.  */

struct address;

/* Any thread. */

/* A non-blocking socket that is connected, or -errno; -ETIMEDOUT after 'timeout_ms', which is -1 for
 * as long as it takes. A daemon that stands still accepts nobody, but says nothing either. */
int connect_to(const struct address *address, int timeout_ms);
