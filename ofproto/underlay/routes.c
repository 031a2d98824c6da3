/* SPDX-License-Identifier: Apache-2.0 */

/* The ways to far ends. The kernel's tables are not copied, however long they are: for each far end
 * it is asked which way a packet would take, so that its policy rules hold as well. News of a route
 * makes the answers doubtful that its prefix covers, so that a table of a million routes that comes
 * and goes costs a search in a sorted array for each; news of rules and the like make all doubtful.
 * They are asked for again, some at a time, and only those that differ have consequences.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <urcu/list.h>
#include <uv.h>

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
	bool anywhere; /* the kernel is asked as if our address were not known: it is none of its own */
	bool asked;
	struct underlay_route route;
};

/* A question under way. */
struct question {
	uint32_t number; /* 0: the place is free */
	struct entry *entry; /* NULL: it is gone */
};

static struct netlink *asker, *news;
static struct hmap entries;
static struct question questions[QUESTIONS];
static struct entry **sorted; /* by address */
static unsigned n_sorted, sorted_size;
static bool is_sorted; /* it holds all entries */
static CDS_LIST_HEAD(queue);
static CDS_LIST_HEAD(unpinned);
static unsigned n_unpinned;
static uv_timer_t doubt_timer;
static bool started, doubt_all;

static struct entry *find(const struct underlay_end *end)
{
	struct entry *entry;

	HMAP_FOREACH_WITH_HASH(entry, node, underlay_end_hash(end, 0), &entries)
		if (underlay_end_equal(&entry->route.end, end))
			return entry;
	return NULL;
}

static void note(const struct entry *entry)
{
	underlay_note(DEP_ROUTE, 0, underlay_dep_of_route(&entry->route.end));
}

/* An answer that is under way is nobody's. */
static void forget_question(struct entry *entry)
{
	for (unsigned i = 0; entry->asked && i < QUESTIONS; i++)
		if (questions[i].entry == entry)
			questions[i].entry = NULL;
	entry->asked = false;
}

static void entry_free(struct entry *entry)
{
	if (entry->queued)
		cds_list_del(&entry->in_queue);
	if (!entry->pinned) {
		cds_list_del(&entry->in_unpinned);
		n_unpinned--;
	}
	forget_question(entry);
	hmap_del(&entries, &entry->node);
	is_sorted = false;
	note(entry);
	free(entry);
}

/* What is not said of a way follows from the bridge. */
static void complete(const struct underlay_end *end, struct underlay_route *found)
{
	found->end = *end;
	if (found->bridge == UNDERLAY_NO_BRIDGE)
		return;
	found->mac = host_bridge_mac(found->bridge);
	if (ipaddr_is_none(&found->hop))
		found->hop = end->dst;
	if (ipaddr_is_none(&found->src) &&
	    !host_source_for(found->bridge, &found->hop, &found->src))
		found->bridge = UNDERLAY_NO_BRIDGE;
}

/* Takes over what was found out. */
static void settle(struct entry *entry, struct underlay_route *found)
{
	complete(&entry->route.end, found);
	if (entry->known && !memcmp(&entry->route, found, sizeof(*found)))
		return;
	entry->known = true;
	entry->route = *found;
	note(entry);
	if (found->bridge != UNDERLAY_NO_BRIDGE)
		neighbours_want(found->bridge, &found->hop);
}

static void add_address(struct netlink_request *request, uint16_t type, const struct ipaddr *ip)
{
	be32 v4 = ipaddr_v4(ip);

	if (ipaddr_is_v4(ip))
		netlink_add(request, type, &v4, sizeof(v4));
	else
		netlink_add(request, type, ip, sizeof(*ip));
}

