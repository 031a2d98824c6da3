/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The control socket: management commands (lib/command.h) over JSON-RPC.
 *
 * "method" is the command's name and "params" its arguments, all strings; the "result" is the text
 * of the answer, or after set-options ["--format", "json"] on the same connection the answer as
 * JSON. A failure is an "error" string. This is what ovs-appctl speaks.  */

#include <stdbool.h>

struct control;
struct errbuf;
struct uv_loop_s;

/* Main thread. */

/* Serves commands on the unix socket 'path'; sockets "NAME.PID.ctl" beside it that a killed daemon of
 * that name left behind are removed. The command "exit" stops the loop, once the answers of
 * that turn have been sent. */
struct control *control_open(struct uv_loop_s *loop, const char *path, struct errbuf *err);
/* Makes 'path', in the same directory, another name of the socket. */
int control_add_name(struct control *control, const char *path, struct errbuf *err);
/* Has "exit --cleanup" been asked for, which takes everything down that "exit" leaves? */
bool control_wants_cleanup(const struct control *control);
/* Unanswered calls are cancelled. NULL is fine. */
void control_close(struct control *control);
