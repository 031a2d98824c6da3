/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Connecting to a socket, within the time there is.  */

struct address;
struct errbuf;

/* Any thread. */

/* A non-blocking socket that is connected, or -errno and in 'err' why; -ETIMEDOUT after 'timeout_ms',
 * which is -1 for as long as it takes. A daemon that stands still accepts nobody, but says nothing
 * either. 'host' is what address_parse_host() found: the name is looked up, and each of its addresses
 * tried; "" if the address is known. */
int connect_to(const struct address *address, const char *host, int timeout_ms, struct errbuf *err);
