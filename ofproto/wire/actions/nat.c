/* SPDX-License-Identifier: Apache-2.0 */
/* nat: address translation, inside of ct.  */

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/ct.h"

enum {
	NAT = 36,
	HAS_IPV4_MIN = 1,
	HAS_IPV4_MAX = 2,
	HAS_IPV6_MIN = 4,
	HAS_IPV6_MAX = 8,
	HAS_PORT_MIN = 16,
	HAS_PORT_MAX = 32,
};

static void take(struct wire_in *in, uint8_t *bytes, size_t n)
{
	struct wire_bytes taken = wire_take(in, n, OF_BAC_BAD_LEN);

	if (taken.n)
		memcpy(bytes, taken.data, n);
}

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_nat *nat = action_add(list, type, 0);
	uint16_t present;

	wire_skip(in, 2);
	nat->flags = (uint8_t)wire_u16(in);
	present = wire_u16(in);
	if (present & HAS_IPV4_MIN)
		nat->family = 4;
	else if (present & HAS_IPV6_MIN)
		nat->family = 6;
	nat->has_max = present & (HAS_IPV4_MAX | HAS_IPV6_MAX) ? 1 : 0;
	nat->has_ports = (present & HAS_PORT_MIN ? 1 : 0) + (present & HAS_PORT_MAX ? 1 : 0);
	if (nat->family)
		take(in, nat->min, nat->family == 4 ? 4 : 16);
	if (nat->has_max)
		take(in, nat->max, nat->family == 4 ? 4 : 16);
	if (nat->has_ports)
		nat->port_min = wire_u16(in);
	if (nat->has_ports == 2)
		nat->port_max = wire_u16(in);
	if (!in->error &&
	    ((nat->flags & 3) == 3 || (present & 3 && present & 12) ||
	     (nat->has_max && !nat->family)))
		wire_fail(in, OF_BAC_BAD_ARGUMENT);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_nat *nat = (const struct action_nat *)action;
	unsigned size = nat->family == 4 ? 4 : 16;
	uint16_t present = 0;
	size_t start = action_put_nx(out, NAT);

	if (nat->family)
		present |= nat->family == 4 ? HAS_IPV4_MIN : HAS_IPV6_MIN;
	if (nat->has_max)
		present |= nat->family == 4 ? HAS_IPV4_MAX : HAS_IPV6_MAX;
	present |= nat->has_ports ? HAS_PORT_MIN : 0;
	present |= nat->has_ports == 2 ? HAS_PORT_MAX : 0;
	wire_put_zeros(out, 2);
	wire_put_u16(out, nat->flags);
	wire_put_u16(out, present);
	if (nat->family)
		wire_put(out, nat->min, size);
	if (nat->has_max)
		wire_put(out, nat->max, size);
	if (nat->has_ports)
		wire_put_u16(out, nat->port_min);
	if (nat->has_ports == 2)
		wire_put_u16(out, nat->port_max);
	action_put_end(out, start);
}

static bool parse_ports(struct action_nat *nat, const char *text)
{
	unsigned first, last;
	int end = 0, n = sscanf(text, "%u%n-%u%n", &first, &end, &last, &end);

	if (n < 1 || text[end] || first > 65535 || (n == 2 && (last > 65535 || last < first)))
		return false;
	nat->has_ports = (uint8_t)n;
	nat->port_min = (uint16_t)first;
	nat->port_max = n == 2 ? (uint16_t)last : 0;
	return true;
}

/* Cuts an address off: in brackets, or up to one of 'stops'. */
static bool parse_address(struct action_nat *nat, char **text, uint8_t *address)
{
	char *start = *text, *end, kept;
	bool good;

	if (*start == '[') {
		end = strchr(++start, ']');
		if (!end)
			return false;
		*end++ = '\0';
	} else {
		end = start + strcspn(start, "-");
		if (memchr(start, '.', (size_t)(end - start)))
			end = start + strcspn(start, "-:");
	}
	kept = *end;
	if (kept)
		*end = '\0';
	nat->family = strchr(start, ':') ? 6 : 4;
	good = inet_pton(nat->family == 6 ? AF_INET6 : AF_INET, start, address) == 1;
	*end = kept;
	*text = end;
	return good;
}

