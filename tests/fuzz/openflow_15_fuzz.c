/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/openflow.h"

/* Messages of OpenFlow 1.5. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return openflow_fuzz(OF15, data, size);
}
