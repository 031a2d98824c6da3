/* SPDX-License-Identifier: Apache-2.0 */

/* Geneve (RFC 8926).  */

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/port.h"
#include "datapath/tunnel/options.h"
#include "datapath/tunnel/port_options.h"
#include "datapath/tunnel/tunnel.h"

#include "datapath/fast/fast.h"

enum {
	GENEVE_SIZE = 8,
	GENEVE_TYPE = 2,
	GENEVE_ID = 4,
	VERSION = 0xc0,
	ALL_OPTIONS = 0x3f, /* in units of 4 bytes */
	FLAG_OAM = 0x80,
	FLAG_CRITICAL = 0x40,
};

/* Whether the options fill their place exactly. */
static bool check_options(const uint8_t *option, unsigned n)
{
	unsigned size;

	for (; (size = tunnel_option_size(option, n)); n -= size)
		option += size;
	return !n;
}

static bool has_critical(const uint8_t *option, unsigned n)
{
	return !tunnel_options_know(NULL, option, n);
}

static int parse(const uint8_t *header, uint32_t n, struct tunnel_info *info)
{
	const uint8_t *geneve = header + UDP_SIZE;

	if (unlikely(n < UDP_SIZE + GENEVE_SIZE))
		return TUNNEL_CUT;
	unsigned n_options = (geneve[0] & ALL_OPTIONS) * 4u;

	if (unlikely(geneve[0] & VERSION))
		return TUNNEL_UNKNOWN;
	if (unlikely(n < UDP_SIZE + GENEVE_SIZE + n_options))
		return TUNNEL_CUT;
	if (unlikely(n_options && !check_options(geneve + GENEVE_SIZE, n_options)))
		return TUNNEL_WRONG;
	info->size = (uint16_t)(UDP_SIZE + GENEVE_SIZE + n_options);
	info->id = be64_from(be32_to(load32(geneve + GENEVE_ID)) >> 8);
	info->has_key = true;
	info->oam = geneve[1] & FLAG_OAM;
	info->inner_type = load16(geneve + GENEVE_TYPE);
	info->n_options = (uint8_t)n_options;
	info->critical = n_options && has_critical(geneve + GENEVE_SIZE, n_options);
	return 0;
}

static unsigned build(uint8_t *header, const struct tunnel_wish *wish)
{
	be32 vni = be32_from((uint32_t)(be64_to(wish->id) << 8));
	be16 type = be16_from(TYPE_TEB);

	header[0] = (uint8_t)(wish->n_options / 4);
	header[1] = wish->oam ? FLAG_OAM : 0;
	memcpy(header + GENEVE_TYPE, &type, sizeof(type));
	memcpy(header + GENEVE_ID, &vni, sizeof(vni));
	if (wish->n_options) {
		memcpy(header + GENEVE_SIZE, wish->options, wish->n_options);
		if (has_critical(wish->options, wish->n_options))
			header[1] |= FLAG_CRITICAL;
	}
	return GENEVE_SIZE + wish->n_options;
}

static const struct encapsulation geneve = {
	.name = "geneve",
	.proto = PROTO_UDP,
	.port = 6081,
	.max_id = 0xffffff,
	.mbuf_flag = RTE_MBUF_F_TX_TUNNEL_GENEVE,
	.has_options = true,
	.parse = parse,
	.build = build,
};

static struct port *open_port(const char *name, const json_t *options, struct errbuf *err)
{
	return tunnel_open(&geneve, name, options, err);
}

static const struct option options[] = {
	TUNNEL_OPTIONS,
	TUNNEL_OPTION_CSUM,
	TUNNEL_OPTION_DST_PORT("6081"),
};

static const struct port_type port_type_geneve = {
	.name = "geneve",
	.help = "A tunnel in UDP that carries Ethernet frames, and options about them (RFC 8926).",
	.options = options,
	.n_options = ARRAY_LENGTH(options),
	.open = open_port,
	.close = tunnel_close,
};
REGISTRY_ADD(port_type, port_type_geneve);
