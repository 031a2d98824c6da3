/* SPDX-License-Identifier: Apache-2.0 */

/* The ways to far ends. The kernel's tables are not copied, however long they are: for each far end
 * it is asked which way a packet would take, so that its policy rules hold as well. Any news of
 * routes makes all answers doubtful; they are asked for again, some at a time, and only those that
 * differ have consequences.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <urcu/list.h>
#include <uv.h>

#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/netlink/netlink.h"
#include "lib/xmalloc.h"
#include "ofproto/underlay/underlay_priv.h"

enum {
	QUESTIONS = 32, /* under way at a time */
	DOUBT_MS = 20, /* news come in bursts */
	UNPINNED_MAX = 16384, /* far ends that only rules name; then the oldest is forgotten */
};

struct entry {
	struct hmap_node node;
	struct cds_list_head in_queue; /* to be asked */
	struct cds_list_head in_unpinned; /* oldest first, unless pinned */
	bool queued, pinned, wanted, known;
	int64_t question; /* under which number it was asked, 0: it was not */
	struct underlay_route route;
};

static struct netlink *asker;
static struct hmap entries;
static CDS_LIST_HEAD(queue);
static CDS_LIST_HEAD(unpinned);
static unsigned n_unpinned, n_asked;
static uv_timer_t doubt_timer;
static bool started;

static uint32_t hash_route(const struct ipaddr *dst, uint32_t mark)
{
	return hash_bytes(dst, sizeof(*dst), mark);
}

static struct entry *find(const struct ipaddr *dst, uint32_t mark)
{
	struct entry *entry;

	HMAP_FOREACH_WITH_HASH(entry, node, hash_route(dst, mark), &entries)
		if (entry->route.mark == mark && ipaddr_equal(&entry->route.dst, dst))
			return entry;
	return NULL;
}

static void note(const struct entry *entry)
{
	underlay_note(DEP_ROUTE, 0, underlay_dep_of_route(&entry->route.dst, entry->route.mark));
}

static void entry_free(struct entry *entry)
{
	if (entry->queued)
		cds_list_del(&entry->in_queue);
	if (!entry->pinned) {
		cds_list_del(&entry->in_unpinned);
		n_unpinned--;
	}
	n_asked -= entry->question != 0;
	hmap_del(&entries, &entry->node);
	note(entry);
	free(entry);
}

/* Takes over what was found out. */
static void settle(struct entry *entry, struct underlay_route *found)
{
	found->dst = entry->route.dst;
	found->mark = entry->route.mark;
	if (found->bridge != UNDERLAY_NO_BRIDGE) {
		found->mac = host_bridge_mac(found->bridge);
		if (ipaddr_is_none(&found->hop))
			found->hop = found->dst;
		if (ipaddr_is_none(&found->src) &&
		    !host_source_for(found->bridge, &found->hop, &found->src))
			found->bridge = UNDERLAY_NO_BRIDGE;
	}
	if (entry->known && !memcmp(&entry->route, found, sizeof(*found)))
		return;
	entry->known = true;
	entry->route = *found;
	note(entry);
	if (found->bridge != UNDERLAY_NO_BRIDGE)
		neighbours_want(found->bridge, &found->hop);
}

static void ask(struct entry *entry)
{
	struct netlink_request request;
	bool v4 = ipaddr_is_v4(&entry->route.dst);
	struct rtmsg body = {
		.rtm_family = v4 ? AF_INET : AF_INET6,
		.rtm_dst_len = v4 ? 32 : 128,
	};
	be32 short_dst = ipaddr_v4(&entry->route.dst);

	netlink_begin(&request, RTM_GETROUTE, 0, &body, sizeof(body));
	if (v4)
		netlink_add(&request, RTA_DST, &short_dst, sizeof(short_dst));
	else
		netlink_add(&request, RTA_DST, &entry->route.dst, sizeof(entry->route.dst));
	if (entry->route.mark)
		netlink_add(&request, RTA_MARK, &entry->route.mark, sizeof(entry->route.mark));
	int64_t number = netlink_send(asker, &request);

	if (number <= 0)
		return;
	entry->question = number;
	n_asked++;
}

static void ask_some(void)
{
	struct underlay_route found;

	while (n_asked < QUESTIONS && !cds_list_empty(&queue)) {
		struct entry *entry = cds_list_first_entry(&queue, struct entry, in_queue);

		cds_list_del(&entry->in_queue);
		entry->queued = false;
		memset(&found, 0, sizeof(found));
		if (user_routes_find(&entry->route.dst, entry->route.mark, &found))
			settle(entry, &found);
		else if (!entry->question)
			ask(entry);
	}
}

static void enqueue(struct entry *entry)
{
	if (entry->queued)
		return;
	entry->queued = true;
	cds_list_add_tail(&entry->in_queue, &queue);
}

static struct entry *entry_new(const struct ipaddr *dst, uint32_t mark)
{
	struct entry *entry = XNEW(struct entry);

	if (n_unpinned >= UNPINNED_MAX)
		entry_free(cds_list_first_entry(&unpinned, struct entry, in_unpinned));
	entry->route.dst = *dst;
	entry->route.mark = mark;
	entry->route.bridge = UNDERLAY_NO_BRIDGE;
	hmap_add(&entries, &entry->node, hash_route(dst, mark));
	cds_list_add_tail(&entry->in_unpinned, &unpinned);
	n_unpinned++;
	enqueue(entry);
	return entry;
}

