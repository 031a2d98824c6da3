/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Membership: what hosts and multicast routers say in IGMP (versions 1 to 3) and MLD (1 and 2).  */

#include <stdbool.h>
#include <stdint.h>

enum membership_kind {
	MEMBERSHIP_JOIN,
	MEMBERSHIP_LEAVE,
	MEMBERSHIP_QUERY, /* 'ip' is who asks */
};

/* 'ip' as in a multicast table: of IPv4 mapped. */
typedef void membership_fn(void *context, enum membership_kind kind, const uint8_t *ip);

/* Any thread. */

/* Tells what the frame says, each thing by a call. False if it makes no sense, from where on nothing
 * was told. */
bool membership_parse(const uint8_t *frame, uint32_t n, membership_fn *tell, void *context);
