/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* NORMAL: forwards like an Ethernet switch that knows VLANs and learns MAC addresses.  */

#include "ofproto/tables/rule.h"

struct view_lport;
struct xlate;

/* Any thread that holds an epoch. Takes no arguments. */
rule_action_fn normal_translate;
/* Only learns from a packet that came through an lport which must not forward. */
void normal_learn(struct xlate *x, const struct view_lport *in);
