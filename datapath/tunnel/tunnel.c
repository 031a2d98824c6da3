/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/tunnel/tunnel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/port.h"
#include "datapath/tunnel/header.h"
#include "datapath/tunnel/map.h"
#include "datapath/tunnel/options.h"
#include "lib/errbuf.h"
#include "lib/option.h"
#include "lib/xmalloc.h"

enum {
	TUNNEL_MTU = 65535, /* what bounds packets is the device below */
	TOS_DSCP = 0xfc,
};

struct tunnel_port {
	struct port port;
	struct tunnel tunnel;
};

/* What is being read, for sentences about it. */
struct reader {
	const char *name;
	const json_t *options;
	struct errbuf *err;
};

static int read_address(const struct reader *r, const char *key, struct ipaddr *address, bool *flow)
{
	const char *text = option_get_string(r->options, key, NULL);

	if (!text)
		return 0;
	*flow = !strcmp(text, "flow");
	if (*flow)
		return 0;
	if (!ipaddr_parse(address, text) || ipaddr_is_none(address) || ipaddr_is_multicast(address))
		return errbuf_set(
			r->err,
			-EINVAL,
			"port %s: %s=%s: an IPv4 or IPv6 address of one host, or 'flow', is wanted",
			r->name,
			key,
			text
		);
	return 0;
}

/* The key 'name', or else 'key'. */
static int read_key(const struct reader *r, const char *name, uint32_t most, be64 *id, bool *flow)
{
	const char *text = option_get_string(r->options, name, NULL);
	char *end;

	if (!text)
		text = option_get_string(r->options, "key", "0");
	else if (json_object_get(r->options, "key"))
		return errbuf_set(r->err, -EINVAL, "port %s: give either key or %s", r->name, name);
	*flow = !strcmp(text, "flow");
	if (*flow)
		return 0;
	errno = 0;
	unsigned long long number = strtoull(text, &end, 0);

	if (end == text || *end || *text == '-' || errno || number > most)
		return errbuf_set(
			r->err,
			-EINVAL,
			"port %s: %s=%s: a number up to %u, or 'flow', is wanted",
			r->name,
			json_object_get(r->options, name) ? name : "key",
			text,
			most
		);
	*id = be64_from(number);
	return 0;
}

static int
read_byte(const struct reader *r, const char *name, uint8_t fallback, uint8_t *byte, bool *inherit)
{
	const char *text = option_get_string(r->options, name, NULL);
	char *end;

	*byte = fallback;
	*inherit = text && !strcmp(text, "inherit");
	if (!text || *inherit)
		return 0;
	unsigned long number = strtoul(text, &end, 0);

	if (end == text || *end || *text == '-' || number > UINT8_MAX)
		return errbuf_set(
			r->err,
			-EINVAL,
			"port %s: %s=%s: a number from 0 to 255, or 'inherit', is wanted",
			r->name,
			name,
			text
		);
	*byte = (uint8_t)number;
	return 0;
}

static bool has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = words; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (!strncmp(at, word, n) && (!at[n] || at[n] == ','))
			return true;
	return false;
}

static int read_keys(const struct reader *r, struct tunnel *tunnel)
{
	uint32_t most = tunnel->encapsulation->max_id;
	int error = read_key(r, "in_key", most, &tunnel->in_key, &tunnel->in_key_flow);

	tunnel->out_key_given =
		json_object_get(r->options, "key") || json_object_get(r->options, "out_key");
	return error ? error
		     : read_key(r, "out_key", most, &tunnel->out_key, &tunnel->out_key_flow);
}

static int read_addresses(const struct reader *r, struct tunnel *tunnel)
{
	int error = read_address(r, "remote_ip", &tunnel->remote, &tunnel->remote_flow);

	if (!error)
		error = read_address(r, "local_ip", &tunnel->local, &tunnel->local_flow);
	if (error)
		return error;
	if (tunnel->local_flow && !tunnel->remote_flow)
		return errbuf_set(
			r->err, -EINVAL, "port %s: local_ip=flow needs remote_ip=flow", r->name
		);
	if (!ipaddr_is_none(&tunnel->local) && !ipaddr_is_none(&tunnel->remote) &&
	    ipaddr_is_v4(&tunnel->local) != ipaddr_is_v4(&tunnel->remote))
		return errbuf_set(
			r->err,
			-EINVAL,
			"port %s: remote_ip and local_ip must be of one IP version",
			r->name
		);
	return 0;
}

static int read_number(
	const struct reader *r,
	const char *name,
	uint32_t low,
	uint32_t high,
	uint32_t *number,
	bool *flow
)
{
	const char *text = option_get_string(r->options, name, NULL);
	char *end;

	*number = low;
	*flow = text && !strcmp(text, "flow");
	if (!text || *flow)
		return 0;
	unsigned long value = strtoul(text, &end, 0);

	if (end == text || *end || *text == '-' || value < low || value > high)
		return errbuf_set(
			r->err,
			-EINVAL,
			"port %s: %s=%s: a number from %u to %u, or 'flow', is wanted",
			r->name,
			name,
			text,
			low,
			high
		);
	*number = (uint32_t)value;
	return 0;
}

static int read_erspan(const struct reader *r, struct tunnel *tunnel)
{
	uint32_t version, idx, dir, hwid;
	int error = read_number(r, "erspan_ver", 1, 2, &version, &tunnel->erspan_version_flow);

	if (!error)
		error = read_number(r, "erspan_idx", 0, 0xfffff, &idx, &tunnel->erspan_idx_flow);
	if (!error)
		error = read_number(r, "erspan_dir", 0, 1, &dir, &tunnel->erspan_dir_flow);
	if (!error)
		error = read_number(r, "erspan_hwid", 0, 63, &hwid, &tunnel->erspan_hwid_flow);
	if (error)
		return error;
	tunnel->erspan = (struct tunnel_erspan){
		.version = (uint8_t)version,
		.dir = (uint8_t)dir,
		.hwid = (uint8_t)hwid,
		.idx = be32_from(idx),
	};
	return 0;
}

