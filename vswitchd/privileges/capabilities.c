/* SPDX-License-Identifier: Apache-2.0 */

/* Which capabilities the daemon keeps, and what for.  */

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/types.h"
#include "vswitchd/privileges/privileges.h"

LOG_TOPIC(privileges);

struct need {
	int capability;
	bool root_only; /* not kept by another user */
	const char *what_for; /* for the reader */
};

static const struct need needs[] = {
	{CAP_NET_ADMIN, false, "tap devices, links up and down, addresses, promiscuous devices"},
	{CAP_NET_RAW, false, "packet sockets of system ports"},
	{CAP_NET_BIND_SERVICE, false, "managers and bridges that listen below port 1024"},
	{CAP_IPC_LOCK, false, "memory that cards read and write may not be swapped"},
	{CAP_SYS_RAWIO, true, "cards without an IOMMU"},
	{CAP_SYS_ADMIN,
	 true,
	 "devices that were moved to another network namespace; where "
	 "hugepages are, for cards without an IOMMU"},
	{CAP_SYS_PTRACE, true, "to find the network namespaces of other processes"},
	{CAP_DAC_OVERRIDE, true, "sockets and hugepages that belong to guests' users"},
	{CAP_CHOWN, true, "the database keeps its owner when it is compacted"},
	{CAP_FOWNER, true, "the same for its mode"},
};

enum {
	WORDS = _LINUX_CAPABILITY_U32S_3,
	WORD_BITS = 32,
};

static int fail(struct errbuf *err, const char *what)
{
	return errbuf_set(err, -errno, "cannot %s capabilities: %s", what, strerror(errno));
}

static uint64_t wanted(bool is_root)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < ARRAY_LENGTH(needs); i++)
		if (is_root || !needs[i].root_only)
			mask |= 1ULL << needs[i].capability;
	return mask;
}

static int set(struct __user_cap_data_struct *sets, uint64_t mask)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};

	for (unsigned i = 0; i < WORDS; i++) {
		sets[i].permitted = sets[i].effective = (uint32_t)(mask >> i * WORD_BITS);
		sets[i].inheritable = 0;
	}
	return (int)syscall(SYS_capset, &head, sets);
}

/* What is not in the bounding set cannot come back by a program that is started. */
static int limit_bound(uint64_t keep)
{
	for (int i = 0; i < WORDS * WORD_BITS; i++)
		if (!(keep >> i & 1) && prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1 &&
		    prctl(PR_CAPBSET_DROP, i, 0, 0, 0) && errno != EPERM)
			return -1;
	return 0;
}

int capabilities_limit(bool is_root, struct errbuf *err)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[WORDS] = {0};

	if (syscall(SYS_capget, &head, sets))
		return fail(err, "read");
	uint64_t have = sets[0].permitted | (uint64_t)sets[1].permitted << WORD_BITS;
	uint64_t keep = have & wanted(is_root);

	/* Who became another user has what it kept, but not in force. */
	if (set(sets, have) || limit_bound(keep))
		return fail(err, "drop");
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (set(sets, keep))
		return fail(err, "limit");
	log_dbg("capabilities: 0x%llx", (unsigned long long)keep);
	return 0;
}
