/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Addresses: a bridge's MAC table in its bridge. Who learns them, whom a change concerns, and which
 * of them move too often.  */

struct addresses;
struct bridge;
struct bridge_config;
struct effect;
struct strbuf;

/* Main thread. */

/* Makes and ends bridge->macs. */
struct addresses *addresses_start(struct bridge *bridge);
void addresses_stop(struct bridge *bridge, struct addresses *addresses);
void addresses_apply(struct bridge *bridge, const struct bridge_config *config);
/* What translators saw. Bridges and lports can have gone since. */
void addresses_learn(const struct effect *effects, unsigned n);
/* Ages the table. */
void addresses_poll(struct bridge *bridge, struct addresses *addresses);
void addresses_add_alarm(
	const struct bridge *bridge, const struct addresses *addresses, struct strbuf *out
);
