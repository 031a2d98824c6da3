/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Snooping: whoever connects to DIR/BRIDGE.snoop is shown what the bridge and its controllers say to
 * each other. Who does not keep up with reading misses something.  */

#include <stddef.h>
#include <stdint.h>

struct bridge;
struct stream;

/* Main thread. */

/* Takes over the stream, which frees itself when it ends. */
void snoop_open(struct bridge *bridge, struct stream *stream);
/* Whole messages that were sent or received. */
void snoop_show(struct bridge *bridge, const uint8_t *messages, size_t n);
/* Ends all of them. */
void snoop_stop(struct bridge *bridge);
