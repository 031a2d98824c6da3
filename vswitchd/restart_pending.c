/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/restart_pending.h"

#include <jansson.h>

#include "lib/ovsdb/db_row.h"
#include "lib/strbuf.h"
#include "vswitchd/complaints.h"
#include "vswitchd/config/config.h"
#include "vswitchd/rows.h"

static json_t *at_start;

void restart_pending_start(const struct db_row *switch_row)
{
	at_start =
		switch_row ? db_row_map_json(switch_row, OPEN_VSWITCH_OTHER_CONFIG) : json_object();
}

static void add_sentence(void *owner, const char *key, const char *sentence)
{
	struct strbuf *out = owner;

	if (out->length)
		strbuf_add(out, "; ");
	strbuf_add(out, sentence);
}

void restart_pending_check(const struct db_row *switch_row)
{
	const struct config_column *column =
		config_find_column(config_find_table("Open_vSwitch"), "other_config");
	json_auto_t *now = db_row_map_json(switch_row, OPEN_VSWITCH_OTHER_CONFIG);
	struct strbuf out = STRBUF_INIT;

	config_check_restart(column, at_start, now, "Open_vSwitch", add_sentence, &out);
	complaints_log_of_switch("restart", strbuf_text(&out));
	strbuf_fini(&out);
}

void restart_pending_stop(void)
{
	json_decref(at_start);
	at_start = NULL;
}
