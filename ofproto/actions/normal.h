/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* NORMAL: forwards like an Ethernet switch that knows VLANs and learns MAC addresses.  */

#include "ofproto/tables/rule.h"

/* Any thread that holds an epoch. Takes no arguments. */
rule_action_fn normal_translate;
