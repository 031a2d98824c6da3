/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/l2/mcast_table.h"

#include <stdlib.h>
#include <string.h>

#include <urcu/list.h>
#include <urcu/rculfhash.h>

#include "lib/clock.h"
#include "lib/epoch.h"
#include "lib/hash.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	DEFAULT_MAX = 2048,
	DEFAULT_AGING_MS = 300000,
	BUCKETS = 4096,
	MEMBERS_MAX = 65536, /* of a group: as many as there are ports */
};

/* An lport that wants a group, or leads to a router. */
struct member {
	struct cds_list_head in_group;
	uint32_t lport;
	bool fixed;
	int64_t heard_ms;
};

/* A group of a VLAN, or the routers of one: then all of 'ip' is zero. */
struct group {
	struct cds_lfht_node node;
	uint16_t vlan;
	uint8_t ip[MCAST_ADDRESS_SIZE];
	struct mcast_ports *ports; /* main writes, translators read */
	/* Main. */
	struct cds_list_head members;
	unsigned n;
	struct cds_list_head in_table; /* those heard of least lately first */
};

struct mcast_table {
	struct cds_lfht *groups; /* main writes, translators read */
	struct cds_list_head by_age;
	unsigned max;
	int64_t aging_ms;
	mcast_changed_fn *changed;
	void *context;
	struct mcast_stats stats;
};

struct group_key {
	uint16_t vlan;
	const uint8_t *ip;
};

static const uint8_t routers_ip[MCAST_ADDRESS_SIZE];

static int key_matches(struct cds_lfht_node *node, const void *key_)
{
	const struct group *group = container_of(node, struct group, node);
	const struct group_key *key = key_;

	return group->vlan == key->vlan && !memcmp(group->ip, key->ip, sizeof(group->ip));
}

static struct group *find(const struct mcast_table *table, uint16_t vlan, const uint8_t *ip)
{
	struct group_key key = {.vlan = vlan, .ip = ip};
	struct cds_lfht_iter iter;

	cds_lfht_lookup(
		table->groups, hash_bytes(ip, MCAST_ADDRESS_SIZE, vlan), key_matches, &key, &iter
	);
	struct cds_lfht_node *node = cds_lfht_iter_get_node(&iter);

	return node ? container_of(node, struct group, node) : NULL;
}

const struct mcast_ports *
mcast_table_find(const struct mcast_table *table, uint16_t vlan, const uint8_t *ip)
{
	const struct group *group = find(table, vlan, ip);

	return group ? epoch_load(&group->ports) : NULL;
}

const struct mcast_ports *mcast_table_routers(const struct mcast_table *table, uint16_t vlan)
{
	return mcast_table_find(table, vlan, routers_ip);
}

static void free_ports(void *ports)
{
	free(ports);
}

static bool is_routers(const struct group *group)
{
	return !memcmp(group->ip, routers_ip, sizeof(routers_ip));
}

/* Publishes the members as they are now. */
static void publish(struct mcast_table *table, struct group *group)
{
	struct mcast_ports *ports = xmalloc(sizeof(*ports) + group->n * sizeof(ports->lports[0]));
	struct mcast_ports *old = group->ports;
	struct member *member;

	ports->n = 0;
	cds_list_for_each_entry(member, &group->members, in_group)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it is unlinked before it is freed. */
		ports->lports[ports->n++] = member->lport;
	epoch_store(&group->ports, ports);
	epoch_free(old, free_ports);
	table->changed(table->context, group->vlan, is_routers(group) ? NULL : group->ip);
}

static void free_group(void *group_)
{
	struct group *group = group_;

	free(group->ports);
	free(group);
}

static void remove_group(struct mcast_table *table, struct group *group)
{
	struct member *member, *next;

	cds_list_for_each_entry_safe(member, next, &group->members, in_group)
		free(member);
	cds_lfht_del(table->groups, &group->node);
	cds_list_del(&group->in_table);
	table->stats.n -= !is_routers(group);
	table->changed(table->context, group->vlan, is_routers(group) ? NULL : group->ip);
	epoch_free(group, free_group);
}

static void remove_member(struct mcast_table *table, struct group *group, struct member *member)
{
	cds_list_del(&member->in_group);
	free(member);
	if (--group->n)
		publish(table, group);
	else
		remove_group(table, group);
}

/* The group that was heard of least lately makes room. */
static void evict(struct mcast_table *table)
{
	struct group *group;

	cds_list_for_each_entry(group, &table->by_age, in_table) {
		if (is_routers(group))
			continue;
		table->stats.evicted++;
		remove_group(table, group);
		return;
	}
}

static struct group *get(struct mcast_table *table, uint16_t vlan, const uint8_t *ip)
{
	struct group *group = find(table, vlan, ip);

	if (group)
		return group;
	if (table->stats.n >= table->max)
		evict(table);
	group = XNEW(struct group);
	cds_lfht_node_init(&group->node);
	group->vlan = vlan;
	memcpy(group->ip, ip, sizeof(group->ip));
	CDS_INIT_LIST_HEAD(&group->members);
	cds_list_add_tail(&group->in_table, &table->by_age);
	cds_lfht_add(table->groups, hash_bytes(ip, sizeof(group->ip), vlan), &group->node);
	if (!is_routers(group)) {
		table->stats.n++;
		table->stats.learned++;
	}
	return group;
}

