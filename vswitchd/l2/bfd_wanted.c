/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/l2/bfd_wanted.h"

#include <jansson.h>

#include "lib/ipaddr.h"
#include "lib/mac.h"
#include "lib/option.h"
#include "lib/ovsdb/db_row.h"
#include "lib/xmalloc.h"
#include "ofproto/bfd/bfd_settings.h"
#include "vswitchd/rows.h"

enum {
	/* 169.254.1.1 and 169.254.1.0: of the link, whoever is on it. */
	FROM_IP = 0xa9fe0101,
	TO_IP = 0xa9fe0100,
	MS_MAX = 4294967, /* the wire counts microseconds in 32 bits */
};

static struct mac get_mac(const json_t *map, const char *key, struct mac fallback)
{
	const char *text = option_get_string(map, key, NULL);
	struct mac mac;

	return text && mac_parse(text, &mac) ? mac : fallback;
}

static uint32_t get_ip(const json_t *map, const char *key, uint32_t fallback)
{
	const char *text = option_get_string(map, key, NULL);
	struct ipaddr ip;

	if (!text || !ipaddr_parse(&ip, text) || !ipaddr_is_v4(&ip))
		return fallback;
	return be32_to(ipaddr_v4(&ip));
}

static uint32_t
get_int(const json_t *map, const char *key, int64_t min, int64_t max, int64_t fallback)
{
	int64_t value = option_get_int(map, key, fallback);

	return (uint32_t)(value < min || value > max ? fallback : value);
}

static struct bfd_settings *read_settings(const json_t *map)
{
	static const struct mac none, group = {{0x00, 0x23, 0x20, 0x00, 0x00, 0x01}};
	struct bfd_settings *settings = XNEW(struct bfd_settings);

	settings->config.min_tx = get_int(map, "min_tx", 1, MS_MAX, 100);
	settings->config.min_rx = get_int(map, "min_rx", 1, MS_MAX, 1000);
	settings->config.decay_min_rx = get_int(map, "decay_min_rx", 0, MS_MAX, 0);
	settings->config.mult = (uint8_t)get_int(map, "mult", 1, UINT8_MAX, 3);
	settings->config.forwarding_if_rx = option_get_bool(map, "forwarding_if_rx", false);
	settings->config.cpath_down = option_get_bool(map, "cpath_down", false);
	settings->check_tunnel_key = option_get_bool(map, "check_tnl_key", false);
	settings->oam = option_get_bool(map, "oam", false);
	settings->from = get_mac(map, "bfd_local_src_mac", none);
	settings->to = get_mac(map, "bfd_local_dst_mac", group);
	settings->destination = get_mac(map, "bfd_remote_dst_mac", none);
	settings->from_ip = get_ip(map, "bfd_src_ip", FROM_IP);
	settings->to_ip = get_ip(map, "bfd_dst_ip", TO_IP);
	return settings;
}

struct bfd_settings *bfd_wanted_new(const struct db_row *interface)
{
	struct bfd_settings *settings = NULL;
	json_t *map;

	if (!db_row_count(interface, INTERFACE_BFD))
		return NULL;
	map = db_row_map_json(interface, INTERFACE_BFD);
	if (option_get_bool(map, "enable", false))
		settings = read_settings(map);
	json_decref(map);
	return settings;
}
