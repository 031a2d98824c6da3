/* SPDX-License-Identifier: Apache-2.0 */

/* Slow dummy ports, for tests: opening and closing take as long as the options say, and as with a
 * real device there is one of a name at a time.  */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_mbuf.h>

#include "datapath/port.h"
#include "lib/errbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	DELAY_MAX_MS = 60000,
	DUMMY_MTU = 1500,
};

struct dummy_slow {
	struct port port;
	char name[PORT_NAME_SIZE];
	unsigned open_ms, close_ms;
	struct dummy_slow *next;
};

/* One device is opened or closed at a time, on whatever thread. */
static struct dummy_slow *all;

static const struct option options[] = {
	{
		.name = "open-delay-ms",
		.kind = OPTION_INT,
		.apply = OPTION_REOPEN,
		.max = DELAY_MAX_MS,
		.default_text = "0",
		.help = "Milliseconds that opening takes.",
	},
	{
		.name = "close-delay-ms",
		.kind = OPTION_INT,
		.apply = OPTION_REOPEN,
		.max = DELAY_MAX_MS,
		.default_text = "0",
		.help = "Milliseconds that closing takes.",
	},
};

static struct port *slow_open(const char *name, const json_t *map, struct errbuf *err)
{
	for (const struct dummy_slow *other = all; other; other = other->next)
		if (!strcmp(other->name, name)) {
			errbuf_set(err, -EBUSY, "port %s: the device is open already", name);
			return NULL;
		}
	struct dummy_slow *slow = xalloc_aligned(CACHE_LINE, sizeof(*slow));

	snprintf(slow->name, sizeof(slow->name), "%s", name);
	slow->open_ms = (unsigned)option_get_int(map, "open-delay-ms", 0);
	slow->close_ms = (unsigned)option_get_int(map, "close-delay-ms", 0);
	slow->next = all;
	all = slow;
	slow->port.mtu = DUMMY_MTU;
	slow->port.mac = (struct mac){{0xaa, 0x55, 0xaa, 0x56, 0x00, 0x01}};
	rte_delay_us_sleep(slow->open_ms * 1000);
	return &slow->port;
}

static void slow_close(struct port *port)
{
	struct dummy_slow *slow = container_of(port, struct dummy_slow, port);
	struct dummy_slow **at = &all;

	rte_delay_us_sleep(slow->close_ms * 1000);
	while (*at != slow)
		at = &(*at)->next;
	*at = slow->next;
	free(slow);
}

static void slow_get_status(const struct port *port, json_t *status)
{
	const struct dummy_slow *slow = container_of(port, const struct dummy_slow, port);

	json_object_set_new(status, "open_delay_ms", json_sprintf("%u", slow->open_ms));
}

static uint16_t slow_tx(struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n)
{
	rte_pktmbuf_free_bulk(pkts, n);
	return n;
}

static const struct port_type port_type_dummy_slow = {
	.name = "dummy-slow",
	.help = "For tests: a device that takes its time, and sends to nowhere.",
	.options = options,
	.n_options = ARRAY_LENGTH(options),
	.slow_open = true,
	.slow_close = true,
	.test_only = true,
	.open = slow_open,
	.close = slow_close,
	.get_status = slow_get_status,
	.tx = slow_tx,
};
REGISTRY_ADD(port_type, port_type_dummy_slow);
