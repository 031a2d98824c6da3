/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/shares.h"

#include "datapath/port.h"
#include "ofproto/keeper/credit.h"
#include "ofproto/keeper/index.h"

enum {
	TRIES = 8, /* flows that are looked at to find one that is not used */
	SEARCH_EVERY = 64, /* picks for which the port with most flows is remembered */
};

static struct cds_list_head lists[PORT_IDS]; /* oldest first */
static unsigned counts[PORT_IDS];
static uint32_t biggest;
static unsigned picks;

void shares_init(void)
{
	for (unsigned port = 0; port < PORT_IDS; port++)
		CDS_INIT_LIST_HEAD(&lists[port]);
}

void shares_add(struct kept *kept, uint32_t port)
{
	kept->port = (uint16_t)port;
	cds_list_add_tail(&kept->in_port, &lists[port]);
	counts[port]++;
}

void shares_del(struct kept *kept)
{
	cds_list_del(&kept->in_port);
	counts[kept->port]--;
}

static uint32_t find_biggest(void)
{
	if (picks++ % SEARCH_EVERY)
		return biggest;
	for (uint32_t port = 0; port < PORT_IDS; port++)
		if (counts[port] > counts[biggest])
			biggest = port;
	return biggest;
}

struct kept *shares_pick(uint32_t port)
{
	uint32_t from = find_biggest();
	struct kept *oldest = NULL;

	if (port >= PORT_IDS)
		return NULL;
	if (counts[port] + 1 >= counts[from])
		from = port;
	for (unsigned i = 0; i < TRIES && !cds_list_empty(&lists[from]); i++) {
		uint64_t before;

		oldest = cds_list_first_entry(&lists[from], struct kept, in_port);
		before = oldest->packets;
		credit_flow(oldest);
		if (oldest->packets == before)
			return oldest;
		cds_list_del(&oldest->in_port);
		cds_list_add_tail(&oldest->in_port, &lists[from]);
	}
	/* All in use: who has more than others gives one all the same. */
	return from == port ? NULL : oldest;
}
