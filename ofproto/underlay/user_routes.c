/* SPDX-License-Identifier: Apache-2.0 */

/* Routes given by command (ovs/route/add). They come before the kernel's; an address given with one
 * counts as an address of the bridge's own device.  */

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "lib/command.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/underlay/route_line.h"
#include "ofproto/underlay/rules.h"
#include "ofproto/underlay/underlay_priv.h"

enum {
	ROUTES_MAX = 1024
};

struct user_route {
	struct ipaddr prefix;
	unsigned length;
	uint32_t table, mark;
	char *bridge;
	struct ipaddr hop, src; /* none: not given */
};

static struct user_route routes[ROUTES_MAX];
static unsigned n_routes;

struct search {
	const struct underlay_end *end;
	const struct user_route *best;
};

/* The longest prefix wins; a mark must be the same. */
static bool look(uint32_t table, void *search_)
{
	struct search *search = search_;
	const struct user_route *best = NULL;

	for (unsigned i = 0; i < n_routes; i++) {
		const struct user_route *r = &routes[i];

		if (r->table == table && r->mark == search->end->mark &&
		    ipaddr_in_prefix(&search->end->dst, &r->prefix, r->length) &&
		    (!best || r->length > best->length) && bridge_find(r->bridge))
			best = r;
	}
	search->best = best;
	return best;
}

bool user_routes_find(const struct underlay_end *end, struct underlay_route *route)
{
	struct search search = {.end = end};

	if (!n_routes || !rules_walk(end, look, &search))
		return false;
	route->bridge = bridge_find(search.best->bridge)->index;
	route->hop = search.best->hop;
	route->src = search.best->src;
	return true;
}

/* Whether packets by the route go to 'next' first. */
static bool leads_to(const struct user_route *route, const struct ipaddr *next)
{
	if (!ipaddr_is_none(&route->hop))
		return ipaddr_equal(&route->hop, next);
	return ipaddr_in_prefix(next, &route->prefix, route->length);
}

/* A device may have several addresses: the one to ask from is that of the route. */
bool user_routes_find_source(uint32_t bridge, const struct ipaddr *dst, struct ipaddr *src)
{
	const struct bridge *b = bridge_at(bridge);
	const struct user_route *best = NULL;

	for (unsigned i = 0; b && i < n_routes; i++) {
		const struct user_route *r = &routes[i];

		if (strcmp(r->bridge, b->name) || ipaddr_is_none(&r->src) ||
		    ipaddr_is_v4(&r->src) != ipaddr_is_v4(dst))
			continue;
		if (!best || (leads_to(r, dst) && !leads_to(best, dst)))
			best = r;
	}
	if (best)
		*src = best->src;
	return best;
}

void user_routes_put_addresses(void)
{
	for (unsigned i = 0; i < n_routes; i++) {
		const struct bridge *bridge = bridge_find(routes[i].bridge);

		if (bridge && !ipaddr_is_none(&routes[i].src))
			underlay_put_address(
				bridge->index, &routes[i].src, host_bridge_mac(bridge->index)
			);
	}
}

void user_routes_fini(void)
{
	while (n_routes)
		free(routes[--n_routes].bridge);
	rules_fini();
}

static void changed(const char *bridge_name)
{
	const struct bridge *bridge = bridge_find(bridge_name);

	if (bridge)
		underlay_note(DEP_UNDERLAY_ADDRESS, bridge->index, 0);
	routes_ask_again();
	underlay_flush();
}

/* "pkt_mark=1", "src=192.0.2.1" and "table=10" may stand anywhere behind the device; what is none of
 * these is the next hop. */
