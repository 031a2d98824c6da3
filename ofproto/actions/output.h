/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Output: to a port by number, or to one of OpenFlow's reserved ports.  */

#include <stdint.h>

#include "ofproto/tables/rule.h"

struct action_output {
	uint32_t port;
};

/* Any thread that holds an epoch. */
rule_action_fn output_translate;