/* "IP", "IP-IP", "IP:PORT-PORT", "[IP6]-[IP6]:PORT", ":PORT" */
static bool parse_range(struct action_nat *nat, char *text)
{
	uint8_t family;

	if (*text != ':' && !parse_address(nat, &text, nat->min))
		return false;
	if (*text == '-') {
		family = nat->family;
		text++;
		if (!parse_address(nat, &text, nat->max) || family != nat->family)
			return false;
		nat->has_max = 1;
	}
	return !*text || (*text == ':' && parse_ports(nat, text + 1));
}

static int parse_key(struct action_nat *nat, const char *key, char *value, struct errbuf *err)
{
	if (!strcmp(key, "src") || !strcmp(key, "dst")) {
		if (nat->flags & (NAT_SRC | NAT_DST))
			return errbuf_set(err, -EINVAL, "nat: either src or dst");
		nat->flags |= *key == 's' ? NAT_SRC : NAT_DST;
		if (value && !parse_range(nat, value))
			return errbuf_set(
				err, -EINVAL, "nat: '%s' is not IP[-IP][:PORT[-PORT]]", value
			);
	} else if (!strcmp(key, "persistent")) {
		nat->flags |= NAT_PERSISTENT;
	} else if (!strcmp(key, "hash")) {
		nat->flags |= NAT_HASH;
	} else if (!strcmp(key, "random")) {
		nat->flags |= NAT_RANDOM;
	} else {
		return errbuf_set(
			err,
			-EINVAL,
			"nat: unknown key '%s' (src, dst, persistent, hash, random)",
			key
		);
	}
	return 0;
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	char *copy = xstrdup(text), *rest = copy, *key, *value;
	struct action_nat nat = {.flags = 0}, *added;
	int error = 0;

	while (!error && action_next_argument(&rest, &key, &value))
		error = parse_key(&nat, key, value, err);
	free(copy);
	if (!error && nat.flags & NAT_HASH && nat.flags & NAT_RANDOM)
		error = errbuf_set(err, -EINVAL, "nat: either hash or random");
	if (error)
		return error;
	added = action_add(list, type, 0);
	nat.action = added->action;
	*added = nat;
	return 0;
}

static void format_address(const struct action_nat *nat, const uint8_t *address, struct strbuf *out)
{
	char text[INET6_ADDRSTRLEN];
	bool bracket = nat->family == 6 && nat->has_ports;

	inet_ntop(nat->family == 6 ? AF_INET6 : AF_INET, address, text, sizeof(text));
	strbuf_addf(out, bracket ? "[%s]" : "%s", text);
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_nat *nat = (const struct action_nat *)action;

	strbuf_add(out, "nat");
	if (!nat->flags)
		return;
	strbuf_addf(out, "(%s", nat->flags & NAT_SRC ? "src" : "dst");
	if (nat->family || nat->has_ports)
		strbuf_add_char(out, '=');
	if (nat->family)
		format_address(nat, nat->min, out);
	if (nat->has_max) {
		strbuf_add_char(out, '-');
		format_address(nat, nat->max, out);
	}
	if (nat->has_ports)
		strbuf_addf(out, ":%u", nat->port_min);
	if (nat->has_ports == 2)
		strbuf_addf(out, "-%u", nat->port_max);
	strbuf_add(out, nat->flags & NAT_PERSISTENT ? ",persistent" : "");
	strbuf_add(out, nat->flags & NAT_HASH ? ",hash" : "");
	strbuf_add(out, nat->flags & NAT_RANDOM ? ",random" : "");
	strbuf_add_char(out, ')');
}

static const struct action_type action_nat = {
	.name = "nat",
	.help = "nat(src=IP[-IP][:PORT[-PORT]],persistent,hash,random)",
	.wires = {ACTION_NX(NAT)},
	.size = sizeof(struct action_nat),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
};
REGISTRY_ADD(action_type, action_nat);
