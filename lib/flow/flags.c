/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/flags.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/near.h"
#include "lib/strbuf.h"

/* A named bit of a field of flags. */
struct flag {
	const char *name;
	uint32_t bit;
};

static const struct flag tcp_flags[] = {
	{"fin", 0x001},
	{"syn", 0x002},
	{"rst", 0x004},
	{"psh", 0x008},
	{"ack", 0x010},
	{"urg", 0x020},
	{"ece", 0x040},
	{"cwr", 0x080},
	{"ns", 0x100},
	{NULL, 0},
};
static const struct flag tun_flags[] = {{"oam", KEY_TUNNEL_OAM}, {NULL, 0}};
static const struct flag ct_flags[] = {
	{"new", KEY_CT_NEW},
	{"est", KEY_CT_EST},
	{"rel", KEY_CT_REL},
	{"rpl", KEY_CT_RPL},
	{"inv", KEY_CT_INV},
	{"trk", KEY_CT_TRK},
	{"snat", KEY_CT_SNAT},
	{"dnat", KEY_CT_DNAT},
	{NULL, 0},
};
static const struct flag no_flags[] = {{NULL, 0}};

static const struct flag *flags_of(const struct field *field)
{
	switch (field->kind) {
	case FIELD_KIND_TCP_FLAGS:
		return tcp_flags;
	case FIELD_KIND_TUN_FLAGS:
		return tun_flags;
	case FIELD_KIND_CT_STATE:
		return ct_flags;
	default:
		return no_flags;
	}
}

bool flags_are_in(const struct field *field)
{
	return flags_of(field) != no_flags;
}

static const struct flag *find_flag(const struct flag *flags, const char *name, size_t n)
{
	for (; flags->name; flags++)
		if (strlen(flags->name) == n && !strncasecmp(flags->name, name, n))
			return flags;
	return NULL;
}

static int unknown_flag(const struct field *field, const char *word, size_t n, struct errbuf *err)
{
	char name[32];
	struct near near;

	snprintf(name, sizeof(name), "%.*s", (int)n, word);
	near_init(&near, name);
	for (const struct flag *flag = flags_of(field); flag->name; flag++)
		near_add(&near, flag->name);
	return near_refuse(&near, err, -EINVAL, "unknown flag '%s'", name);
}

int flags_parse(
	const struct field *field,
	const char *text,
	uint8_t *value,
	uint8_t *mask,
	struct errbuf *err
)
{
	const struct flag *flags = flags_of(field), *flag;
	uint32_t bits = 0, masked = 0;
	bool signs = *text == '+' || *text == '-';

	while (*text) {
		bool on = *text != '-';
		size_t n;

		text += *text == '+' || *text == '-' || *text == '|';
		n = strcspn(text, "+-|");
		flag = find_flag(flags, text, n);
		if (!flag)
			return unknown_flag(field, text, n, err);
		if (masked & flag->bit)
			return errbuf_set(err, -EINVAL, "flag '%s' is named twice", flag->name);
		bits |= on ? flag->bit : 0;
		masked |= flag->bit;
		text += n;
	}
	field_put_number(value, field->size, bits);
	if (signs)
		field_put_number(mask, field->size, masked);
	else
		field_all_ones(field, NULL, mask);
	return 0;
}

static uint32_t known_flags(const struct flag *flags)
{
	uint32_t known = 0;

	for (; flags->name; flags++)
		known |= flags->bit;
	return known;
}

void flags_format(const struct field *field, uint32_t value, uint32_t mask, struct strbuf *out)
{
	const struct flag *flags = flags_of(field);
	uint8_t ones[8] = {0};
	bool exact, first = true;

	field_all_ones(field, NULL, ones);
	/* The key has room for fewer bits of ct_state than the wire: those that it knows count. */
	exact = field->kind != FIELD_KIND_TUN_FLAGS &&
		!(field_number(ones, field->size) & 0xffff & ~(uint64_t)mask);
	if ((mask & ~known_flags(flags) && !exact) || value & ~known_flags(flags)) {
		strbuf_addf(out, exact ? "0x%x" : "0x%x/0x%x", value, mask);
		return;
	}
	if (exact && !value)
		strbuf_add(out, "0");
	for (; flags->name; flags++) {
		if (exact && value & flags->bit) {
			strbuf_addf(out, "%s%s", first ? "" : "|", flags->name);
			first = false;
		} else if (!exact && mask & flags->bit) {
			strbuf_addf(out, "%c%s", value & flags->bit ? '+' : '-', flags->name);
		}
	}
}
