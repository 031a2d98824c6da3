/* SPDX-License-Identifier: Apache-2.0 */

/* How many packets a capture file holds: net_pcap with infinite_rx=1 keeps them all in the pool of
 * the queue, which must be that large.  */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datapath/ports/ethdev.h"
#include "lib/types.h"

enum {
	FILE_HEADER = 24,
	RECORD_HEADER = 16,
	FRAME_MIN = 42, /* shorter frames are hardly captured; for files of other formats */
};

/* The four magic numbers: either byte order, micro- or nanoseconds. */
static bool read_magic(FILE *file, bool *swapped)
{
	uint32_t header[FILE_HEADER / 4];

	if (fread(header, sizeof(header), 1, file) != 1)
		return false;
	*swapped = header[0] == 0xd4c3b2a1 || header[0] == 0x4d3cb2a1;
	return *swapped || header[0] == 0xa1b2c3d4 || header[0] == 0xa1b23c4d;
}

static uint32_t count_records(FILE *file, bool swapped)
{
	uint32_t record[RECORD_HEADER / 4];
	uint32_t n = 0;

	while (fread(record, sizeof(record), 1, file) == 1) {
		uint32_t length = swapped ? be32_to(record[2]) : record[2];

		n++;
		if (fseek(file, length, SEEK_CUR))
			break;
	}
	return n;
}

static uint32_t count_file(const char *path)
{
	FILE *file = fopen(path, "re");
	uint32_t n = 0;
	bool swapped;

	if (!file)
		return 0;
	if (read_magic(file, &swapped))
		n = count_records(file, swapped);
	else if (!fseek(file, 0, SEEK_END))
		n = ftell(file) / (RECORD_HEADER + FRAME_MIN);
	fclose(file);
	return n;
}

uint32_t ethdev_count_replayed(const char *devargs)
{
	static const char key[] = "rx_pcap=";
	uint32_t n = 0;

	if (strncmp(devargs, "net_pcap", 8) || !strstr(devargs, "infinite_rx=1"))
		return 0;
	for (const char *at = strstr(devargs, key); at; at = strstr(at, key)) {
		char path[512];

		at += sizeof(key) - 1;
		snprintf(path, sizeof(path), "%.*s", (int)strcspn(at, ","), at);
		n += count_file(path);
	}
	return n;
}
