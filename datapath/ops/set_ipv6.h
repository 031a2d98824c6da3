/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes fields of an IPv6 header and keeps the transport's checksum right.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_set_ipv6 {
	uint8_t src[16], dst[16]; /* no bits outside the masks */
	uint8_t src_mask[16], dst_mask[16];
	be32 label, label_mask;
	uint8_t tclass, tclass_mask;
	uint8_t hlimit, hlimit_mask;
};

extern const struct op_type op_set_ipv6;
