/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The daemon's start and stop, stage by stage.  */

#include <stdbool.h>

struct errbuf;
struct options;
struct uv_loop_s;

struct daemon {
	const struct options *options;
	struct uv_loop_s *loop;
	struct db *db;
	struct db_server *db_server;
	struct control *control;
	struct pidfile *pidfile;
	bool cleanup; /* nothing shall outlive this daemon */
	bool device_is_stuck; /* a thread is busy with a device that does not come to its end */
};

/* Main thread. */

/* What needs privileges that the daemon is about to give up. */
void stages_prepare(const struct options *options);
/* Runs the stages in order. On failure those that ran are undone and 'err' says what happened. */
int stages_start(struct daemon *daemon, struct errbuf *err);
/* Undoes all stages, last one first. */
void stages_stop(struct daemon *daemon);
