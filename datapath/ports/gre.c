/* SPDX-License-Identifier: Apache-2.0 */

/* GRE (RFC 2784) with keys and sequence numbers (RFC 2890).  */

#include "datapath/ports/gre.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/port.h"
#include "datapath/tunnel/port_options.h"
#include "datapath/tunnel/tunnel.h"

#include "datapath/fast/fast.h"

enum {
	GRE_SIZE = 4,
	GRE_WORD = 4, /* each optional field */
	GRE_TYPE = 2,
	FLAG_CSUM = 0x80,
	FLAG_KEY = 0x20,
	FLAG_SEQ = 0x10,
	FLAGS_KNOWN = FLAG_CSUM | FLAG_KEY | FLAG_SEQ,
};

static int parse(const uint8_t *header, uint32_t n, struct tunnel_info *info)
{
	unsigned size = GRE_SIZE;

	if (unlikely(n < GRE_SIZE))
		return TUNNEL_CUT;
	if (unlikely((header[0] & ~FLAGS_KNOWN) || header[1]))
		return TUNNEL_UNKNOWN;
	size += header[0] & FLAG_CSUM ? GRE_WORD : 0;
	info->has_key = header[0] & FLAG_KEY;
	info->id = 0;
	if (info->has_key) {
		if (unlikely(n < size + GRE_WORD))
			return TUNNEL_CUT;
		info->id = be64_from(be32_to(load32(header + size)));
		size += GRE_WORD;
	}
	size += header[0] & FLAG_SEQ ? GRE_WORD : 0;
	if (unlikely(n < size))
		return TUNNEL_CUT;
	info->size = (uint16_t)size;
	info->inner_type = load16(header + GRE_TYPE);
	return 0;
}

static unsigned build(uint8_t *header, const struct tunnel_wish *wish)
{
	be16 type = wish->inner_type ? wish->inner_type : be16_from(TYPE_TEB);
	unsigned size = GRE_SIZE;

	header[0] = (wish->csum ? FLAG_CSUM : 0) | (wish->has_key ? FLAG_KEY : 0) |
		(wish->seq ? FLAG_SEQ : 0);
	header[1] = 0;
	memcpy(header + GRE_TYPE, &type, sizeof(type));
	if (wish->csum) {
		memset(header + size, 0, GRE_WORD);
		size += GRE_WORD;
	}
	if (wish->has_key) {
		be32 key = be32_from((uint32_t)be64_to(wish->id));

		memcpy(header + size, &key, sizeof(key));
		size += GRE_WORD;
	}
	if (wish->seq) {
		memset(header + size, 0, GRE_WORD);
		size += GRE_WORD;
	}
	return size;
}

const struct encapsulation *gre_choose(const uint8_t *header)
{
	be16 type = load16(header + GRE_TYPE);

	return type == be16_from(TYPE_ERSPAN2) || type == be16_from(TYPE_ERSPAN3)
		? &encapsulation_erspan
		: &encapsulation_gre;
}

const struct encapsulation encapsulation_gre = {
	.name = "gre",
	.proto = PROTO_GRE,
	.max_id = UINT32_MAX,
	.mbuf_flag = RTE_MBUF_F_TX_TUNNEL_GRE,
	.carries_any = true,
	.choose = gre_choose,
	.parse = parse,
	.build = build,
};

static struct port *open_port(const char *name, const json_t *options, struct errbuf *err)
{
	return tunnel_open(&encapsulation_gre, name, options, err);
}

static struct port *open_port6(const char *name, const json_t *options, struct errbuf *err)
{
	return tunnel_open_ipv6(&encapsulation_gre, name, options, err);
}

static const struct option options[] = {
	TUNNEL_OPTIONS,
	TUNNEL_OPTION_CSUM,
	{.name = "seq",
	 .kind = OPTION_BOOL,
	 .apply = OPTION_REOPEN,
	 .default_text = "false",
	 .help = "Whether sent packets are numbered."},
};

static const struct port_type port_type_gre = {
	.name = "gre",
	.help = "A tunnel directly in IP (RFC 2784, RFC 2890).",
	.options = options,
	.n_options = ARRAY_LENGTH(options),
	.open = open_port,
	.close = tunnel_close,
};
REGISTRY_ADD(port_type, port_type_gre);

static const struct port_type port_type_ip6gre = {
	.name = "ip6gre",
	.help = "The same as 'gre', by the name that clients use over IPv6.",
	.options = options,
	.n_options = ARRAY_LENGTH(options),
	.open = open_port6,
	.close = tunnel_close,
};
REGISTRY_ADD(port_type, port_type_ip6gre);