static struct member *find_member(const struct group *group, uint32_t lport)
{
	struct member *member;

	cds_list_for_each_entry(member, &group->members, in_group)
		if (member->lport == lport)
			return member;
	return NULL;
}

void mcast_table_join(
	struct mcast_table *table, uint16_t vlan, const uint8_t *ip, uint32_t lport, bool fixed
)
{
	struct group *group = get(table, vlan, ip);
	struct member *member = find_member(group, lport);
	bool is_new = !member;

	if (is_new && group->n == MEMBERS_MAX)
		return;
	if (is_new) {
		member = XNEW(struct member);
		member->lport = lport;
		cds_list_add_tail(&member->in_group, &group->members);
		group->n++;
	}
	member->fixed |= fixed;
	member->heard_ms = clock_ms();
	cds_list_del(&group->in_table);
	cds_list_add_tail(&group->in_table, &table->by_age);
	if (is_new)
		publish(table, group);
}

bool mcast_table_leave(
	struct mcast_table *table, uint16_t vlan, const uint8_t *ip, uint32_t lport, bool fixed
)
{
	struct group *group = find(table, vlan, ip);
	struct member *member = group ? find_member(group, lport) : NULL;

	if (!member || (member->fixed && !fixed))
		return false;
	remove_member(table, group, member);
	return true;
}

void mcast_table_add_router(struct mcast_table *table, uint16_t vlan, uint32_t lport)
{
	mcast_table_join(table, vlan, routers_ip, lport, false);
}

/* Takes out the members that 'ends' is for. */
typedef bool ends_fn(const struct mcast_table *table, const struct member *member, uint32_t lport);

static void weed(struct mcast_table *table, ends_fn *ends, uint32_t lport)
{
	struct group *group, *next_group;
	struct member *member, *next;

	cds_list_for_each_entry_safe(group, next_group, &table->by_age, in_table) {
		unsigned left = group->n;

		/* The group goes with its last member. */
		cds_list_for_each_entry_safe(member, next, &group->members, in_group) {
			if (!ends(table, member, lport))
				continue;
			left--;
			remove_member(table, group, member);
			if (!left)
				break;
		}
	}
}

static bool is_old(const struct mcast_table *table, const struct member *member, uint32_t lport)
{
	return !member->fixed && clock_ms() - member->heard_ms >= table->aging_ms;
}

static bool is_learned(const struct mcast_table *table, const struct member *member, uint32_t lport)
{
	return !member->fixed;
}

static bool is_of(const struct mcast_table *table, const struct member *member, uint32_t lport)
{
	return member->lport == lport;
}

void mcast_table_flush(struct mcast_table *table)
{
	weed(table, is_learned, 0);
}

void mcast_table_flush_lport(struct mcast_table *table, uint32_t lport)
{
	weed(table, is_of, lport);
}

void mcast_table_age(struct mcast_table *table)
{
	unsigned before = table->stats.n;

	weed(table, is_old, 0);
	table->stats.expired += before - table->stats.n;
}

struct mcast_table *mcast_table_new(mcast_changed_fn *changed, void *context)
{
	struct mcast_table *table = XNEW(struct mcast_table);

	table->groups = cds_lfht_new_flavor(BUCKETS, BUCKETS, 0, 0, &urcu_qsbr_flavor, NULL);
	CDS_INIT_LIST_HEAD(&table->by_age);
	table->max = DEFAULT_MAX;
	table->aging_ms = DEFAULT_AGING_MS;
	table->changed = changed;
	table->context = context;
	return table;
}

void mcast_table_free(struct mcast_table *table)
{
	struct group *group, *next;

	if (!table)
		return;
	cds_list_for_each_entry_safe(group, next, &table->by_age, in_table)
		remove_group(table, group);
	cds_lfht_destroy(table->groups, NULL);
	free(table);
}

void mcast_table_configure(struct mcast_table *table, unsigned max, int64_t aging_ms)
{
	table->max = max ? max : DEFAULT_MAX;
	table->aging_ms = aging_ms ? aging_ms : DEFAULT_AGING_MS;
	while (table->stats.n > table->max)
		evict(table);
}

void mcast_table_get_stats(const struct mcast_table *table, struct mcast_stats *stats)
{
	*stats = table->stats;
	stats->max = table->max;
}

void mcast_table_clear_stats(struct mcast_table *table)
{
	table->stats.learned = table->stats.expired = table->stats.evicted = 0;
}

void mcast_table_foreach(const struct mcast_table *table, mcast_visit_fn *visit, void *context)
{
	const struct group *group;
	const struct member *member;
	int64_t now = clock_ms();

	cds_list_for_each_entry(group, &table->by_age, in_table)
		cds_list_for_each_entry(member, &group->members, in_group)
			visit(context,
			      group->vlan,
			      is_routers(group) ? NULL : group->ip,
			      member->lport,
			      member->fixed ? MCAST_FOREVER : now - member->heard_ms);
}
