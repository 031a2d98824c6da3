/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Port jobs: opening and closing devices without holding up the main thread.
 *
 * Jobs are done one after the other. Those of quick devices are done at once if nothing else is
 * waiting, and in slices if they are many; slow ones (a network card, a guest's socket) on a thread
 * of libuv's, while the sockets are served.  */

#include <stdbool.h>

#include <jansson.h>

struct errbuf;
struct port;
struct uv_loop_s;

/* 'port' NULL: 'err' says why. Called from port_jobs_open() itself if the device is quick. */
typedef void port_jobs_opened_fn(const char *name, struct port *port, const struct errbuf *err);

/* Main thread. */

/* 'idle' is called from the loop when jobs that had to wait are done. */
void port_jobs_init(struct uv_loop_s *loop, port_jobs_opened_fn *opened, void (*idle)(void));
/* Does what is left to do. With 'keep_devices' a port that nobody waits for any more leaves its
 * device to the next daemon. False: a device does not come to its end, and a thread is still busy
 * with it; the process must end without taking down what the datapath stands on. */
bool port_jobs_fini(bool keep_devices);

/* From now on quick devices, too, wait for the next turn of the loop when there are many. Until then
 * nobody is served whom they could hold up. */
void port_jobs_slice(void);

void port_jobs_open(const char *name, const char *type, const json_t *options);
/* Nobody wants 'name' to be opened any more, or not like that: 'opened' is not called for it. */
void port_jobs_forget(const char *name);
/* Nobody sees the port any more, see ports_close_begin(). */
void port_jobs_close(struct port *port);
/* Jobs are waiting or under way. */
bool port_jobs_are_busy(void);
