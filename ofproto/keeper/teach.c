/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/teach.h"

#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/xlate/xlate.h"

enum {
	EFFECTS_AT_ONCE = 1024,
	EFFECTS_WAITING = 65536, /* then flows that teach something must wait */
};

/* Effects on their way to the main thread. */
struct report {
	struct letter letter;
	unsigned n;
	struct effect effects[];
};

static keeper_effects_fn *effects_fn; /* main */
static unsigned n_waiting; /* both write */
static struct effect effects[EFFECTS_AT_ONCE]; /* the keeper's */
static unsigned n_effects; /* the keeper's */

void teach_init(keeper_effects_fn *fn)
{
	effects_fn = fn;
	n_effects = 0;
	__atomic_store_n(&n_waiting, 0, __ATOMIC_RELAXED);
}

static void open_report(struct letter *letter)
{
	struct report *report = container_of(letter, struct report, letter);

	effects_fn(report->effects, report->n);
	__atomic_sub_fetch(&n_waiting, report->n, __ATOMIC_RELAXED);
	free(report);
}

void teach_send(void)
{
	size_t size = n_effects * sizeof(effects[0]);

	if (!n_effects)
		return;
	struct report *report = xmalloc(sizeof(*report) + size);

	report->letter.open = open_report;
	report->n = n_effects;
	memcpy(report->effects, effects, size);
	__atomic_add_fetch(&n_waiting, n_effects, __ATOMIC_RELAXED);
	n_effects = 0;
	keeper_tell_main(&report->letter);
}

/* What the packet wants done to rules. */
static void send_orders(struct xlate *x)
{
	struct order *order;

	while ((order = x->orders)) {
		x->orders = order->next;
		keeper_tell_main(&order->letter);
	}
}

void teach_collect(struct xlate *x)
{
	send_orders(x);
	if (!x->n_effects)
		return;
	if (__atomic_load_n(&n_waiting, __ATOMIC_RELAXED) > EFFECTS_WAITING) {
		x->uncacheable = true;
		return;
	}
	if (n_effects + x->n_effects > EFFECTS_AT_ONCE)
		teach_send();
	memcpy(&effects[n_effects], x->effects, x->n_effects * sizeof(x->effects[0]));
	n_effects += x->n_effects;
}
