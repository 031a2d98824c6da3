/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Who is connected to the server of metrics, and who gives way when it is full.
 *
 * There are few connections at a time, so whoever opens many would keep all others out. A newcomer to
 * a full server takes the place of the oldest connection of whoever has most: an IPv4 address, the
 * network (/64) of an IPv6 address, or the user of a unix socket.  */

#include <stdint.h>

enum {
	CLIENTS_MAX = 16,
};

struct client {
	int fd;
	uint64_t number; /* of the connection, counted up */
	struct client_peer {
		uint16_t family;
		uint8_t bytes[8];
	} peer;
};

struct clients {
	struct client list[CLIENTS_MAX];
	unsigned n;
	uint64_t last_number;
};

/* Main thread. */

struct client_peer clients_peer(int fd);
void clients_add(struct clients *clients, int fd, struct client_peer peer);
void clients_del(struct clients *clients, int fd);
/* The connection that ends for one of 'peer', or -1 while there is room. */
int clients_find_loser(const struct clients *clients, struct client_peer peer);
