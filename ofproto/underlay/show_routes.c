/* SPDX-License-Identifier: Apache-2.0 */

/* Shows routes: those given by command, those of the kernel that lead through bridges, and the ways
 * found to the far ends of tunnels.  */

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/command.h"
#include "lib/netlink/netlink.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/underlay/route_line.h"
#include "ofproto/underlay/rules.h"
#include "ofproto/underlay/underlay_priv.h"

enum {
	ALL_TABLES = 0
};

/* The kernel may know a million, so its answers are read piece by piece. */
struct showing {
	json_t *lines; /* of the present part */
	uint32_t table; /* ALL_TABLES, RT_TABLE_MAIN: the usual three */
	bool ours_shown; /* those that are not the kernel's */
	char **devices; /* of bridges */
	size_t n_devices;
	size_t asked; /* of two questions for each device, for IPv4 and IPv6 */
	int answer; /* to the last of them, while it is read; or -1 */
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
	struct route_line line = {
		.kind = "Cached", .device = showing->devices[(showing->asked - 1) / 2]};
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
	return true;
}

/* Asks for the next device's routes. */
static void ask(struct showing *showing)
{
	struct rtmsg body = {.rtm_family = showing->asked % 2 ? AF_INET6 : AF_INET};
	uint32_t link = if_nametoindex(showing->devices[showing->asked / 2]);
	struct netlink_request request;

	showing->asked++;
	if (!link)
		return;
	netlink_begin(&request, RTM_GETROUTE, NLM_F_DUMP, &body, sizeof(body));
	netlink_add(&request, RTA_OIF, &link, sizeof(link));
	showing->answer = netlink_ask(&request);
}

static bool show_more(void *showing_, json_t *lines)
{
	struct showing *showing = showing_;

	showing->lines = lines;
	if (!showing->ours_shown) {
		showing->ours_shown = true;
		user_routes_foreach(show_line, showing);
		routes_foreach(show_way, showing);
	} else if (showing->answer < 0) {
		ask(showing);
	} else if (netlink_read(showing->answer, show_kernels, showing) <= 0) {
		close(showing->answer);
		showing->answer = -1;
	}
	return showing->answer >= 0 || showing->asked < 2 * showing->n_devices;
}

static void end_showing(void *showing_)
{
	struct showing *showing = showing_;

	if (showing->answer >= 0)
		close(showing->answer);
	for (size_t i = 0; i < showing->n_devices; i++)
		free(showing->devices[i]);
	free(showing->devices);
	free(showing);
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	uint32_t table = RT_TABLE_MAIN;
	const struct bridge *bridge;
	const char *word = call->argc ? call->argv[0] : "table=main";

	if (!strcmp(word, "table=all")) {
		table = ALL_TABLES;
	} else if (strncmp(word, "table=", 6) || !rules_read_table(word + 6, &table)) {
		errbuf_set(err, -EINVAL, "%s: table=all or table=N is wanted", word);
		return NULL;
	}
	struct showing *showing = XNEW(struct showing);

	showing->table = table;
	showing->answer = -1;
	showing->devices = XNEW_N(char *, hmap_count(bridges_all()));
	HMAP_FOREACH(bridge, node, bridges_all())
		showing->devices[showing->n_devices++] = xstrdup(bridge->name);
	underlay_flush();
	command_answer_in_parts(call, show_more, end_showing, showing);
	return NULL;
}

static void format_show(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *line;

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

MGMT_COMMAND_TABLE(
	ovs_route_show,
	"ovs/route/show",
	"[table=all|N]",
	0,
	1,
	cmd_show,
	"Lists routes added, the kernel's through bridges, and ways found to the far ends of tunnels.",
	"Route Table:\n",
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