static void
make_request(struct netlink_request *request, const struct underlay_end *end, bool anywhere)
{
	bool v4 = ipaddr_is_v4(&end->dst);
	uint8_t bits = v4 ? 32 : 128;
	bool from = !anywhere && !ipaddr_is_none(&end->from) && ipaddr_is_v4(&end->from) == v4;
	struct rtmsg body = {
		.rtm_family = v4 ? AF_INET : AF_INET6,
		.rtm_dst_len = bits,
		.rtm_src_len = from ? bits : 0,
	};

	netlink_begin(request, RTM_GETROUTE, 0, &body, sizeof(body));
	add_address(request, RTA_DST, &end->dst);
	if (from)
		add_address(request, RTA_SRC, &end->from);
	if (end->mark)
		netlink_add(request, RTA_MARK, &end->mark, sizeof(end->mark));
}

/* False: no more can be asked now. */
static bool ask(struct entry *entry)
{
	struct netlink_request request;
	unsigned i = 0;

	while (i < QUESTIONS && questions[i].number)
		i++;
	if (i == QUESTIONS)
		return false;
	make_request(&request, &entry->route.end, entry->anywhere);
	int64_t number = netlink_send(asker, &request);

	if (number <= 0)
		return false;
	questions[i] = (struct question){(uint32_t)number, entry};
	entry->asked = true;
	return true;
}

static void ask_some(void)
{
	struct entry *entry, *next;
	struct underlay_route found;

	cds_list_for_each_entry_safe(entry, next, &queue, in_queue) {
		memset(&found, 0, sizeof(found));
		if (user_routes_find(&entry->route.end, &found)) {
			forget_question(entry);
			settle(entry, &found);
		} else if (entry->asked) {
			/* The answer under way may be older than the doubt: it is asked again then. */
			continue;
		} else if (!ask(entry)) {
			return;
		}
		cds_list_del(&entry->in_queue);
		entry->queued = false;
	}
}

static void enqueue(struct entry *entry)
{
	if (entry->queued)
		return;
	entry->anywhere = false;
	entry->queued = true;
	cds_list_add_tail(&entry->in_queue, &queue);
}

static struct entry *entry_new(const struct underlay_end *end)
{
	struct entry *entry = XNEW(struct entry);

	if (n_unpinned >= UNPINNED_MAX)
		entry_free(cds_list_first_entry(&unpinned, struct entry, in_unpinned));
	entry->route.end = *end;
	entry->route.bridge = UNDERLAY_NO_BRIDGE;
	hmap_add(&entries, &entry->node, underlay_end_hash(end, 0));
	is_sorted = false;
	cds_list_add_tail(&entry->in_unpinned, &unpinned);
	n_unpinned++;
	enqueue(entry);
	return entry;
}

