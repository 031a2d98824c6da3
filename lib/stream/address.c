/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stream/address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/types.h"

enum {
	HOST_MAX = 253 /* the longest name there can be */
};

static const struct scheme {
	const char *prefix;
	bool passive, tls, local;
} schemes[] = {
	{"punix:", .passive = true, .local = true},
	{"unix:", .local = true},
	{"ptcp:", .passive = true},
	{"tcp:"},
	{"pssl:", .passive = true, .tls = true},
	{"ssl:", .tls = true},
};

static const struct scheme *scheme_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(schemes); i++)
		if (!strncmp(name, schemes[i].prefix, strlen(schemes[i].prefix)))
			return &schemes[i];
	return NULL;
}

bool address_is_name(const char *name)
{
	return scheme_find(name) != NULL;
}

static int
parse_path(const char *name, const char *path, struct address *address, struct errbuf *err)
{
	size_t n = strlen(path);

	if (!n)
		return errbuf_set(err, -EINVAL, "%s: a path is missing after the colon", name);
	if (n >= sizeof(address->un.sun_path))
		return errbuf_set(
			err,
			-ENAMETOOLONG,
			"%.120s…: the path of a socket may have at most %zu characters, this has %zu",
			name,
			sizeof(address->un.sun_path) - 1,
			n
		);
	address->un.sun_family = AF_UNIX;
	memcpy(address->un.sun_path, path, n + 1);
	address->length = offsetof(struct sockaddr_un, sun_path) + n + 1;
	return 0;
}

static int parse_port(const char *name, const char *text, uint16_t *port, struct errbuf *err)
{
	char *end;

	errno = 0;
	unsigned long value = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || errno || value > 65535)
		return errbuf_set(
			err, -EINVAL, "%s: \"%s\" is not a port (a number up to 65535)", name, text
		);
	*port = (uint16_t)value;
	return 0;
}

static void set_port(struct address *address, uint16_t port)
{
	if (address->sa.sa_family == AF_INET6)
		((struct sockaddr_in6 *)&address->storage)->sin6_port = be16_from(port);
	else
		((struct sockaddr_in *)&address->storage)->sin_port = be16_from(port);
}

void address_set_ip(struct address *address, const struct sockaddr *ip, socklen_t length)
{
	uint16_t port = address_port(address);

	memcpy(&address->storage, ip, length);
	address->length = length;
	set_port(address, port);
}

/* As names in DNS are, or in /etc/hosts; a dot at the end says that a name is complete. What ends in a
 * number is an IP address with a slip in it. */
static bool is_host_name(const char *host)
{
	static const char in_label[] =
		"0123456789-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const char *label = host, *end;

	for (;;) {
		size_t n = strspn(label, in_label);

		end = label + n;
		if (!n)
			return false;
		if (end[0] != '.' || !end[1])
			break;
		label = end + 1;
	}
	return !strcmp(end, *end == '.' ? "." : "") && end - host <= HOST_MAX && *host != '-' &&
		label + strspn(label, "0123456789") < end;
}

