/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/server/session_lock.h"

#include <stdlib.h>
#include <string.h>

#include <urcu/list.h>

#include "lib/hash.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

struct lock {
	struct hmap_node node;
	struct cds_list_head claims; /* the first is the owner's */
	char name[];
};

struct claim {
	struct cds_list_head node;
	void *session;
};

void session_locks_init(struct session_locks *locks)
{
	hmap_init(&locks->map);
}

void session_locks_fini(struct session_locks *locks)
{
	assert(!hmap_count(&locks->map));
	hmap_fini(&locks->map);
}

static struct lock *find_lock(const struct session_locks *locks, const char *name)
{
	struct lock *lock;

	HMAP_FOREACH_WITH_HASH(lock, node, hash_string(name, 0), &locks->map)
		if (!strcmp(lock->name, name))
			return lock;
	return NULL;
}

static struct lock *get_lock(struct session_locks *locks, const char *name)
{
	struct lock *lock = find_lock(locks, name);
	size_t length = strlen(name);

	if (lock)
		return lock;
	lock = xcalloc(1, sizeof(*lock) + length + 1);
	memcpy(lock->name, name, length);
	CDS_INIT_LIST_HEAD(&lock->claims);
	hmap_add(&locks->map, &lock->node, hash_string(name, 0));
	return lock;
}

static struct claim *owner(const struct lock *lock)
{
	return cds_list_first_entry(&lock->claims, struct claim, node);
}

static struct claim *find_claim(const struct lock *lock, const void *session)
{
	struct claim *claim;

	cds_list_for_each_entry(claim, &lock->claims, node)
		if (claim->session == session)
			return claim;
	return NULL;
}

bool session_lock_add(struct session_locks *locks, void *session, const char *name, bool *owned)
{
	struct lock *lock = get_lock(locks, name);
	struct claim *claim;

	if (find_claim(lock, session))
		return false;
	claim = XNEW(struct claim);
	claim->session = session;
	cds_list_add_tail(&claim->node, &lock->claims);
	*owned = owner(lock) == claim;
	return true;
}

bool session_lock_steal(
	struct session_locks *locks, void *session, const char *name, session_lock_fn *tell
)
{
	struct lock *lock = get_lock(locks, name);
	struct claim *claim;

	if (find_claim(lock, session))
		return false;
	if (!cds_list_empty(&lock->claims))
		tell(owner(lock)->session, "stolen", lock->name);
	claim = XNEW(struct claim);
	claim->session = session;
	cds_list_add(&claim->node, &lock->claims);
	return true;
}

static void drop_claim(
	struct session_locks *locks, struct lock *lock, struct claim *claim, session_lock_fn *tell
)
{
	struct claim *heir = NULL;

	if (owner(lock) == claim && claim->node.next != &lock->claims)
		heir = cds_list_entry(claim->node.next, struct claim, node);
	cds_list_del(&claim->node);
	if (heir)
		tell(heir->session, "locked", lock->name);
	if (cds_list_empty(&lock->claims)) {
		hmap_del(&locks->map, &lock->node);
		free(lock);
	}
	free(claim);
}

bool session_lock_del(
	struct session_locks *locks, void *session, const char *name, session_lock_fn *tell
)
{
	struct lock *lock = find_lock(locks, name);
	struct claim *claim = lock ? find_claim(lock, session) : NULL;

	if (!claim)
		return false;
	drop_claim(locks, lock, claim, tell);
	return true;
}

void session_lock_del_all(struct session_locks *locks, void *session, session_lock_fn *tell)
{
	struct lock *lock;

	HMAP_FOREACH_SAFE(lock, node, &locks->map) {
		struct claim *claim = find_claim(lock, session);

		if (claim)
			drop_claim(locks, lock, claim, tell);
	}
}

bool session_lock_owns(const struct session_locks *locks, const void *session, const char *name)
{
	const struct lock *lock = find_lock(locks, name);

	return lock && owner(lock)->session == session;
}
