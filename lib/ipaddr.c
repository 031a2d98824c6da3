/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ipaddr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

bool ipaddr_is_multicast(const struct ipaddr *ip)
{
	return ipaddr_is_v4(ip) ? ip->bytes[12] >> 4 == 0xe : ip->bytes[0] == 0xff;
}

bool ipaddr_in_prefix(const struct ipaddr *ip, const struct ipaddr *prefix, unsigned length)
{
	if (ipaddr_is_v4(ip) != ipaddr_is_v4(prefix))
		return false;
	if (ipaddr_is_v4(ip))
		length += IPADDR_V4_PREFIX;
	if (memcmp(ip, prefix, length / 8))
		return false;
	return !(length % 8) ||
		!((ip->bytes[length / 8] ^ prefix->bytes[length / 8]) >> (8 - length % 8));
}

bool ipaddr_parse(struct ipaddr *ip, const char *text)
{
	be32 v4;

	if (inet_pton(AF_INET, text, &v4) == 1) {
		*ip = ipaddr_from_v4(v4);
		return true;
	}
	return inet_pton(AF_INET6, text, ip->bytes) == 1 && !ipaddr_is_v4(ip);
}

bool ipaddr_parse_prefix(struct ipaddr *ip, unsigned *length, const char *text)
{
	char address[IPADDR_TEXT_SIZE];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	char *end;

	if (n >= sizeof(address))
		return false;
	memcpy(address, text, n);
	address[n] = '\0';
	if (!ipaddr_parse(ip, address))
		return false;
	unsigned most = ipaddr_is_v4(ip) ? 32 : 128;

	*length = most;
	if (!slash)
		return true;
	unsigned long bits = strtoul(slash + 1, &end, 10);

	*length = (unsigned)bits;
	return end != slash + 1 && !*end && bits <= most;
}

const char *ipaddr_format(const struct ipaddr *ip, char text[IPADDR_TEXT_SIZE])
{
	if (ipaddr_is_v4(ip))
		inet_ntop(AF_INET, ip->bytes + 12, text, IPADDR_TEXT_SIZE);
	else
		inet_ntop(AF_INET6, ip->bytes, text, IPADDR_TEXT_SIZE);
	return text;
}
