/* SPDX-License-Identifier: Apache-2.0 */

/* Shows routes: those given by command, those of the kernel that lead through bridges, and the ways
 * found to the far ends of tunnels.  */

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "lib/command.h"
#include "lib/netlink/netlink.h"
#include "lib/strbuf.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/underlay/route_line.h"
#include "ofproto/underlay/rules.h"
#include "ofproto/underlay/underlay_priv.h"

enum {
	ALL_TABLES = 0,
	SHOWN_MAX = 5000, /* of one bridge: the kernel may know a million */
};

struct showing {
	json_t *lines;
	uint32_t table; /* ALL_TABLES, RT_TABLE_MAIN: the usual three */
	const char *device; /* the present one */
	unsigned n; /* shown of it */
};

static bool is_usual(uint32_t table)
{
	return table == RT_TABLE_MAIN || table == RT_TABLE_LOCAL || table == RT_TABLE_DEFAULT;
}

static void show_line(void *showing_, const struct route_line *r)
{
	const struct showing *showing = showing_;
	struct strbuf line = STRBUF_INIT;
	char text[IPADDR_TEXT_SIZE];

	if (showing->table && r->table != showing->table &&
	    (!is_usual(r->table) || !is_usual(showing->table)))
		return;
	strbuf_addf(&line, "%s: %s/%u", r->kind, ipaddr_format(&r->prefix, text), r->length);
	if (r->mark)
		strbuf_addf(&line, " MARK %u", r->mark);
	strbuf_addf(&line, " dev %s", r->device);
	if (!ipaddr_is_none(&r->hop))
		strbuf_addf(&line, " GW %s", ipaddr_format(&r->hop, text));
	if (!ipaddr_is_none(&r->src))
		strbuf_addf(&line, " SRC %s", ipaddr_format(&r->src, text));
	if (r->table == RT_TABLE_LOCAL && strcmp(r->kind, "User"))
		strbuf_add(&line, " local");
	if (!showing->table && !is_usual(r->table))
		strbuf_addf(&line, " table %u", r->table);
	json_array_append_new(showing->lines, json_string(strbuf_text(&line)));
	strbuf_fini(&line);
}

static void show_way(const struct underlay_route *route, void *showing)
{
	const struct bridge *bridge = bridge_at(route->bridge);
	struct underlay_route user;

	if (!bridge || user_routes_find(&route->end, &user))
		return;
	struct route_line line = {
		.kind = "Cached",
		.prefix = route->end.dst,
		.length = ipaddr_is_v4(&route->end.dst) ? 32 : 128,
		.table = RT_TABLE_MAIN,
		.mark = route->end.mark,
		.device = bridge->name,
		.src = route->src,
	};

	if (!ipaddr_equal(&route->hop, &route->end.dst))
		line.hop = route->hop;
	show_line(showing, &line);
}

/* The kernel's. */

static void get_ip(const struct rtattr *attribute, struct ipaddr *ip)
{
	be32 v4;

	if (attribute && RTA_PAYLOAD(attribute) == sizeof(v4)) {
		memcpy(&v4, RTA_DATA(attribute), sizeof(v4));
		*ip = ipaddr_from_v4(v4);
	} else if (attribute && RTA_PAYLOAD(attribute) == sizeof(*ip)) {
		memcpy(ip, RTA_DATA(attribute), sizeof(*ip));
	}
}

static bool show_kernels(void *showing_, const struct nlmsghdr *message)
{
	struct showing *showing = showing_;
	const struct rtmsg *body = NLMSG_DATA(message);
	const struct rtattr *a[RTA_TABLE + 1];
	struct route_line line = {.kind = "Cached", .device = showing->device};
	uint32_t number;

	if (!netlink_parse(message, sizeof(*body), a, ARRAY_LENGTH(a)) ||
	    (body->rtm_type != RTN_UNICAST && body->rtm_type != RTN_LOCAL))
		return true;
	line.table = body->rtm_table;
	if (a[RTA_TABLE] && RTA_PAYLOAD(a[RTA_TABLE]) == sizeof(number)) {
		memcpy(&number, RTA_DATA(a[RTA_TABLE]), sizeof(number));
		line.table = number;
	}
	line.length = body->rtm_dst_len;
	if (body->rtm_family == AF_INET)
		line.prefix = ipaddr_from_v4(0);
	get_ip(a[RTA_DST], &line.prefix);
	get_ip(a[RTA_GATEWAY], &line.hop);
	get_ip(a[RTA_PREFSRC], &line.src);
	show_line(showing, &line);
	return ++showing->n < SHOWN_MAX;
}