void routes_want(const struct underlay_end *end)
{
	const struct entry *entry = find(end);

	if (!entry) {
		entry_new(end);
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

void routes_pin(const struct underlay_end *end)
{
	struct entry *entry = find(end);

	if (!entry)
		entry = entry_new(end);
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

/* Doubts. */

static void on_doubt(uv_timer_t *timer)
{
	if (doubt_all)
		routes_ask_again();
	doubt_all = false;
	ask_some();
}

static void ask_soon(void)
{
	if (started && !uv_is_active((uv_handle_t *)&doubt_timer))
		uv_timer_start(&doubt_timer, on_doubt, DOUBT_MS, 0);
}

void routes_doubt(void)
{
	doubt_all = true;
	ask_soon();
}

static int compare(const void *a_, const void *b_)
{
	const struct entry *const *a = a_, *const *b = b_;

	return memcmp(&(*a)->route.end.dst, &(*b)->route.end.dst, sizeof(struct ipaddr));
}

static void sort(void)
{
	struct entry *entry;

	if (is_sorted)
		return;
	if (hmap_count(&entries) > sorted_size) {
		sorted_size = (unsigned)hmap_count(&entries) * 2;
		sorted = xrealloc(sorted, sorted_size * sizeof(sorted[0]));
	}
	n_sorted = 0;
	HMAP_FOREACH(entry, node, &entries)
		sorted[n_sorted++] = entry;
	if (n_sorted)
		qsort(sorted, n_sorted, sizeof(sorted[0]), compare);
	is_sorted = true;
}

/* What is known of far ends within the prefix may be wrong. */
static void doubt_prefix(const struct ipaddr *prefix, unsigned length)
{
	unsigned low = 0, high;

	sort();
	high = n_sorted;
	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (memcmp(&sorted[middle]->route.end.dst, prefix, sizeof(*prefix)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < n_sorted && ipaddr_in_prefix(&sorted[low]->route.end.dst, prefix, length);
	     low++) {
		enqueue(sorted[low]);
		ask_soon();
	}
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

static struct entry *take_question(uint32_t number)
{
	for (unsigned i = 0; i < QUESTIONS; i++)
		if (questions[i].number == number) {
			questions[i].number = 0;
			return questions[i].entry;
		}
	return NULL;
}

static void on_answer(void *context, const struct nlmsghdr *message)
{
	struct entry *entry = take_question(message->nlmsg_seq);
	struct underlay_route found;

	if (!entry)
		return;
	entry->asked = false;
	if (message->nlmsg_type == NLMSG_ERROR && !entry->anywhere &&
	    !ipaddr_is_none(&entry->route.end.from)) {
		enqueue(entry);
		entry->anywhere = true;
	} else if (!entry->queued) {
		memset(&found, 0, sizeof(found));
		found.bridge = UNDERLAY_NO_BRIDGE;
		read_route(message, &found);
		settle(entry, &found);
	}
	ask_some();
}

static void on_lost(void *context)
{
	struct entry *entry;

	HMAP_FOREACH(entry, node, &entries)
		entry->asked = false;
	memset(questions, 0, sizeof(questions));
	routes_doubt();
}

static bool on_answer_now(void *found, const struct nlmsghdr *message)
{
	read_route(message, found);
	return true;
}

void routes_find_now(const struct underlay_end *end, struct underlay_route *found)
{
	struct netlink_request request;

	memset(found, 0, sizeof(*found));
	if (!user_routes_find(end, found)) {
		found->bridge = UNDERLAY_NO_BRIDGE;
		make_request(&request, end, false);
		if (netlink_ask_now(&request, on_answer_now, found) == -EINVAL) {
			make_request(&request, end, true);
			netlink_ask_now(&request, on_answer_now, found);
		}
	}
	complete(end, found);
}

/* News. */

static void on_news(void *context, const struct nlmsghdr *message)
{
	const struct rtmsg *body = NLMSG_DATA(message);
	bool is_route = message->nlmsg_type == RTM_NEWROUTE || message->nlmsg_type == RTM_DELROUTE;
	const struct rtattr *a[RTA_DST + 1];
	struct ipaddr prefix = {{0}};

	if (!is_route || !netlink_parse(message, sizeof(*body), a, ARRAY_LENGTH(a)) ||
	    !a[RTA_DST]) {
		routes_doubt();
		return;
	}
	get_ip(a[RTA_DST], &prefix);
	doubt_prefix(&prefix, body->rtm_dst_len);
}

static void on_news_lost(void *context)
{
	routes_doubt();
}

int routes_start(struct errbuf *err)
{
	static const struct netlink_listener answers = {.message = on_answer, .lost = on_lost};
	static const struct netlink_listener newspaper = {
		.message = on_news,
		.lost = on_news_lost,
	};
	const uint32_t groups = RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE | RTMGRP_IPV4_RULE |
		1u << (RTNLGRP_IPV6_RULE - 1) | 1u << (RTNLGRP_NEXTHOP - 1);

	hmap_init(&entries);
	/* News of a long table may come faster than they are read; what answers must not be lost
	 * with them. */
	asker = netlink_open(0, &answers, err);
	news = asker ? netlink_open(groups, &newspaper, err) : NULL;
	if (!news) {
		netlink_close(asker);
		asker = NULL;
		return -EIO;
	}
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
	netlink_close(news);
	asker = news = NULL;
	HMAP_FOREACH_SAFE(entry, node, &entries)
		entry_free(entry);
	hmap_fini(&entries);
	memset(questions, 0, sizeof(questions));
	free(sorted);
	sorted = NULL;
	n_sorted = sorted_size = 0;
	is_sorted = false;
}