static int parse_ip(const char *name, const char *host, struct address *address, struct errbuf *err)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM}, *found;

	if (getaddrinfo(host, NULL, &hints, &found))
		return errbuf_set(
			err,
			-EINVAL,
			"%s: \"%s\" is not an IP address (IPv6 is written in brackets)%s",
			name,
			host,
			is_host_name(host) ? "; names are not looked up here" : ""
		);
	address_set_ip(address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

/* Cuts "HOST[:REST]" in place at the colon that is not inside brackets, and takes the brackets
 * off. Returns REST or NULL. */
static char *split_host(char **host)
{
	char *p = *host, *end = p + strcspn(p, ":");
	char *bracket = *p == '[' ? strchr(p, ']') : NULL;

	if (bracket) {
		*host = p + 1;
		*bracket = '\0';
		end = bracket + 1;
	}
	if (*end != ':')
		return NULL;
	*end = '\0';
	return end + 1;
}

static int parse_inet(
	const char *name,
	char *rest,
	uint16_t default_port,
	struct address *address,
	char *host_name,
	struct errbuf *err
)
{
	char *host = rest, *port_text;
	uint16_t port = default_port;

	if (address->passive) {
		port_text = rest;
		host = strchr(rest, ':');
		if (host) {
			*host++ = '\0';
			split_host(&host);
		} else {
			host = "0.0.0.0";
		}
	} else {
		port_text = split_host(&host);
	}
	if (port_text && *port_text) {
		int error = parse_port(name, port_text, &port, err);

		if (error)
			return error;
	} else if (!default_port) {
		return errbuf_set(err, -EINVAL, "%s: a port number is missing", name);
	}
	set_port(address, port);
	if (!*host)
		return errbuf_set(err, -EINVAL, "%s: a host is missing", name);
	if (!host_name || address->passive || !is_host_name(host))
		return parse_ip(name, host, address, err);
	snprintf(host_name, ADDRESS_HOST_SIZE, "%s", host);
	return 0;
}

/* 'host_name' is NULL where names are not looked up. */
static int
parse(const char *name,
      uint16_t default_port,
      struct address *address,
      char *host_name,
      struct errbuf *err)
{
	const struct scheme *scheme = scheme_find(name);
	char rest[ADDRESS_TEXT_SIZE];

	memset(address, 0, sizeof(*address));
	if (!scheme)
		return errbuf_set(
			err,
			-EINVAL,
			"%.100s: not an address: those begin with punix:, ptcp:, pssl:, unix:, tcp: "
			"or ssl:",
			name
		);
	const char *after = name + strlen(scheme->prefix);

	address->passive = scheme->passive;
	address->tls = scheme->tls;
	if (scheme->local)
		return parse_path(name, after, address, err);
	if (strlen(after) >= sizeof(rest))
		return errbuf_set(err, -EINVAL, "%.100s…: the address is too long", name);
	snprintf(rest, sizeof(rest), "%s", after);
	return parse_inet(name, rest, default_port, address, host_name, err);
}

int address_parse(
	const char *name, uint16_t default_port, struct address *address, struct errbuf *err
)
{
	return parse(name, default_port, address, NULL, err);
}

int address_parse_host(
	const char *name,
	uint16_t default_port,
	struct address *address,
	char host[ADDRESS_HOST_SIZE],
	struct errbuf *err
)
{
	host[0] = '\0';
	return parse(name, default_port, address, host, err);
}

uint16_t address_port(const struct address *address)
{
	switch (address->sa.sa_family) {
	case AF_UNSPEC:
	case AF_INET:
		return be16_to(((const struct sockaddr_in *)&address->storage)->sin_port);
	case AF_INET6:
		return be16_to(((const struct sockaddr_in6 *)&address->storage)->sin6_port);
	default:
		return 0;
	}
}

void address_format(const struct address *address, char *text, size_t size)
{
	const char *passive = address->passive ? "p" : "", *proto = address->tls ? "ssl" : "tcp";
	char host[NI_MAXHOST];

	if (address->sa.sa_family == AF_UNIX) {
		snprintf(text, size, "%sunix:%s", passive, address->un.sun_path);
		return;
	}
	bool v6 = address->sa.sa_family == AF_INET6;
	const char *open = v6 ? "[" : "", *close = v6 ? "]" : "";
	unsigned port = address_port(address);

	if (getnameinfo(&address->sa, address->length, host, sizeof(host), NULL, 0, NI_NUMERICHOST))
		snprintf(host, sizeof(host), "?");
	if (address->passive)
		snprintf(text, size, "p%s:%u:%s%s%s", proto, port, open, host, close);
	else
		snprintf(text, size, "%s:%s%s%s:%u", proto, open, host, close, port);
}
