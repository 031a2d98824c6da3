/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The sink: a capture's thread. It empties the rings into the capture's socket, and ends when enough
 * was seen or nobody reads any more.  */

struct capture;

/* Main thread. */

/* Starts the thread; 'done' is called on it last of all. 0 or a negative errno. */
int sink_start(struct capture *capture, void (*changed)(void));
