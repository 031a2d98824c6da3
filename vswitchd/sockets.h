/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The sockets people and programs reach the daemon by: the control socket, and the database's.  */

struct daemon;
struct errbuf;

/* Main thread. Two stages of the start. */

int sockets_start_control(struct daemon *daemon, struct errbuf *err);
void sockets_stop_control(struct daemon *daemon);

int sockets_start_db(struct daemon *daemon, struct errbuf *err);
void sockets_stop_db(struct daemon *daemon);
