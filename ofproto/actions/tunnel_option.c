/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/actions/tunnel_option.h"

#include <string.h>

#include "datapath/tunnel/options.h"
#include "lib/flow/field.h"
#include "ofproto/actions/room.h"
#include "ofproto/wire/actions/delete_field.h"
#include "ofproto/xlate/xlate.h"

const struct tlv_map *tunnel_option_map(const struct xlate *x)
{
	return &x->bridge->options->map;
}

/* Of its data in a key. */
static size_t offset_of(const struct xlate *x, const struct field *field)
{
	return offsetof(struct key, tunnel_options) +
		4UL * tunnel_option_map(x)->offset[field->offset];
}

static void write_present(struct xlate *x, const struct field *field, uint64_t present)
{
	uint64_t bit = 1ULL << field->offset;

	xlate_write(
		x, offsetof(struct key, tunnel.options_present), &present, &bit, sizeof(present)
	);
}

void tunnel_option_look(struct xlate *x, const struct field *field)
{
	xlate_look(x, offset_of(x, field), field_size(field, tunnel_option_map(x)));
}

void tunnel_option_write(
	struct xlate *x, const struct field *field, const struct key *to, const struct key *bits
)
{
	size_t at = offset_of(x, field);

	xlate_write(
		x,
		at,
		(const uint8_t *)to + at,
		(const uint8_t *)bits + at,
		field_size(field, tunnel_option_map(x))
	);
	write_present(x, field, 1ULL << field->offset);
}

/* The field itself goes, not only what it says. */
static void delete_field(struct xlate *x, const void *args)
{
	const struct field *field = ((const struct action_delete_field *)args)->field;
	uint8_t zeros[FIELD_MAX_SIZE] = {0}, ones[FIELD_MAX_SIZE];

	memset(ones, 0xff, sizeof(ones));
	xlate_write(x, offset_of(x, field), zeros, ones, field_size(field, tunnel_option_map(x)));
	write_present(x, field, 0);
}

ACTION_ROOM(delete_field, delete_field);
