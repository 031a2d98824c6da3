/* SPDX-License-Identifier: Apache-2.0 */

/* What the datapath does before the daemon gives up privileges.  */

#include <unistd.h>

#include "datapath/datapath.h"
#include "datapath/ports/tap_home.h"
#include "datapath/ports/uring.h"

void datapath_prepare(void)
{
	long cores = sysconf(_SC_NPROCESSORS_CONF);

	/* There is a worker on each, at most. */
	urings_open(cores > 0 ? (unsigned)cores : 1);
}

void datapath_claim_devices(const char *instance)
{
	tap_home_claim(instance);
}
