/* SPDX-License-Identifier: Apache-2.0 */

/* ERSPAN: mirrored frames in GRE, with a note of where they were seen. Type II (version 1 on the wire)
 * numbers the port, type III (version 2) tells the direction, a device and the time.  */

#include "datapath/tunnel/erspan.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/port.h"
#include "datapath/ports/gre.h"
#include "datapath/tunnel/port_options.h"
#include "datapath/tunnel/tunnel.h"

#include "datapath/fast/fast.h"

enum {
	GRE_TYPE = 2,
	GRE_NUMBER = 4,
	GRE_SIZE = 8, /* with a number, which there always is */
	FLAG_SEQ = 0x10,
	SESSION = 0x3ff,
	SIZE2 = 8,
	SIZE3 = 12,
	SUBHEADER = 8, /* type III's, if its last bit says so */
};

static int parse(const uint8_t *header, uint32_t n, struct tunnel_info *info)
{
	bool third = load16(header + GRE_TYPE) == be16_from(TYPE_ERSPAN3);
	const uint8_t *erspan = header + GRE_SIZE;
	uint32_t size = third ? SIZE3 : SIZE2;

	if (unlikely(n < GRE_SIZE + size))
		return TUNNEL_CUT;
	if (unlikely(header[0] != FLAG_SEQ || header[1]))
		return TUNNEL_UNKNOWN;
	if (unlikely(erspan[0] >> 4 != (third ? ERSPAN_VERSION3 : ERSPAN_VERSION2)))
		return TUNNEL_WRONG;
	size += third && erspan[ERSPAN3_LAST] & 1 ? SUBHEADER : 0;
	if (unlikely(n < GRE_SIZE + size))
		return TUNNEL_CUT;
	info->size = (uint16_t)(GRE_SIZE + size);
	info->id = be64_from(host16(erspan + 2) & SESSION);
	info->has_key = true;
	info->inner_type = be16_from(TYPE_TEB);
	info->n_options = (uint8_t)size;
	return 0;
}

static unsigned build(uint8_t *header, const struct tunnel_wish *wish)
{
	bool third = wish->erspan.version == ERSPAN_VERSION3;
	be16 type = be16_from(third ? TYPE_ERSPAN3 : TYPE_ERSPAN2);
	be16 session = be16_from((uint16_t)(be64_to(wish->id) & SESSION));
	uint8_t size = third ? SIZE3 : SIZE2;
	uint8_t *erspan = header + GRE_SIZE;

	memset(header, 0, GRE_SIZE + size);
	header[0] = FLAG_SEQ;
	memcpy(header + GRE_TYPE, &type, sizeof(type));
	erspan[0] = (uint8_t)((third ? ERSPAN_VERSION3 : ERSPAN_VERSION2) << 4);
	memcpy(erspan + 2, &session, sizeof(session));
	if (third) {
		/* Six bits of the device, the direction, and that time is in 100 microseconds. */
		erspan[ERSPAN3_LAST - 1] = wish->erspan.hwid >> 4 & 3;
		erspan[ERSPAN3_LAST] =
			(uint8_t)(wish->erspan.hwid << 4 | (wish->erspan.dir & 1) << 3);
	} else {
		memcpy(erspan + ERSPAN2_INDEX, &wish->erspan.idx, sizeof(wish->erspan.idx));
	}
	return GRE_SIZE + size;
}

const struct encapsulation encapsulation_erspan = {
	.name = "erspan",
	.proto = PROTO_GRE,
	.max_id = SESSION,
	.mbuf_flag = RTE_MBUF_F_TX_TUNNEL_GRE,
	.is_erspan = true,
	.choose = gre_choose,
	.parse = parse,
	.build = build,
};

static struct port *open_port(const char *name, const json_t *options, struct errbuf *err)
{
	return tunnel_open(&encapsulation_erspan, name, options, err);
}

static struct port *open_port6(const char *name, const json_t *options, struct errbuf *err)
{
	return tunnel_open_ipv6(&encapsulation_erspan, name, options, err);
}

static const struct option options[] = {
	TUNNEL_OPTIONS,
	{.name = "erspan_ver",
	 .apply = OPTION_REOPEN,
	 .default_text = "1",
	 .help = "1: type II, 2: type III, or 'flow': rules set tun_erspan_ver."},
	{.name = "erspan_idx",
	 .apply = OPTION_REOPEN,
	 .default_text = "0",
	 .help = "With version 1: a number of 20 bits for the port where packets were seen, or "
		 "'flow': rules set tun_erspan_idx."},
	{.name = "erspan_dir",
	 .apply = OPTION_REOPEN,
	 .default_text = "0",
	 .help = "With version 2: 0 for packets that came in, 1 for those that went out, or 'flow': "
		 "rules set tun_erspan_dir."},
	{.name = "erspan_hwid",
	 .apply = OPTION_REOPEN,
	 .default_text = "0",
	 .help = "With version 2: a number of 6 bits for the device that mirrors, or 'flow': rules "
		 "set tun_erspan_hwid."},
};

static const struct port_type port_type_erspan = {
	.name = "erspan",
	.help = "A tunnel for what mirrors copy, to a device that analyses it (ERSPAN).",
	.options = options,
	.n_options = ARRAY_LENGTH(options),
	.open = open_port,
	.close = tunnel_close,
};
REGISTRY_ADD(port_type, port_type_erspan);

static const struct port_type port_type_ip6erspan = {
	.name = "ip6erspan",
	.help = "The same as 'erspan', by the name that clients use over IPv6.",
	.options = options,
	.n_options = ARRAY_LENGTH(options),
	.open = open_port6,
	.close = tunnel_close,
};
REGISTRY_ADD(port_type, port_type_ip6erspan);
