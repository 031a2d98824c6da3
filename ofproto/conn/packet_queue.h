/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Queues of packets that a controller's rate limit holds back.
 *
 * Each port has a lane of its own, and the lanes take turns, so that a flood from one port does not
 * keep the packets of others from the controller. When there are too many, the longest lane loses
 * its oldest.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;
struct packet_queue;

/* Main thread. */

/* Whether packets wait, so that the next one has to stand in line. */
bool packet_queue_waits(const struct packet_queue *queue);
/* Takes the message that stands at the end of what the connection sends, from 'start' on, and sends
 * it when the controller's rate allows. 'max': so many may wait. */
void packet_queue_put(struct conn *conn, uint32_t port, size_t start, unsigned max);
/* The connection ends. NULL is fine. */
void packet_queue_free(struct packet_queue *queue);