static int read_packet_type(const struct reader *r, struct tunnel *tunnel)
{
	const char *exts = option_get_string(r->options, "exts", "");
	const char *text = option_get_string(r->options, "packet_type", "legacy_l2");
	bool can = tunnel->encapsulation->carries_any;

	tunnel->gbp = has_word(exts, "gbp");
	tunnel->gpe = has_word(exts, "gpe");
	tunnel->bare = !strcmp(text, "legacy_l3");
	if (tunnel->gbp && tunnel->gpe)
		return errbuf_set(
			r->err,
			-EINVAL,
			"port %s: exts=%s: gbp and gpe use the same bits, give one of them",
			r->name,
			exts
		);
	if (!strcmp(text, "ptap"))
		return errbuf_set(
			r->err,
			-EINVAL,
			"port %s: packet_type=ptap: rules see Ethernet frames only; give a port with "
			"legacy_l2 for these and one with legacy_l3 for other packets",
			r->name
		);
	if (strcmp(text, "legacy_l2") && !tunnel->bare)
		return errbuf_set(
			r->err,
			-EINVAL,
			"port %s: packet_type=%s: legacy_l2 or legacy_l3 is wanted",
			r->name,
			text
		);
	if (!tunnel->bare || (can && (tunnel->gpe || !tunnel->encapsulation->port)))
		return 0;
	return errbuf_set(
		r->err,
		-EINVAL,
		can ? "port %s: packet_type=legacy_l3 needs exts=gpe"
		    : "port %s: packet_type=legacy_l3: this kind of tunnel carries Ethernet frames "
		      "only",
		r->name
	);
}

static int read_tunnel(const struct reader *r, struct tunnel *tunnel)
{
	const json_t *options = r->options;
	int error = read_addresses(r, tunnel);

	if (!error)
		error = read_keys(r, tunnel);
	if (!error)
		error = read_byte(r, "tos", 0, &tunnel->tos, &tunnel->tos_inherit);
	if (!error)
		error = read_byte(r, "ttl", TUNNEL_TTL, &tunnel->ttl, &tunnel->ttl_inherit);
	if (!error)
		error = read_packet_type(r, tunnel);
	tunnel->tos &= TOS_DSCP;
	if (!tunnel->ttl)
		tunnel->ttl = TUNNEL_TTL;
	tunnel->dst_port = be16_from((uint16_t
	)option_get_int(options, "dst_port", tunnel->encapsulation->port));
	tunnel->df = option_get_bool(options, "df_default", true);
	tunnel->csum = option_get_bool(options, "csum", false);
	tunnel->seq = option_get_bool(options, "seq", false);
	tunnel->egress_mark = (uint32_t)option_get_int(options, "egress_pkt_mark", 0);
	if (error || !tunnel->encapsulation->is_erspan)
		return error;
	tunnel->seq = true;
	return read_erspan(r, tunnel);
}

/* What arrives at a UDP port is taken for one kind of tunnel. */
static int check_udp_port(const char *name, const struct tunnel *tunnel, struct errbuf *err)
{
	const struct encapsulation *own = tunnel->encapsulation;
	const struct encapsulation *found = tunnel_find(own->proto, tunnel->dst_port);

	if (!own->port || !found || found == own)
		return 0;
	return errbuf_set(
		err,
		-EEXIST,
		"port %s: UDP port %u is where ports of type %s get their packets: give another dst_port",
		name,
		be16_to(tunnel->dst_port),
		found->name
	);
}

struct port *tunnel_open(
	const struct encapsulation *encapsulation,
	const char *name,
	const json_t *options,
	struct errbuf *err
)
{
	struct reader reader = {name, options, err};
	struct tunnel tunnel = {.encapsulation = encapsulation};
	static uint16_t n_opened;

	if (read_tunnel(&reader, &tunnel) || check_udp_port(name, &tunnel, err))
		return NULL;
	const struct port *twin = tunnels_find_twin(&tunnel);

	if (twin) {
		errbuf_set(
			err,
			-EEXIST,
			"port %s: port %s already has the same remote_ip, local_ip, in_key, dst_port and "
			"packet_type",
			name,
			twin->name
		);
		return NULL;
	}
	struct tunnel_port *port = XNEW(struct tunnel_port);

	port->tunnel = tunnel;
	port->port.tunnel = &port->tunnel;
	port->port.mtu = TUNNEL_MTU;
	n_opened++;
	port->port.mac =
		(struct mac){{0x02, 0x74, 0x75, 0x6e, (uint8_t)(n_opened >> 8), (uint8_t)n_opened}};
	return &port->port;
}

struct port *tunnel_open_ipv6(
	const struct encapsulation *encapsulation,
	const char *name,
	const json_t *options,
	struct errbuf *err
)
{
	const char *remote = option_get_string(options, "remote_ip", "");
	struct ipaddr address;

	if (!ipaddr_parse(&address, remote) || !ipaddr_is_v4(&address))
		return tunnel_open(encapsulation, name, options, err);
	errbuf_set(
		err,
		-EINVAL,
		"port %s: remote_ip=%s: this type is for IPv6; take type=%s",
		name,
		remote,
		encapsulation->name
	);
	return NULL;
}

void tunnel_close(struct port *port)
{
	tunnel_options_set(port->id, NULL);
	header_restart(port->id);
	free(container_of(port, struct tunnel_port, port));
}
