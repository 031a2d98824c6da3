/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/crowd.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/flow.h"
#include "datapath/port.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mailbox.h"
#include "lib/xmalloc.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/xlate/xlate.h"

LOG_TOPIC(crowd);

enum {
	CALM_MS = 10000, /* without it: the alarm is over */
};

/* When flows of the port were last limited; the keeper writes, main reads. */
static int64_t limited_ms[PORT_IDS];

struct alarm {
	struct letter letter;
	uint16_t port;
};

static bool is_alarmed(uint16_t port_id)
{
	int64_t last = __atomic_load_n(&limited_ms[port_id], __ATOMIC_RELAXED);

	return last && clock_ms() - last < CALM_MS;
}

/* Main thread. */

static void open_alarm(struct letter *letter)
{
	struct alarm *alarm = container_of(letter, struct alarm, letter);
	const struct port *port = port_by_id(alarm->port);

	if (port)
		log_warn(
			"port %s: its packets ask for flows of more than %u masks, as in an attack on the "
			"flow table; where they ask for more, they get flows of single connections",
			port->name,
			flow_masks_allowed()
		);
	free(alarm);
}

void crowd_add_status(const char *name, json_t *status)
{
	const struct port *port = port_find(name);

	if (port && is_alarmed(port->id))
		json_object_set_new(
			status,
			"alarm",
			json_sprintf(
				"packets ask for flows of more than %u masks: is this an attack?",
				flow_masks_allowed()
			)
		);
}

/* The keeper. */

static void note(uint16_t port_id)
{
	if (!is_alarmed(port_id)) {
		struct alarm *alarm = XNEW(struct alarm);

		alarm->port = port_id;
		alarm->letter.open = open_alarm;
		keeper_tell_main(&alarm->letter);
	}
	__atomic_store_n(&limited_ms[port_id], clock_ms(), __ATOMIC_RELAXED);
}

/* All that packets of a connection have in common. */
static void mask_of_connection(struct key *mask, const struct key *key)
{
	memset(mask, 0, sizeof(*mask));
	for (unsigned block = 0; block < KEY_N_PACKET_BLOCKS; block++)
		if (!block || (key->base.blocks & KEY_HAS(block)))
			memset(mask->block[block], 0xff, KEY_BLOCK_SIZE);
	mask->base.ip_tos = 0;
	mask->base.ip_ttl = 0;
	mask->base.tcp_flags = 0;
}

void crowd_limit(struct xlate *x, const struct key *key)
{
	struct key mask;

	if (x->uncacheable || key->base.in_port >= PORT_IDS ||
	    !flow_mask_is_too_many(key, &x->mask))
		return;
	note((uint16_t)key->base.in_port);
	mask_of_connection(&mask, key);
	if (xlate_is_within(x, &mask)) {
		xlate_run_region(x, view_get(), key, &mask, UINT_MAX);
		if (xlate_is_within(x, &mask))
			return;
	}
	memset(&mask.base, 0xff, sizeof(mask.base));
	xlate_run_region(x, view_get(), key, &mask, UINT_MAX);
}
