/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes the protocol that an IP header says is inside; of IPv6, what the last extension header
 * says. Checksums are corrected, that of the transport header as the one it was.  */

#include "datapath/program.h"

struct op_set_proto {
	uint8_t ip_proto;
};

extern const struct op_type op_set_proto;
