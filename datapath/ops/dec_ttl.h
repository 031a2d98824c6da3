/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Takes one off an IPv4 TTL or an IPv6 hop limit; drops packets that have none left.  */

#include "datapath/program.h"

extern const struct op_type op_dec_ttl; /* no arguments */