static int read_word(struct user_route *route, const char *word, struct errbuf *err)
{
	if (!strncmp(word, "pkt_mark=", 9)) {
		route->mark = (uint32_t)strtoul(word + 9, NULL, 0);
		return 0;
	}
	if (!strncmp(word, "table=", 6))
		return rules_read_table(word + 6, &route->table)
			? 0
			: errbuf_set(err, -EINVAL, "%s: a table's number is wanted", word);
	if (!strncmp(word, "src=", 4))
		return ipaddr_parse(&route->src, word + 4)
			? 0
			: errbuf_set(err, -EINVAL, "%s: an address is wanted", word);
	if (!ipaddr_parse(&route->hop, word))
		return errbuf_set(
			err,
			-EINVAL,
			"%s: the next hop's address, pkt_mark=NUMBER, src=ADDRESS or table=N is wanted",
			word
		);
	return 0;
}

static int read_prefix(struct user_route *route, const char *text, struct errbuf *err)
{
	if (ipaddr_parse_prefix(&route->prefix, &route->length, text))
		return 0;
	return errbuf_set(err, -EINVAL, "%s: an address like 192.0.2.0/24 is wanted", text);
}

static struct user_route *find_same(const struct user_route *like)
{
	for (unsigned i = 0; i < n_routes; i++)
		if (routes[i].table == like->table && routes[i].mark == like->mark &&
		    routes[i].length == like->length &&
		    ipaddr_in_prefix(&routes[i].prefix, &like->prefix, like->length))
			return &routes[i];
	return NULL;
}

static json_t *cmd_add(struct command_call *call, struct errbuf *err)
{
	struct user_route route = {.table = RT_TABLE_MAIN};
	const struct bridge *bridge;

	if (read_prefix(&route, call->argv[0], err))
		return NULL;
	bridge = bridge_find(call->argv[1]);
	if (!bridge) {
		errbuf_set(
			err,
			-ENOENT,
			"%s: no bridge has that name; packets of tunnels leave through bridges",
			call->argv[1]
		);
		return NULL;
	}
	for (int i = 2; i < call->argc; i++)
		if (read_word(&route, call->argv[i], err))
			return NULL;
	struct user_route *same = find_same(&route);

	if (!same && n_routes == ROUTES_MAX) {
		errbuf_set(err, -ENOSPC, "there are %d routes already", ROUTES_MAX);
		return NULL;
	}
	route.bridge = xstrdup(bridge->name);
	if (same)
		free(same->bridge);
	else
		same = &routes[n_routes++];
	*same = route;
	changed(route.bridge);
	return json_string("OK");
}

static json_t *cmd_del(struct command_call *call, struct errbuf *err)
{
	struct user_route route = {.table = RT_TABLE_MAIN};
	struct user_route *same;

	if (read_prefix(&route, call->argv[0], err))
		return NULL;
	for (int i = 1; i < call->argc; i++)
		if (read_word(&route, call->argv[i], err))
			return NULL;
	same = find_same(&route);
	if (!same) {
		errbuf_set(err, -ENOENT, "%s: no such route was added", call->argv[0]);
		return NULL;
	}
	route = *same;
	*same = routes[--n_routes];
	changed(route.bridge);
	free(route.bridge);
	return json_string("OK");
}

void user_routes_foreach(user_routes_visit_fn *visit, void *context)
{
	for (unsigned i = 0; i < n_routes; i++) {
		const struct user_route *r = &routes[i];

		visit(context,
		      &(struct route_line){
			      .kind = "User",
			      .prefix = r->prefix,
			      .length = r->length,
			      .table = r->table,
			      .mark = r->mark,
			      .device = r->bridge,
			      .hop = r->hop,
			      .src = r->src,
		      });
	}
}

MGMT_COMMAND(
	ovs_route_add,
	"ovs/route/add",
	"IP/LENGTH BRIDGE [NEXT_HOP] [pkt_mark=N] [src=IP] [table=N]",
	2,
	6,
	cmd_add,
	"Adds a route for tunnels, which comes before the kernel's."
);
MGMT_COMMAND(
	ovs_route_del,
	"ovs/route/del",
	"IP/LENGTH [pkt_mark=N] [table=N]",
	1,
	3,
	cmd_del,
	"Deletes a route that ovs/route/add added."
);
