/* SPDX-License-Identifier: Apache-2.0 */

/* How a group selects: Netronome's property for OpenFlow 1.5, a method and the fields to hash.  */

#include <string.h>

#include "lib/flow/field.h"
#include "lib/xmalloc.h"
#include "ofproto/groups/groups_priv.h"
#include "ofproto/wire/oxm.h"

enum {
	EXPERIMENTER = 0xffff,
	NETRONOME = 0x154d,
	SELECTION_METHOD = 1,
	METHOD_SIZE = 16,
};

/* Each field with the bits of it that are hashed as its value. */
static enum of_error read_fields(struct wire_in *in, struct key *mask)
{
	uint8_t bits[FIELD_MAX_SIZE];

	while (wire_left(in)) {
		struct oxm_header header = oxm_take_header(in);

		if (in->error || header.length > sizeof(bits))
			return OF_BPC_BAD_LEN;
		if (!header.field || field_is_option(header.field))
			return OF_BMC_BAD_FIELD;
		if (header.length != header.field->size)
			return OF_BMC_BAD_LEN;
		for (unsigned i = 0; i < header.length; i++)
			bits[i] = wire_u8(in);
		field_set(header.field, NULL, mask, bits);
	}
	return OF_OK;
}

static enum of_error read_property(struct wire_in *in, struct group_selection *selection)
{
	char method[METHOD_SIZE];

	if (wire_u32(in) != NETRONOME)
		return OF_BPC_BAD_EXPERIMENTER;
	if (wire_u32(in) != SELECTION_METHOD)
		return OF_BPC_BAD_EXP_TYPE;
	wire_skip(in, 4);
	for (unsigned i = 0; i < METHOD_SIZE; i++)
		method[i] = (char)wire_u8(in);
	selection->basis = (uint32_t)wire_u64(in);
	if (in->error)
		return OF_BPC_BAD_LEN;
	if (!memchr(method, 0, sizeof(method)) ||
	    (strcmp(method, "hash") != 0 && strcmp(method, "dp_hash") != 0))
		return OF_BPC_BAD_VALUE;
	selection->has_fields = wire_left(in) > 0;
	return read_fields(in, &selection->fields);
}

enum of_error group_selection_read(
	struct group_selection *selection, const struct wire_bytes *properties, uint8_t type
)
{
	struct wire_in list = wire_in(properties->data, properties->n, properties->version);
	struct wire_in body;
	uint16_t kind;

	memset(selection, 0, sizeof(*selection));
	while (wire_property(&list, &kind, &body)) {
		enum of_error error;

		if (kind != EXPERIMENTER)
			return OF_BPC_BAD_TYPE;
		if (type != GROUP_SELECT)
			return OF_BPC_BAD_VALUE;
		error = read_property(&body, selection);
		if (error)
			return error;
	}
	return list.error ? OF_BPC_BAD_LEN : OF_OK;
}
