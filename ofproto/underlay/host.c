/* SPDX-License-Identifier: Apache-2.0 */

/* The host's links and addresses, kept as the kernel tells them. Only a bridge's own device matters,
 * but which that is can change with every bridge.  */

#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/netlink/netlink.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/underlay/underlay_priv.h"

enum {
	ADDRESSES_MAX = 4096
};

struct link {
	struct hmap_node node; /* by index */
	int index;
	char name[IFNAMSIZ];
	struct mac mac;
	unsigned up; /* IFF_UP, IFF_RUNNING: a route through a link that is not goes silently */
	bool stale; /* news were lost, and it was not heard of since */
};

struct address {
	int link;
	struct ipaddr ip;
	unsigned length;
	bool stale;
};

static struct netlink *news;
static struct hmap links;
static struct address addresses[ADDRESSES_MAX];
static unsigned n_addresses;

static struct link *find_link(int index)
{
	struct link *link;

	HMAP_FOREACH_WITH_HASH(link, node, hash_u64((uint64_t)index, 0), &links)
		if (link->index == index)
			return link;
	return NULL;
}

static struct link *find_bridge_link(uint32_t index)
{
	const struct bridge *bridge = bridge_at(index);
	struct link *link;

	if (!bridge)
		return NULL;
	HMAP_FOREACH(link, node, &links)
		if (!strcmp(link->name, bridge->name))
			return link;
	return NULL;
}

uint32_t host_bridge_of(int index)
{
	const struct link *link = find_link(index);
	const struct bridge *bridge = link ? bridge_find(link->name) : NULL;

	return bridge ? bridge->index : UNDERLAY_NO_BRIDGE;
}

struct mac host_bridge_mac(uint32_t bridge)
{
	const struct link *link = find_bridge_link(bridge);

	return link ? link->mac : (struct mac){{0}};
}

bool host_source_for(uint32_t bridge, const struct ipaddr *dst, struct ipaddr *src)
{
	const struct link *link = find_bridge_link(bridge);
	const struct address *best = NULL;

	for (unsigned i = 0; link && i < n_addresses; i++) {
		const struct address *address = &addresses[i];

		if (address->link != link->index || ipaddr_is_v4(&address->ip) != ipaddr_is_v4(dst))
			continue;
		if (!best || ipaddr_in_prefix(dst, &address->ip, address->length))
			best = address;
	}
	if (best)
		*src = best->ip;
	return best;
}

void host_put_addresses(void)
{
	for (unsigned i = 0; i < n_addresses; i++) {
		const struct link *link = find_link(addresses[i].link);
		const struct bridge *bridge = link ? bridge_find(link->name) : NULL;

		if (bridge)
			underlay_put_address(bridge->index, &addresses[i].ip, link->mac);
	}
}

/* News. */

static void changed(int link)
{
	uint32_t bridge = host_bridge_of(link);

	if (bridge != UNDERLAY_NO_BRIDGE)
		underlay_note(DEP_UNDERLAY_ADDRESS, bridge, 0);
	routes_doubt();
}

static void forget_link(struct link *link)
{
	changed(link->index);
	hmap_del(&links, &link->node);
	free(link);
}

static void read_link(const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	const struct rtattr *a[IFLA_IFNAME + 1];

	if (!netlink_parse(message, sizeof(*info), a, ARRAY_LENGTH(a)))
		return;
	struct link *link = find_link(info->ifi_index);

	if (message->nlmsg_type == RTM_DELLINK) {
		if (link)
			forget_link(link);
		return;
	}
	if (!link) {
		link = XNEW(struct link);
		link->index = info->ifi_index;
		hmap_add(&links, &link->node, hash_u64((uint64_t)link->index, 0));
	}
	struct link before = *link;

	if (a[IFLA_IFNAME]) {
		strncpy(link->name, RTA_DATA(a[IFLA_IFNAME]), sizeof(link->name) - 1);
		link->name[sizeof(link->name) - 1] = '\0';
	}
	if (a[IFLA_ADDRESS] && RTA_PAYLOAD(a[IFLA_ADDRESS]) == sizeof(link->mac))
		memcpy(&link->mac, RTA_DATA(a[IFLA_ADDRESS]), sizeof(link->mac));
	link->up = info->ifi_flags & (IFF_UP | IFF_RUNNING);
	link->stale = false;
	if (before.up != link->up || strcmp(before.name, link->name) ||
	    memcmp(&before.mac, &link->mac, sizeof(link->mac)))
		changed(link->index);
}