void routes_want(const struct ipaddr *dst, uint32_t mark)
{
	const struct entry *entry = find(dst, mark);

	if (!entry) {
		entry_new(dst, mark);
		ask_some();
	} else if (entry->known && entry->route.bridge != UNDERLAY_NO_BRIDGE) {
		neighbours_want(entry->route.bridge, &entry->route.hop);
	}
}

void routes_begin_pins(void)
{
	struct entry *entry;

	HMAP_FOREACH(entry, node, &entries)
		entry->wanted = false;
}

void routes_pin(const struct ipaddr *dst, uint32_t mark)
{
	struct entry *entry = find(dst, mark);

	if (!entry)
		entry = entry_new(dst, mark);
	entry->wanted = true;
	if (entry->pinned)
		return;
	entry->pinned = true;
	cds_list_del(&entry->in_unpinned);
	n_unpinned--;
}

void routes_end_pins(void)
{
	struct entry *entry;

	HMAP_FOREACH_SAFE(entry, node, &entries)
		if (entry->pinned && !entry->wanted)
			entry_free(entry);
	ask_some();
}

void routes_ask_again(void)
{
	struct entry *entry;

	HMAP_FOREACH(entry, node, &entries)
		enqueue(entry);
	ask_some();
}

static void on_doubt(uv_timer_t *timer)
{
	routes_ask_again();
}

void routes_doubt(void)
{
	if (started && !uv_is_active((uv_handle_t *)&doubt_timer))
		uv_timer_start(&doubt_timer, on_doubt, DOUBT_MS, 0);
}

void routes_want_neighbours(void)
{
	struct entry *entry;

	HMAP_FOREACH(entry, node, &entries)
		if (entry->pinned && entry->known && entry->route.bridge != UNDERLAY_NO_BRIDGE)
			neighbours_want(entry->route.bridge, &entry->route.hop);
}

void routes_put(void)
{
	struct entry *entry;

	HMAP_FOREACH(entry, node, &entries)
		if (entry->known)
			underlay_put_route(&entry->route);
}

void routes_foreach(void (*visit)(const struct underlay_route *route, void *context), void *context)
{
	struct entry *entry;

	HMAP_FOREACH(entry, node, &entries)
		if (entry->known)
			visit(&entry->route, context);
}

/* Answers. */

static void get_ip(const struct rtattr *attribute, struct ipaddr *ip)
{
	size_t n = attribute ? RTA_PAYLOAD(attribute) : 0;
	be32 v4;

	if (n == sizeof(v4)) {
		memcpy(&v4, RTA_DATA(attribute), sizeof(v4));
		*ip = ipaddr_from_v4(v4);
	} else if (n == sizeof(*ip)) {
		memcpy(ip, RTA_DATA(attribute), sizeof(*ip));
	}
}

/* A next hop of the other IP version. */
static void get_via(const struct rtattr *attribute, struct ipaddr *ip)
{
	const struct rtvia *via = attribute ? RTA_DATA(attribute) : NULL;
	size_t n = attribute ? RTA_PAYLOAD(attribute) : 0;

	if (n == sizeof(*via) + sizeof(*ip))
		memcpy(ip, via->rtvia_addr, sizeof(*ip));
}

static void read_route(const struct nlmsghdr *message, struct underlay_route *found)
{
	const struct rtmsg *body = NLMSG_DATA(message);
	const struct rtattr *a[RTA_VIA + 1];
	int link;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    !netlink_parse(message, sizeof(*body), a, ARRAY_LENGTH(a)) ||
	    body->rtm_type != RTN_UNICAST || !a[RTA_OIF] || RTA_PAYLOAD(a[RTA_OIF]) != sizeof(link))
		return;
	memcpy(&link, RTA_DATA(a[RTA_OIF]), sizeof(link));
	found->bridge = host_bridge_of(link);
	get_ip(a[RTA_GATEWAY], &found->hop);
	get_via(a[RTA_VIA], &found->hop);
	get_ip(a[RTA_PREFSRC], &found->src);
}

static struct entry *find_question(uint32_t number)
{
	struct entry *entry;

	HMAP_FOREACH(entry, node, &entries)
		if (entry->question == number)
			return entry;
	return NULL;
}

static void on_answer(void *context, const struct nlmsghdr *message)
{
	struct entry *entry = find_question(message->nlmsg_seq);
	struct underlay_route found;

	if (!entry)
		return;
	entry->question = 0;
	n_asked--;
	memset(&found, 0, sizeof(found));
	found.bridge = UNDERLAY_NO_BRIDGE;
	read_route(message, &found);
	settle(entry, &found);
	ask_some();
}

static void on_lost(void *context)
{
	struct entry *entry;

	HMAP_FOREACH(entry, node, &entries)
		entry->question = 0;
	n_asked = 0;
	routes_doubt();
}

int routes_start(struct errbuf *err)
{
	static const struct netlink_listener listener = {.message = on_answer, .lost = on_lost};

	hmap_init(&entries);
	asker = netlink_open(0, &listener, err);
	if (!asker)
		return -EIO;
	uv_timer_init(uv_default_loop(), &doubt_timer);
	uv_unref((uv_handle_t *)&doubt_timer);
	started = true;
	return 0;
}

void routes_stop(void)
{
	struct entry *entry;

	started = false;
	uv_close((uv_handle_t *)&doubt_timer, NULL);
	netlink_close(asker);
	asker = NULL;
	HMAP_FOREACH_SAFE(entry, node, &entries)
		entry_free(entry);
	hmap_fini(&entries);
}
