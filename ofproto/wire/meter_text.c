/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/meter_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/near.h"
#include "lib/types.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/messages.h"

static const struct {
	const char *name;
	uint16_t flag;
} flags[] = {
	{"kbps", METER_KBPS},
	{"pktps", METER_PKTPS},
	{"burst", METER_BURST},
	{"stats", METER_STATS},
};

static const char *const words[] = {"meter", "bands", "type", "rate", "burst_size", "prec_level"};

struct band {
	uint16_t type;
	uint64_t rate, burst_size, prec_level;
};

struct parser {
	struct of_meter_mod *mod;
	struct errbuf *err;
	struct wire_out bands;
	struct band band;
	bool in_bands, has_id;
};

int meter_parse_id(const char *text, uint32_t *id, struct errbuf *err)
{
	uint64_t number = 0;
	int error = 0;

	if (text && !strcasecmp(text, "all"))
		number = METER_ALL;
	else if (text && !strcasecmp(text, "controller"))
		number = METER_CONTROLLER;
	else if (text && !strcasecmp(text, "slowpath"))
		number = METER_SLOWPATH;
	else
		error = action_number("meter", text, METER_MAX, &number, err);
	*id = (uint32_t)number;
	return error;
}

/* Appends the band that has been read. */
static int end_band(struct parser *p)
{
	struct of_meter_band band = {
		.type = p->band.type,
		.rate = (uint32_t)p->band.rate,
		.burst_size = (uint32_t)p->band.burst_size,
	};
	uint8_t extra[4] = {(uint8_t)p->band.prec_level};

	if (!p->band.type)
		return 0;
	if (!p->band.rate)
		return errbuf_set(p->err, -EINVAL, "bands: a band needs a rate");
	if (p->mod->flags & METER_BURST && !p->band.burst_size)
		return errbuf_set(p->err, -EINVAL, "burst: every band then needs a burst_size");
	band.extra = (struct wire_bytes){extra, sizeof(extra), p->bands.version};
	of_meter_band_encode(&p->bands, &band);
	p->band = (struct band){0};
	return 0;
}

static int parse_type(struct parser *p, const char *value)
{
	struct near near;
	int error = end_band(p);

	if (error)
		return error;
	if (value && !strcmp(value, "drop")) {
		p->band.type = METER_BAND_DROP;
		return 0;
	}
	if (value && !strcmp(value, "dscp_remark")) {
		p->band.type = METER_BAND_DSCP_REMARK;
		return 0;
	}
	near_init(&near, value ? value : "");
	near_add(&near, "drop");
	near_add(&near, "dscp_remark");
	return near_refuse(
		&near, p->err, -EINVAL, "type: '%s' is not drop or dscp_remark", value ? value : ""
	);
}

static int unknown_word(struct parser *p, const char *name)
{
	struct near near;

	near_init(&near, name);
	for (unsigned i = 0; i < ARRAY_LENGTH(words); i++)
		near_add(&near, words[i]);
	for (unsigned i = 0; i < ARRAY_LENGTH(flags); i++)
		near_add(&near, flags[i].name);
	return near_refuse(&near, p->err, -EINVAL, "%s: unknown word", name);
}

static int parse_word(struct parser *p, char *key, char *value)
{
	for (unsigned i = 0; !p->in_bands && !value && i < ARRAY_LENGTH(flags); i++)
		if (!strcmp(key, flags[i].name)) {
			p->mod->flags |= flags[i].flag;
			return 0;
		}
	if (!strcmp(key, "meter")) {
		p->has_id = true;
		return meter_parse_id(value, &p->mod->meter_id, p->err);
	}
	/* "bands=" or "band=" stand before the first band's first word. */
	if (!strcmp(key, "bands") || !strcmp(key, "band")) {
		char *inner, *inner_value;

		p->in_bands = true;
		return value && action_next_argument(&value, &inner, &inner_value)
			? parse_word(p, inner, inner_value)
			: 0;
	}
	if (p->in_bands && !strcmp(key, "type"))
		return parse_type(p, value);
	if (p->in_bands && !p->band.type)
		return errbuf_set(p->err, -EINVAL, "%s: a band begins with its type", key);
	if (!strcmp(key, "rate"))
		return action_number(key, value, UINT32_MAX, &p->band.rate, p->err);
	if (!strcmp(key, "burst_size"))
		return action_number(key, value, UINT32_MAX, &p->band.burst_size, p->err);
	if (!strcmp(key, "prec_level"))
		return action_number(key, value, UINT8_MAX, &p->band.prec_level, p->err);
	return unknown_word(p, key);
}

static int check(struct parser *p, enum meter_command command)
{
	if (!p->has_id && command != METER_COMMAND_DELETE)
		return errbuf_set(p->err, -EINVAL, "meter: missing; give meter=ID");
	if (command == METER_COMMAND_DELETE)
		return 0;
	if (!(p->mod->flags & (METER_KBPS | METER_PKTPS)))
		p->mod->flags |= METER_KBPS;
	if ((p->mod->flags & METER_KBPS) && (p->mod->flags & METER_PKTPS))
		return errbuf_set(p->err, -EINVAL, "pktps: not together with kbps");
	if (!p->in_bands)
		return errbuf_set(p->err, -EINVAL, "bands: missing; give bands=type=drop,rate=N");
	return 0;
}

int meter_parse(
	struct of_meter_mod *mod,
	enum meter_command command,
	uint8_t version,
	const char *text,
	struct errbuf *err
)
{
	struct parser p = {.mod = mod, .err = err};
	char *copy = xstrdup(text), *rest = copy, *key, *value;
	int error = 0;

	*mod = (struct of_meter_mod){.command = (uint16_t)command, .meter_id = METER_ALL};
	wire_out_init(&p.bands, version);
	while (!error && action_next_argument(&rest, &key, &value))
		error = parse_word(&p, key, value);
	if (!error)
		error = end_band(&p);
	if (!error)
		error = check(&p, command);
	mod->bands = (struct wire_bytes){p.bands.data, (uint32_t)p.bands.n, version};
	free(copy);
	return error;
}

void meter_text_fini(struct of_meter_mod *mod)
{
	free((void *)(uintptr_t)mod->bands.data);
	*mod = (struct of_meter_mod){0};
}
