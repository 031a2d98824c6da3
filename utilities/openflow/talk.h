/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Talking with a switch: what all commands have in common.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ofproto/wire/wire.h"

struct errbuf;
struct message_head;
struct message_type;
struct names;
struct ofconn;
struct ofctl_command;
struct strbuf;
union message_body;

/* Says why on stderr. Returns EXIT_ERROR. */
int fail(const struct errbuf *err);
/* Says why, and shows the text with its wrong word marked. 'where' stands before it ("rules:5") or is
 * NULL. Returns EXIT_ERROR. */
int fail_in_text(const char *where, const char *text, const struct errbuf *err);

/* Connects to the switch that the command names; the version is one that the command can be done
 * with. NULL: it has been said why. */
struct ofconn *talk_open(const struct ofctl_command *command, const char *target);
/* The same in one of 'versions' only. */
struct ofconn *talk_open_versions(const char *target, const char *suffix, uint32_t versions);

/* Sends 'out', whose one request has the given xid, and calls 'each' for each part of the answer.
 * Errors that come instead are printed. */
typedef void
talk_fn(const struct message_head *head, const union message_body *body, void *context);
int talk_ask(struct ofconn *conn, struct wire_out *out, uint32_t xid, talk_fn *each, void *context);
/* Asks and prints what comes. */
int talk_show(struct ofconn *conn, struct wire_out *out, uint32_t xid);
/* Encodes the request, asks, and prints. */
int talk_show_request(struct ofconn *conn, const struct message_type *type, const void *body);

/* Prints a message as the options say. False if it is an error's. */
bool talk_print(const uint8_t *data, size_t n);
/* Closes 'conn' and returns 'status'. */
int talk_end(struct ofconn *conn, int status);

/* The names of the switch's ports and tables; asked for when the first one is needed. For printing,
 * NULL when the user does not want names. */
const struct names *talk_names(struct ofconn *conn);
const struct names *talk_shown_names(struct ofconn *conn);
/* Of no switch. */
const struct names *talk_no_names(void);
void talk_forget_names(void);