static bool get_ip(const struct rtattr *attribute, struct ipaddr *ip)
{
	if (attribute && RTA_PAYLOAD(attribute) == sizeof(be32)) {
		be32 v4;

		memcpy(&v4, RTA_DATA(attribute), sizeof(v4));
		*ip = ipaddr_from_v4(v4);
		return true;
	}
	if (attribute && RTA_PAYLOAD(attribute) == sizeof(*ip)) {
		memcpy(ip, RTA_DATA(attribute), sizeof(*ip));
		return true;
	}
	return false;
}

static void read_address(const struct nlmsghdr *message)
{
	const struct ifaddrmsg *info = NLMSG_DATA(message);
	const struct rtattr *a[IFA_LOCAL + 1];
	struct address address = {.stale = false};

	if (!netlink_parse(message, sizeof(*info), a, ARRAY_LENGTH(a)))
		return;
	address.link = (int)info->ifa_index;
	address.length = info->ifa_prefixlen;
	if (!get_ip(a[IFA_LOCAL] ? a[IFA_LOCAL] : a[IFA_ADDRESS], &address.ip))
		return;
	unsigned i = 0;

	while (i < n_addresses &&
	       (addresses[i].link != address.link || !ipaddr_equal(&addresses[i].ip, &address.ip)))
		i++;
	if (i < n_addresses)
		addresses[i].stale = false;
	if (message->nlmsg_type == RTM_NEWADDR && i == n_addresses && i < ADDRESSES_MAX)
		addresses[n_addresses++] = address;
	else if (message->nlmsg_type == RTM_DELADDR && i < n_addresses)
		addresses[i] = addresses[--n_addresses];
	else
		return;
	changed(address.link);
}

static void forget_stale(void)
{
	struct link *link;

	for (unsigned i = 0; i < n_addresses;) {
		if (!addresses[i].stale) {
			i++;
			continue;
		}
		int index = addresses[i].link;

		addresses[i] = addresses[--n_addresses];
		changed(index);
	}
	HMAP_FOREACH_SAFE(link, node, &links)
		if (link->stale)
			forget_link(link);
}

static bool read_message(void *context, const struct nlmsghdr *message)
{
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		read_link(message);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		read_address(message);
		break;
	default:
		break;
	}
	return true;
}

static bool ask(uint16_t type)
{
	struct netlink_request request;
	/* The longer of what the two kinds of dump want in front. */
	struct ifinfomsg all = {.ifi_family = AF_UNSPEC};
	size_t n = type == RTM_GETADDR ? sizeof(struct ifaddrmsg) : sizeof(all);

	netlink_begin(&request, type, NLM_F_DUMP, &all, n);
	return !netlink_ask_now(&request, read_message, NULL);
}

/* What was known stays in force until all has been told anew. */
static void ask_all(void)
{
	struct link *link;

	HMAP_FOREACH(link, node, &links)
		link->stale = true;
	for (unsigned i = 0; i < n_addresses; i++)
		addresses[i].stale = true;
	if (ask(RTM_GETLINK) && ask(RTM_GETADDR))
		forget_stale();
}

static void on_message(void *context, const struct nlmsghdr *message)
{
	read_message(context, message);
}

static void on_lost(void *context)
{
	ask_all();
}

int host_start(struct errbuf *err)
{
	static const struct netlink_listener listener = {.message = on_message, .lost = on_lost};

	hmap_init(&links);
	n_addresses = 0;
	news = netlink_open(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, &listener, err);
	if (!news)
		return err->error;
	ask_all();
	return 0;
}

void host_stop(void)
{
	struct link *link;

	netlink_close(news);
	news = NULL;
	HMAP_FOREACH_SAFE(link, node, &links) {
		hmap_del(&links, &link->node);
		free(link);
	}
	hmap_fini(&links);
}
