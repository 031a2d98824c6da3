/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the kernel's errors about tap devices mean, and what to do about them.  */

struct errbuf;
struct port;

/* Any thread. */

/* Whether a network device can have that name; 0 or -EINVAL. */
int tap_check_name(const char *name, struct errbuf *err);
/* Return 'error'. */
int tap_explain_open(const char *name, int error, struct errbuf *err);
/* 'what' could not be set. */
int tap_explain_set(const struct port *port, const char *what, int error, struct errbuf *err);
