/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Controllers: the programs a bridge calls, or waits for, to be programmed by them.
 *
 * A primary controller decides about the rules of the bridge: as long as there is one configured
 * the switch adds none of its own, but for a bridge that stands alone when none of them answers. A
 * controller that listens for others, or is of the type 'service', only helps.  */

#include <stdbool.h>
#include <stdint.h>

#include <urcu/list.h>

struct bridge;
struct bridge_config;
struct conn;
struct endpoint;
struct tls;

/* A row of Controller. */
struct controller {
	struct cds_list_head in_bridge;
	struct bridge *bridge;
	char *target;
	struct endpoint *endpoint; /* NULL: the target cannot be used, or not yet */
	bool primary, quiet;
	bool wanted;
	struct tls *tls; /* borrowed */
	char *fault; /* why there is no endpoint; NULL: nothing was tried, or there is one */
	int64_t tried_ms; /* when it was tried last */
	unsigned probe_ms, max_backoff_ms, dscp;
	int64_t spent_us; /* up to when its packets have been paid for */
	unsigned rate_limit, burst_limit; /* packets per second; 0: any number */
	unsigned queue_size; /* packets that may wait until it reads; 0: as the bridge says */
};

/* Main thread. */

/* Makes the bridge's controllers as declared. True: who decides about the rules has changed, and
 * there are none now. */
bool controllers_apply(struct bridge *bridge, const struct bridge_config *config);
/* Ends their connections; they are made again at once. */
void controllers_reconnect(struct bridge *bridge);
/* Ends them all. */
void controllers_stop(struct bridge *bridge);
/* Whether bridges call their controllers: not while their rules are still to be restored. At first
 * they do. */
void controllers_hold(bool hold);
/* A bridge that stood alone before a restart need not wait again to know that nobody answers. */
void controllers_stand_alone(struct bridge *bridge);
/* Whether the rules of the bridge are a primary controller's affair. */
bool controllers_decide(const struct bridge *bridge);
/* Looks, about twice a second, whether the bridge must help itself. */
void controllers_poll(struct bridge *bridge);
/* How many packets may come at once, or wait. */
unsigned controllers_burst(const struct controller *controller);
/* Whether the controller may be sent one more packet now; counts it. */
bool controllers_spend(struct controller *controller);
/* A connection of one of the bridge's controllers knows its version now, or has ended. */
void controllers_changed(struct bridge *bridge);
