/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Addresses: the names of byte streams.
 *
 * "punix:PATH", "ptcp:PORT[:IP]" and "pssl:PORT[:IP]" listen; "unix:PATH", "tcp:HOST[:PORT]" and
 * "ssl:HOST[:PORT]" connect. A host is an IP address or, where somebody looks it up, a name. IPv6
 * addresses stand in brackets. Port 0 listens on any free port.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct errbuf;

struct address {
	bool passive; /* listens */
	bool tls;
	socklen_t length;
	union {
		struct sockaddr sa; /* AF_UNIX, AF_INET or AF_INET6 */
		struct sockaddr_un un;
		struct sockaddr_storage storage;
	};
};

enum {
	ADDRESS_TEXT_SIZE = 300,
	ADDRESS_HOST_SIZE = 256,
};

/* Any thread. */

/* As address_parse(), but "tcp:" and "ssl:" may have a host's name: it is put into 'host', and the
 * address is AF_UNSPEC with its port, until address_set_ip(). Else 'host' is "". */
int address_parse_host(
	const char *name,
	uint16_t default_port,
	struct address *address,
	char host[ADDRESS_HOST_SIZE],
	struct errbuf *err
);
/* The host's address has been found; the port stays. */
void address_set_ip(struct address *address, const struct sockaddr *ip, socklen_t length);

/* 'default_port' stands in for a missing port; 0: the port must be named. */
int address_parse(
	const char *name, uint16_t default_port, struct address *address, struct errbuf *err
);

/* Is 'name' an address at all (and not the name of a bridge or a file)? */
bool address_is_name(const char *name);

/* As people write it: "tcp:192.0.2.1:6640", "ssl:[2001:db8::1]:6640", "unix:/run/weir/db.sock". */
void address_format(const struct address *address, char *text, size_t size);

/* The port in host order; 0 for unix. */
uint16_t address_port(const struct address *address);
