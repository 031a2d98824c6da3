/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/capture/pcapng.h"

#include <string.h>
#include <time.h>

#include "datapath/capture/ring.h"
#include "lib/control/version.h"
#include "lib/strbuf.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BYTE_ORDER = 0x1a2b3c4d,
	LINK_ETHERNET = 1,
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_NAME = 2, /* of an interface */
	OPTION_PROGRAM = 4, /* of a section */
	OPTION_RECEIVED = 4, /* of statistics */
	OPTION_LOST = 5,
	OPTION_FLAGS = 2, /* of a packet */
	OPTION_RESOLUTION = 9, /* of an interface's times */
	NANOSECONDS = 9,
	FLAG_IN = 1,
	FLAG_OUT = 2,
	TEXT_MAX = 1024,
};

static void add(struct strbuf *out, const void *bytes, size_t n)
{
	memcpy(strbuf_reserve(out, n), bytes, n);
	strbuf_commit(out, n);
}

static void add_u16(struct strbuf *out, uint16_t value)
{
	add(out, &value, sizeof(value));
}

static void add_u32(struct strbuf *out, uint32_t value)
{
	add(out, &value, sizeof(value));
}

static void pad(struct strbuf *out, size_t n)
{
	static const uint8_t zeros[4];

	add(out, zeros, -n & 3);
}

static void add_option(struct strbuf *out, uint16_t code, const void *value, uint16_t n)
{
	add_u16(out, code);
	add_u16(out, n);
	add(out, value, n);
	pad(out, n);
}

static void add_text(struct strbuf *out, uint16_t code, const char *text)
{
	size_t n = strlen(text);

	add_option(out, code, text, n < TEXT_MAX ? (uint16_t)n : TEXT_MAX);
}

/* Returns where the block starts. */
static size_t begin(struct strbuf *out, uint32_t type)
{
	size_t start = out->length;

	add_u32(out, type);
	add_u32(out, 0);
	return start;
}

static void end(struct strbuf *out, size_t start)
{
	add_u32(out, OPTION_END);
	uint32_t size = (uint32_t)(out->length - start) + sizeof(size);

	add_u32(out, size);
	memcpy(out->text + start + 4, &size, sizeof(size));
}

void pcapng_add_section(struct strbuf *out)
{
	size_t start = begin(out, BLOCK_SECTION);
	int64_t unknown = -1;
	char program[80] = "weir ";

	strncat(program, version_get(), sizeof(program) - 6);
	add_u32(out, BYTE_ORDER);
	add_u16(out, 1);
	add_u16(out, 0);
	add(out, &unknown, sizeof(unknown));
	add_text(out, OPTION_PROGRAM, program);
	end(out, start);
}

void pcapng_add_interface(struct strbuf *out, const char *name, uint32_t snaplen)
{
	size_t start = begin(out, BLOCK_INTERFACE);
	uint8_t resolution = NANOSECONDS;

	add_u16(out, LINK_ETHERNET);
	add_u16(out, 0);
	add_u32(out, snaplen);
	add_text(out, OPTION_NAME, name);
	add_option(out, OPTION_RESOLUTION, &resolution, sizeof(resolution));
	end(out, start);
}

void pcapng_add_packet(
	struct strbuf *out, uint32_t interface, const struct captured *packet, const char *comment
)
{
	size_t start = begin(out, BLOCK_PACKET);
	uint32_t flags = packet->way == CAPTURE_TX ? FLAG_OUT : FLAG_IN;

	add_u32(out, interface);
	add_u32(out, (uint32_t)(packet->ns >> 32));
	add_u32(out, (uint32_t)packet->ns);
	add_u32(out, packet->length);
	add_u32(out, packet->total);
	add(out, packet + 1, packet->length);
	pad(out, packet->length);
	if (packet->way != CAPTURE_DROPPED)
		add_option(out, OPTION_FLAGS, &flags, sizeof(flags));
	if (comment)
		add_text(out, OPTION_COMMENT, comment);
	end(out, start);
}

void pcapng_add_statistics(struct strbuf *out, uint32_t interface, uint64_t seen, uint64_t lost)
{
	size_t start = begin(out, BLOCK_STATISTICS);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	uint64_t ns = now.tv_sec * 1000000000ULL + now.tv_nsec;

	add_u32(out, interface);
	add_u32(out, (uint32_t)(ns >> 32));
	add_u32(out, (uint32_t)ns);
	add_option(out, OPTION_RECEIVED, &seen, sizeof(seen));
	add_option(out, OPTION_LOST, &lost, sizeof(lost));
	end(out, start);
}
