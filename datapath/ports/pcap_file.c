/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/pcap_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/xmalloc.h"

enum {
	MAGIC_US = 0xa1b2c3d4,
	MAGIC_NS = 0xa1b23c4d,
	LINK_ETHERNET = 1,
	FRAME_MIN = 14,
	FRAME_MAX = 9728,
	BYTES_MAX = 512 << 20,
	FIRST_FRAMES = 1024,
};

struct file_head {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, sigfigs, snaplen, link;
};

struct frame_head {
	uint32_t seconds, fraction;
	uint32_t length; /* in the file */
	uint32_t total; /* on the wire */
};

static int fail(const char *name, const char *path, const char *why, struct errbuf *err)
{
	return errbuf_set(err, -EINVAL, "port %s: %s: %s", name, path, why);
}

/* Whether the file's numbers are the other way round; negative: it is no capture. */
static int read_head(FILE *file)
{
	struct file_head head;

	if (fread(&head, sizeof(head), 1, file) != 1)
		return -1;
	bool swapped = head.magic == __builtin_bswap32(MAGIC_US) ||
		head.magic == __builtin_bswap32(MAGIC_NS);
	uint32_t link = swapped ? __builtin_bswap32(head.link) : head.link;

	if (!swapped && head.magic != MAGIC_US && head.magic != MAGIC_NS)
		return -1;
	return (link & 0xffff) == LINK_ETHERNET ? swapped : -1;
}

/* Reads a frame behind the others. 1: done, 0: there is none, negative: it is too much. */
static int read_frame(struct pcap_frames *frames, FILE *file, bool swapped, uint32_t *size)
{
	struct frame_head head;
	uint32_t at = frames->n ? frames->ends[frames->n - 1] : 0;

	if (fread(&head, sizeof(head), 1, file) != 1)
		return 0;
	uint32_t length = swapped ? __builtin_bswap32(head.length) : head.length;

	if (length < FRAME_MIN || length > FRAME_MAX)
		return -EMSGSIZE;
	if (at + length > BYTES_MAX)
		return -EFBIG;
	while (at + length > *size) {
		*size *= 2;
		frames->bytes = xrealloc(frames->bytes, *size);
	}
	if (fread(frames->bytes + at, length, 1, file) != 1)
		return 0; /* cut off in the midst */
	/* Room grows by doubling: at each power of two it is full. */
	if (frames->n >= FIRST_FRAMES && !(frames->n & (frames->n - 1)))
		frames->ends = xrealloc(frames->ends, 2 * frames->n * sizeof(frames->ends[0]));
	frames->ends[frames->n++] = at + length;
	if (length > frames->longest)
		frames->longest = length;
	return 1;
}

static int read_all(
	struct pcap_frames *frames,
	FILE *file,
	const char *name,
	const char *path,
	struct errbuf *err
)
{
	uint32_t size = FIRST_FRAMES * 128;
	int swapped = read_head(file), more;

	if (swapped < 0)
		return fail(name, path, "not a capture (pcap) of Ethernet frames", err);
	frames->bytes = xmalloc(size);
	frames->ends = xmalloc(FIRST_FRAMES * sizeof(frames->ends[0]));
	do
		more = read_frame(frames, file, swapped, &size);
	while (more > 0);
	if (more == -EMSGSIZE)
		return fail(name, path, "a frame has less than 14 or more than 9728 bytes", err);
	if (more < 0)
		return fail(name, path, "longer than 512 MB", err);
	return frames->n ? 0 : fail(name, path, "there is no frame in it", err);
}

int pcap_frames_load(
	struct pcap_frames *frames, const char *name, const char *path, struct errbuf *err
)
{
	FILE *file = fopen(path, "rbe");
	int error;

	if (!file)
		return errbuf_set(
			err, -errno, "port %s: cannot read %s: %s", name, path, strerror(errno)
		);
	error = read_all(frames, file, name, path, err);
	fclose(file);
	return error;
}

void pcap_frames_free(struct pcap_frames *frames)
{
	free(frames->bytes);
	free(frames->ends);
}
