/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/registries.h"

#include <stdio.h>

#include "datapath/drop.h"
#include "datapath/port.h"
#include "datapath/program.h"
#include "lib/command.h"
#include "lib/control/reporters.h"
#include "lib/log.h"
#include "ofproto/actions/room.h"
#include "ofproto/protocol.h"
#include "vswitchd/config/config.h"
#include "vswitchd/vsctl/verb.h"

/* One line per member, "FAMILY NAME", sorted by whoever reads it. */
#define PRINT_FAMILY(family)                                                                       \
	REGISTRY_FOREACH(family, member)                                                           \
	printf(#family " %s\n", member->name)

void registries_print(void)
{
	PRINT_FAMILY(action_room);
	PRINT_FAMILY(command);
	PRINT_FAMILY(config_table);
	PRINT_FAMILY(drop_reason);
	PRINT_FAMILY(log_topic);
	PRINT_FAMILY(coverage_reporter);
	PRINT_FAMILY(memory_reporter);
	PRINT_FAMILY(metric_source);
	PRINT_FAMILY(op_type);
	PRINT_FAMILY(port_type);
	PRINT_FAMILY(protocol);
	PRINT_FAMILY(verb);
}
