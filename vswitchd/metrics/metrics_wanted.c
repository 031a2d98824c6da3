/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/metrics/metrics_wanted.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/metrics/metrics.h"
#include "lib/ovsdb/db_row.h"
#include "lib/xmalloc.h"
#include "vswitchd/complaints.h"
#include "vswitchd/metrics/http.h"
#include "vswitchd/rows.h"

LOG_TOPIC(metrics);

static struct {
	char *address; /* as wanted, or NULL */
	struct http *http; /* NULL: not wanted, or it cannot be served */
} state;

static void close_all(void)
{
	http_close(state.http);
	free(state.address);
	state.http = NULL;
	state.address = NULL;
}

void metrics_wanted_apply(const struct db_row *switch_row)
{
	const char *wanted =
		db_row_map_get(switch_row, OPEN_VSWITCH_OTHER_CONFIG, "metrics-address");
	struct errbuf err;

	if (wanted && !*wanted)
		wanted = NULL;
	/* What could not be served is tried again with each pass. */
	if (wanted && state.http && !strcmp(wanted, state.address))
		return;
	close_all();
	errbuf_init(&err);
	if (wanted) {
		state.address = xstrdup(wanted);
		state.http = http_open(uv_default_loop(), wanted, metrics_format, &err);
		if (!state.http)
			errbuf_prefix(&err, "metrics-address: ");
	}
	complaints_log_of_switch("metrics-address", err.text);
	if (state.http)
		log_info("metrics are served at %s", wanted);
}

void metrics_wanted_stop(void)
{
	close_all();
}