static void show_through(struct showing *showing, const char *device, uint8_t family)
{
	struct rtmsg body = {.rtm_family = family};
	struct netlink_request request;
	uint32_t link = if_nametoindex(device);

	if (!link)
		return;
	showing->device = device;
	showing->n = 0;
	netlink_begin(&request, RTM_GETROUTE, NLM_F_DUMP, &body, sizeof(body));
	netlink_add(&request, RTA_OIF, &link, sizeof(link));
	netlink_ask_now(&request, show_kernels, showing);
	if (showing->n == SHOWN_MAX)
		json_array_append_new(
			showing->lines, json_sprintf("More routes lead through %s.", device)
		);
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	struct showing showing = {.table = RT_TABLE_MAIN};
	const struct bridge *bridge;
	const char *word = call->argc ? call->argv[0] : "table=main";

	if (!strcmp(word, "table=all")) {
		showing.table = ALL_TABLES;
	} else if (strncmp(word, "table=", 6) || !rules_read_table(word + 6, &showing.table)) {
		errbuf_set(err, -EINVAL, "%s: table=all or table=N is wanted", word);
		return NULL;
	}
	showing.lines = json_array();
	underlay_flush();
	user_routes_foreach(show_line, &showing);
	routes_foreach(show_way, &showing);
	HMAP_FOREACH(bridge, node, bridges_all()) {
		show_through(&showing, bridge->name, AF_INET);
		show_through(&showing, bridge->name, AF_INET6);
	}
	return showing.lines;
}

static void format_show(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *line;

	strbuf_add(out, "Route Table:\n");
	json_array_foreach(answer, i, line)
		strbuf_addf(out, "%s\n", json_string_value(line));
}

static int read_word(struct underlay_end *end, const char *word, struct errbuf *err)
{
	if (!strncmp(word, "pkt_mark=", 9))
		end->mark = (uint32_t)strtoul(word + 9, NULL, 0);
	else if (strncmp(word, "src=", 4) || !ipaddr_parse(&end->from, word + 4))
		return errbuf_set(
			err, -EINVAL, "%s: pkt_mark=NUMBER or src=ADDRESS is wanted", word
		);
	return 0;
}

static json_t *cmd_lookup(struct command_call *call, struct errbuf *err)
{
	struct underlay_end end = {.mark = 0};
	struct underlay_route route;
	char src[IPADDR_TEXT_SIZE], hop[IPADDR_TEXT_SIZE];
	static const struct ipaddr none;

	if (!ipaddr_parse(&end.dst, call->argv[0])) {
		errbuf_set(err, -EINVAL, "%s: an IP address is wanted", call->argv[0]);
		return NULL;
	}
	for (int i = 1; i < call->argc; i++)
		if (read_word(&end, call->argv[i], err))
			return NULL;
	routes_find_now(&end, &route);
	const struct bridge *bridge = bridge_at(route.bridge);

	if (!bridge) {
		errbuf_set(
			err,
			-ENETUNREACH,
			"%s: no route leads there through a bridge",
			call->argv[0]
		);
		return NULL;
	}
	bool direct = ipaddr_equal(&route.hop, &end.dst);

	return json_sprintf(
		"src %s\ngateway %s\ndev %s\n",
		ipaddr_format(ipaddr_is_none(&end.from) ? &route.src : &end.from, src),
		ipaddr_format(direct ? &none : &route.hop, hop),
		bridge->name
	);
}

MGMT_COMMAND_TEXT(
	ovs_route_show,
	"ovs/route/show",
	"[table=all|N]",
	0,
	1,
	cmd_show,
	"Lists routes added, the kernel's through bridges, and ways found to the far ends of tunnels.",
	format_show
);
MGMT_COMMAND(
	ovs_route_lookup,
	"ovs/route/lookup",
	"IP [pkt_mark=N] [src=IP]",
	1,
	3,
	cmd_lookup,
	"The way that packets of a tunnel to this far end take."
);
