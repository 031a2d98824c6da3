/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/openflow.h"

/* Messages of OpenFlow 1.1 and 1.2, which ofctl can show. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return openflow_fuzz(size && data[0] % 2 ? OF12 : OF11, data, size);
}
