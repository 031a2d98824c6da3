/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/errbuf.h"
#include "lib/stream/address.h"
#include "tests/fuzz/fuzz.h"

/* Addresses of streams: what is accepted is accepted again when printed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	char printed[ADDRESS_TEXT_SIZE];
	struct address address;
	struct errbuf err;

	errbuf_init(&err);
	if (!address_parse(text, 6640, &address, &err)) {
		address_format(&address, printed, sizeof(printed));
		if (address_parse(printed, 6640, &address, &err))
			abort();
	}
	free(text);
	return 0;
}
