/* SPDX-License-Identifier: Apache-2.0 */

/* What a bridge is restored from: any bytes, and those that the bridge then saves.  */

#include <stdlib.h>
#include <string.h>

#include "lib/epoch.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge.h"
#include "ofproto/groups/groups.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/rules.h"
#include "ofproto/saved/restore.h"
#include "ofproto/saved/save.h"
#include "ofproto/wire/wire.h"
#include "tests/fuzz/fuzz.h"

static struct bridge *get_bridge(void)
{
	static const struct bridge_config config = {.name = "br0"};
	static struct bridge *bridge;

	if (!bridge) {
		epoch_register();
		bridge = bridge_new("br0");
		bridge_apply(bridge, &config);
	}
	return bridge;
}

static struct restore_report restore_bytes(const uint8_t *data, size_t n)
{
	uint8_t *copy = xmalloc(n + 1);
	struct restore_report report;

	memcpy(copy, data, n);
	struct restore *restore = restore_new(copy, n, 0);

	restore_rules(restore);
	restore_macs(restore);
	report = *restore_get_report(restore);
	restore_free(restore);
	return report;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bridge *bridge = get_bridge();
	struct wire_out out;

	restore_bytes(data, n);
	wire_out_init(&out, OF15);
	save_bridges(&out);
	struct restore_report report = restore_bytes(out.data, out.n);

	if (report.refused || report.damaged)
		abort();
	wire_out_fini(&out);
	groups_clear(bridge);
	rules_delete_all(bridge);
	keeper_sync();
	keeper_catch_up();
	epoch_quiesce();
	return 0;
}
