/* SPDX-License-Identifier: Apache-2.0 */

/* VXLAN (RFC 7348), with Group Policy (draft-smith-vxlan-group-policy) or as Generic Protocol Extension
 * (draft-ietf-nvo3-vxlan-gpe) when asked for.  */

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/port.h"
#include "datapath/tunnel/port_options.h"
#include "datapath/tunnel/tunnel.h"

#include "datapath/fast/fast.h"

enum {
	VXLAN_SIZE = 8,
	VXLAN_ID = 4, /* where the VNI is */
	VXLAN_GBP_FLAGS = 1,
	VXLAN_GBP_ID = 2,
	FLAG_VNI = 0x08,
	FLAG_GBP = 0x80,
	FLAG_GPE = 0x04, /* the header says what is inside … */
	GPE_UNKNOWN = 0x31, /* another version, or for those who manage the tunnel */
	GPE_TYPE = 3, /* … here */
	GBP_FLAGS = 0x48, /* don't learn, policy applied */
};

/* Ethernet types by their numbers in the header. */
static const uint16_t gpe_types[] = {
	[1] = TYPE_IPV4,
	[2] = TYPE_IPV6,
	[3] = TYPE_TEB,
	[5] = TYPE_MPLS,
};

static int parse_gpe(const uint8_t *vxlan, struct tunnel_info *info)
{
	unsigned number = vxlan[GPE_TYPE];

	if (vxlan[0] & (GPE_UNKNOWN | FLAG_GBP) || number >= ARRAY_LENGTH(gpe_types) ||
	    !gpe_types[number])
		return TUNNEL_UNKNOWN;
	info->inner_type = be16_from(gpe_types[number]);
	return 0;
}

static uint8_t gpe_number(be16 type)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(gpe_types); i++)
		if (gpe_types[i] && be16_from(gpe_types[i]) == type)
			return (uint8_t)i;
	return 3;
}

static bool can_carry(be16 type)
{
	return gpe_types[gpe_number(type)] == be16_to(type);
}

static int parse(const uint8_t *header, uint32_t n, struct tunnel_info *info)
{
	const uint8_t *vxlan = header + UDP_SIZE;

	if (unlikely(n < UDP_SIZE + VXLAN_SIZE))
		return TUNNEL_CUT;
	if (unlikely(!(vxlan[0] & FLAG_VNI)))
		return TUNNEL_WRONG;
	info->size = UDP_SIZE + VXLAN_SIZE;
	/* The VNI's 24 bits are at the end of the 64. */
	info->id = be64_from(be32_to(load32(vxlan + VXLAN_ID)) >> 8);
	info->has_key = true;
	info->inner_type = be16_from(TYPE_TEB);
	if (unlikely(vxlan[0] & FLAG_GPE))
		return parse_gpe(vxlan, info);
	if (unlikely(vxlan[0] & FLAG_GBP)) {
		info->has_gbp = true;
		info->gbp_flags = vxlan[VXLAN_GBP_FLAGS] & GBP_FLAGS;
		info->gbp_id = load16(vxlan + VXLAN_GBP_ID);
	}
	return 0;
}

static unsigned build(uint8_t *header, const struct tunnel_wish *wish)
{
	be32 vni = be32_from((uint32_t)(be64_to(wish->id) << 8));

	memset(header, 0, VXLAN_SIZE);
	header[0] = FLAG_VNI;
	if (wish->gpe) {
		header[0] |= FLAG_GPE;
		header[GPE_TYPE] = gpe_number(wish->inner_type);
	}
	if (wish->has_gbp) {
		header[0] |= FLAG_GBP;
		header[VXLAN_GBP_FLAGS] = wish->gbp_flags & GBP_FLAGS;
		memcpy(header + VXLAN_GBP_ID, &wish->gbp_id, sizeof(wish->gbp_id));
	}
	memcpy(header + VXLAN_ID, &vni, sizeof(vni));
	return VXLAN_SIZE;
}

static const struct encapsulation vxlan = {
	.name = "vxlan",
	.proto = PROTO_UDP,
	.port = 4789,
	.max_id = 0xffffff,
	.mbuf_flag = RTE_MBUF_F_TX_TUNNEL_VXLAN,
	.carries_any = true,
	.can_carry = can_carry,
	.parse = parse,
	.build = build,
};

static struct port *open_port(const char *name, const json_t *options, struct errbuf *err)
{
	return tunnel_open(&vxlan, name, options, err);
}

static const struct option options[] = {
	TUNNEL_OPTIONS,
	TUNNEL_OPTION_CSUM,
	TUNNEL_OPTION_DST_PORT("4789"),
	{.name = "exts",
	 .kind = OPTION_ENUM,
	 .apply = OPTION_REOPEN,
	 .choices = "gbp|gpe",
	 .help = "Extensions: 'gbp' carries a group policy id, matched and set as tun_gbp_id and "
		 "tun_gbp_flags; with 'gpe' the header says what is inside (see packet_type)."},
};

static const struct port_type port_type_vxlan = {
	.name = "vxlan",
	.help = "A tunnel in UDP that carries Ethernet frames of 16 million segments (RFC 7348).",
	.options = options,
	.n_options = ARRAY_LENGTH(options),
	.open = open_port,
	.close = tunnel_close,
};
REGISTRY_ADD(port_type, port_type_vxlan);
