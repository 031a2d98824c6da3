/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Flow monitors: controllers that want to know what becomes of rules, whoever changes them.
 *
 * A change that the controller made itself is told in short, by the number of its message, unless it
 * asks otherwise. When a controller does not keep up with reading, it is told so, and nothing more
 * but that rules have ended that it knows of; once it has read, it gets the rules that have changed
 * meanwhile, as they are then.  */

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/wire/error.h"

struct bridge;
struct conn;
struct message_head;
struct of_flow_monitor;
struct rule;

enum monitor_event {
	MONITOR_ADDED,
	MONITOR_REMOVED,
	MONITOR_MODIFIED,
};

/* Main thread. */

/* Does what the request says, an OpenFlow 1.4 command. */
enum of_error monitor_request(struct conn *conn, const struct of_flow_monitor *request);
enum of_error monitor_cancel(struct conn *conn, uint32_t id);
/* Answers a request: with the rules that are there, for those monitors in it that ask. 'first' is
 * the number of the connection's monitors before the request. */
void monitors_answer(struct conn *conn, const struct message_head *head, unsigned first);
unsigned monitors_count(const struct conn *conn);
/* Whether anybody wants to know. */
bool monitors_are_there(const struct bridge *bridge);

/* Something happened to a rule; after the last of several, monitors_end(). 'reason' is an enum
 * rule_end. */
void monitors_note(
	struct bridge *bridge, const struct rule *rule, enum monitor_event event, unsigned reason
);
void monitors_end(struct bridge *bridge);

/* The peer has read all it was sent: it is told of what has changed while it was paused. */
void monitors_resume(struct conn *conn);
/* The connection ends. */
void monitors_free(struct conn *conn);
