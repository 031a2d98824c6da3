/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/metrics/clients.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

static bool is_same(const struct client_peer *a, const struct client_peer *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

struct client_peer clients_peer(int fd)
{
	struct client_peer peer = {AF_UNSPEC};
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	const struct sockaddr_in6 *ip6 = (const void *)&address;
	const struct sockaddr_in *ip4 = (const void *)&address;
	socklen_t size = sizeof(address);
	struct ucred user;

	if (getpeername(fd, (struct sockaddr *)&address, &size))
		return peer;
	peer.family = address.ss_family;
	size = sizeof(user);
	if (peer.family == AF_INET)
		memcpy(peer.bytes, &ip4->sin_addr, sizeof(ip4->sin_addr));
	else if (peer.family == AF_INET6)
		memcpy(peer.bytes, &ip6->sin6_addr, sizeof(peer.bytes));
	else if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &size))
		memcpy(peer.bytes, &user.uid, sizeof(user.uid));
	return peer;
}

void clients_add(struct clients *clients, int fd, struct client_peer peer)
{
	assert(clients->n < CLIENTS_MAX);
	clients->list[clients->n++] = (struct client){fd, ++clients->last_number, peer};
}

void clients_del(struct clients *clients, int fd)
{
	for (unsigned i = 0; i < clients->n; i++) {
		if (clients->list[i].fd != fd)
			continue;
		clients->list[i] = clients->list[--clients->n];
		return;
	}
}

static unsigned count(const struct clients *clients, const struct client_peer *peer)
{
	unsigned n = 0;

	for (unsigned i = 0; i < clients->n; i++)
		n += is_same(&clients->list[i].peer, peer);
	return n;
}

int clients_find_loser(const struct clients *clients, struct client_peer peer)
{
	const struct client *loser = NULL;
	unsigned most = 0;

	if (clients->n < CLIENTS_MAX)
		return -1;
	for (unsigned i = 0; i < clients->n; i++) {
		const struct client *client = &clients->list[i];
		/* The newcomer counts, too. */
		unsigned has = count(clients, &client->peer) + is_same(&client->peer, &peer);

		if (loser && (has < most || (has == most && client->number > loser->number)))
			continue;
		most = has;
		loser = client;
	}
	assert(loser);
	return loser->fd;
}
