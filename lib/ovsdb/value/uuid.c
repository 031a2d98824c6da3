/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/value/uuid.h"

#include <stdlib.h>
#include <sys/random.h>

#include "lib/hash.h"

/* Asking the kernel for a page of randomness at a time makes a UUID cost a copy. */
static struct {
	struct uuid uuids[64];
	size_t n_left;
} pool;

static void pool_fill(void)
{
	size_t done = 0;

	while (done < sizeof(pool.uuids)) {
		ssize_t n = getrandom((char *)pool.uuids + done, sizeof(pool.uuids) - done, 0);

		if (n > 0)
			done += n;
	}
	pool.n_left = sizeof(pool.uuids) / sizeof(pool.uuids[0]);
}

void uuid_new(struct uuid *uuid)
{
	if (!pool.n_left)
		pool_fill();
	*uuid = pool.uuids[--pool.n_left];
	uuid->high = (uuid->high & ~0xf000ULL) | 0x4000;
	uuid->low = (uuid->low & ~(3ULL << 62)) | (2ULL << 62);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_dash_place(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

bool uuid_parse(const char *text, struct uuid *uuid)
{
	uint64_t halves[2] = {0, 0};
	size_t n_digits = 0;

	for (size_t i = 0; i < UUID_TEXT_LENGTH; i++) {
		int digit;

		if (is_dash_place(i)) {
			if (text[i] != '-')
				return false;
			continue;
		}
		digit = hex_digit(text[i]);
		if (digit < 0)
			return false;
		halves[n_digits / 16] = halves[n_digits / 16] << 4 | (unsigned)digit;
		n_digits++;
	}
	if (text[UUID_TEXT_LENGTH])
		return false;
	uuid->high = halves[0];
	uuid->low = halves[1];
	return true;
}

void uuid_format(const struct uuid *uuid, char text[UUID_TEXT_LENGTH + 1])
{
	static const char digits[] = "0123456789abcdef";
	const uint64_t halves[2] = {uuid->high, uuid->low};
	size_t n_digits = 0;

	for (size_t i = 0; i < UUID_TEXT_LENGTH; i++) {
		if (is_dash_place(i)) {
			text[i] = '-';
			continue;
		}
		text[i] = digits[halves[n_digits / 16] >> (60 - 4 * (n_digits % 16)) & 15];
		n_digits++;
	}
	text[UUID_TEXT_LENGTH] = '\0';
}

uint32_t uuid_hash(const struct uuid *uuid)
{
	return hash_u64(uuid->high ^ (uuid->low << 1 | uuid->low >> 63), 0);
}
