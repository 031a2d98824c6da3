/* SPDX-License-Identifier: Apache-2.0 */

/* Patch ports: two ports of two bridges that are one wire. There is no device: translation goes on
 * in the other bridge, so nobody ever opens one. The type is here for its options.  */

#include <errno.h>

#include "datapath/port.h"
#include "lib/errbuf.h"
#include "lib/types.h"

static const struct option options[] = {
	{
		.name = "peer",
		.apply = OPTION_LIVE,
		.required = true,
		.help = "The name of the patch port at the other end, whose peer is this one.",
	},
};

static struct port *patch_open(const char *name, const json_t *map, struct errbuf *err)
{
	errbuf_set(err, -EOPNOTSUPP, "port %s: a patch port has no device", name);
	return NULL;
}

static const struct port_type port_type_patch = {
	.name = "patch",
	.help = "One end of a wire between two bridges.",
	.options = options,
	.n_options = ARRAY_LENGTH(options),
	.open = patch_open,
};
REGISTRY_ADD(port_type, port_type_patch);
