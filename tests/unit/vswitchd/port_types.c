/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/drop.h"
#include "datapath/port.h"
#include "lib/log.h"

/* A port type for tests that link no datapath.  */

LOG_TOPIC(test);

static const struct option options[] = {
	{
		.name = "path",
		.kind = OPTION_STRING,
		.apply = OPTION_REOPEN,
		.required = true,
		.help = "Where the fake is.",
	},
	{
		.name = "n_rxq",
		.kind = OPTION_INT,
		.apply = OPTION_REOPEN,
		.min = 1,
		.max = 64,
		.default_text = "1",
		.help = "Receive queues.",
	},
};

static const struct port_type port_type_fake = {
	.name = "fake",
	.help = "a port that does nothing",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
};
REGISTRY_ADD(port_type, port_type_fake);

DROP_REASON(test_reason, "a test completes its name");
