/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The kernel's view of a NIC's virtual functions: what it says of them, and what is asked of it.  */

#include <stdbool.h>

#include "lib/netlink/vf.h"

struct strbuf;

enum {
	VF_FUNCTIONS_MAX = 256
};

struct vf_functions {
	struct vf now[VF_FUNCTIONS_MAX];
	bool known[VF_FUNCTIONS_MAX];
};

/* Main thread. */

/* No function is known of a NIC that is not there. */
void vf_kernel_ask(const char *nic, struct vf_functions *functions);
/* Sets what 'wanted' has and 'now' does not. Returns the fields (enum vf_field) that were refused, with
 * a sentence each in 'out'. */
unsigned
vf_kernel_set(const char *nic, const struct vf *wanted, const struct vf *now, struct strbuf *out);
