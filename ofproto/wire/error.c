/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/error.h"

#include <string.h>

#include "ofproto/wire/wire.h"

enum {
	TYPE_EXPERIMENTER = 0xffff,
	TYPE_VENDOR_10 = 0xb0c2, /* Nicira's, before there were experimenters */
	/* In the table. */
	TYPE_NONE = -1,
	TYPE_ONF = -2,
	TYPE_NICIRA = -3,
	TYPE_NICIRA_10 = -100,
	ABOUT_SIZE = 64, /* what OpenFlow asks to be sent back at least */
};

static unsigned column(uint8_t version)
{
	static const uint8_t columns[] = {0, 0, 1, 1, 2, 3, 4};

	return version < sizeof(columns) ? columns[version] : ERROR_VERSIONS - 1;
}

const char *error_name(enum of_error error)
{
	return (unsigned)error < OF_ERRORS ? error_rows[error].name : "OFPBRC_UNKNOWN";
}

enum of_error error_find(uint8_t version, uint16_t type, uint16_t code, uint32_t vendor)
{
	unsigned c = column(version);
	int wanted = type;

	if (vendor == OF_VENDOR_ONF)
		wanted = TYPE_ONF;
	else if (vendor == OF_VENDOR_NICIRA)
		wanted = version == OF10 ? TYPE_NICIRA_10 - type : TYPE_NICIRA;
	for (unsigned i = 1; i < OF_ERRORS; i++)
		if (error_rows[i].codes[c].type == wanted && error_rows[i].codes[c].code == code)
			return (enum of_error)i;
	return OF_OK;
}

/* Type and code, as the version says them. */
static void put_code(struct wire_out *out, int type, uint16_t code)
{
	if (type <= TYPE_NICIRA_10) {
		wire_put_u16(out, TYPE_VENDOR_10);
		wire_put_u16(out, 0);
		wire_put_u32(out, OF_VENDOR_NICIRA);
		wire_put_u16(out, (uint16_t)(TYPE_NICIRA_10 - type));
		wire_put_u16(out, code);
		return;
	}
	wire_put_u16(out, type < 0 ? TYPE_EXPERIMENTER : (uint16_t)type);
	wire_put_u16(out, code);
	if (type < 0)
		wire_put_u32(out, type == TYPE_ONF ? OF_VENDOR_ONF : OF_VENDOR_NICIRA);
}

/* What an old version says instead of an error that it does not have yet. */
static enum of_error replacement(enum of_error error, uint8_t version)
{
	if (error >= OF_BIC_UNKNOWN_INST && error <= OF_BMC_EPERM && version == OF10)
		return OF_FMFC_BAD_COMMAND;
	if (error >= OF_BAC_BAD_TYPE && error < OF_BIC_UNKNOWN_INST)
		return OF_BAC_BAD_ARGUMENT;
	return OF_BRC_BAD_TYPE;
}

enum of_error error_decode(uint8_t version, uint16_t *type, uint16_t *code, struct wire_bytes *data)
{
	struct wire_in in = wire_in(data->data, data->n, version);
	uint32_t vendor = 0;

	if ((*type == TYPE_EXPERIMENTER || *type == TYPE_VENDOR_10) && data->n >= 4)
		vendor = wire_u32(&in);
	/* Nicira's, before experimenters could have any, have their numbers behind it. */
	if (*type == TYPE_VENDOR_10 && wire_left(&in) >= 4) {
		*type = wire_u16(&in);
		*code = wire_u16(&in);
	}
	data->data += data->n - wire_left(&in);
	data->n = (uint32_t)wire_left(&in);
	return error_find(version, *type, *code, vendor);
}

void error_encode(
	struct wire_out *out, uint8_t version, enum of_error error, const void *about, size_t n
)
{
	uint8_t keep = out->version;
	size_t start = out->n;
	int type = error_rows[error].codes[column(version)].type;
	uint32_t xid = 0;

	if (type == TYPE_NONE) {
		error = replacement(error, version);
		type = error_rows[error].codes[column(version)].type;
	}
	if (n >= 8)
		memcpy(&xid, (const uint8_t *)about + 4, 4);
	out->version = version;
	wire_put_u8(out, version);
	wire_put_u8(out, 1);
	wire_put_u16(out, 0);
	wire_put(out, &xid, 4);
	put_code(out, type, (uint16_t)error_rows[error].codes[column(version)].code);
	wire_put(out, about, n < ABOUT_SIZE ? n : ABOUT_SIZE);
	wire_patch_u16(out, start + 2, start);
	out->version = keep;
}
