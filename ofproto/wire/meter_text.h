/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Meters as ovs-ofctl writes them: "meter=1,kbps,burst,bands=type=drop,rate=100,burst_size=10".  */

#include <stdint.h>

struct errbuf;
struct of_meter_mod;

enum meter_command {
	METER_COMMAND_ADD,
	METER_COMMAND_MODIFY,
	METER_COMMAND_DELETE,
};

enum {
	METER_KBPS = 1,
	METER_PKTPS = 2,
	METER_BURST = 4,
	METER_STATS = 8,
	METER_BAND_DROP = 1,
	METER_BAND_DSCP_REMARK = 2,
	METER_MAX = 0xffff0000U,
	METER_SLOWPATH = 0xfffffffdU,
	METER_CONTROLLER = 0xfffffffeU,
	METER_ALL = 0xffffffffU,
};

/* Any thread. */

/* meter_text_fini() frees what 'mod' then holds, also after a failure. */
int meter_parse(
	struct of_meter_mod *mod,
	enum meter_command command,
	uint8_t version,
	const char *text,
	struct errbuf *err
);
void meter_text_fini(struct of_meter_mod *mod);
/* A meter's number, or "all", "controller", "slowpath". */
int meter_parse_id(const char *text, uint32_t *id, struct errbuf *err);
