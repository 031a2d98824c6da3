/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/controller.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"

enum {
	CONTROLLER = 20,
	CONTROLLER2 = 37,
	PROP_MAX_LEN = 0,
	PROP_CONTROLLER_ID,
	PROP_REASON,
	PROP_USERDATA,
	PROP_PAUSE,
	PROP_METER,
	USERDATA_MAX = 60000,
};

static const char *const reasons[] = {
	"no_match",
	"action",
	"invalid_ttl",
	"action_set",
	"group",
	"packet_out",
};

static struct wire_bytes find_userdata(struct wire_in props)
{
	struct wire_in body;
	uint16_t type;

	while (wire_property(&props, &type, &body))
		if (type == PROP_USERDATA)
			return wire_rest(&body);
	return (struct wire_bytes){0};
}

static void
decode_properties(struct wire_in *in, const struct action_type *type, struct action_list *list)
{
	struct wire_bytes userdata;
	struct action_controller *to;
	struct wire_in body;
	uint16_t property;

	wire_skip(in, 6);
	userdata = find_userdata(*in);
	to = action_add(list, type, userdata.n);
	to->max_len = 65535;
	to->reason = 1;
	to->n_userdata = (uint16_t)userdata.n;
	if (userdata.n)
		memcpy(to->userdata, userdata.data, userdata.n);
	while (wire_property(in, &property, &body)) {
		if (property == PROP_MAX_LEN)
			to->max_len = wire_u16(&body);
		else if (property == PROP_CONTROLLER_ID)
			to->controller_id = wire_u16(&body);
		else if (property == PROP_REASON)
			to->reason = wire_u8(&body);
		else if (property == PROP_USERDATA)
			to->has_userdata = true;
		else if (property == PROP_PAUSE)
			to->pause = true;
		else if (property == PROP_METER)
			to->meter_id = wire_u32(&body);
		else
			wire_fail(&body, OF_BPC_BAD_TYPE);
		if (body.error)
			wire_fail(in, body.error);
	}
}

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_controller *to;

	if (wire->number == CONTROLLER2) {
		decode_properties(in, type, list);
		return;
	}
	to = action_add(list, type, 0);
	to->max_len = wire_u16(in);
	to->controller_id = wire_u16(in);
	to->reason = wire_u8(in);
}

static size_t property(struct wire_out *out, uint16_t type)
{
	size_t start = out->n;

	wire_put_u16(out, type);
	wire_put_u16(out, 0);
	return start;
}

static void property_end(struct wire_out *out, size_t start)
{
	wire_patch_u16(out, start + 2, start);
	wire_pad8(out, start);
}

static void encode_properties(struct wire_out *out, const struct action_controller *to)
{
	size_t at;

	wire_put_zeros(out, 6);
	if (to->max_len != 65535) {
		at = property(out, PROP_MAX_LEN);
		wire_put_u16(out, to->max_len);
		property_end(out, at);
	}
	if (to->controller_id) {
		at = property(out, PROP_CONTROLLER_ID);
		wire_put_u16(out, to->controller_id);
		property_end(out, at);
	}
	if (to->reason != 1) {
		at = property(out, PROP_REASON);
		wire_put_u8(out, to->reason);
		property_end(out, at);
	}
	if (to->has_userdata) {
		at = property(out, PROP_USERDATA);
		wire_put(out, to->userdata, to->n_userdata);
		property_end(out, at);
	}
	if (to->pause)
		property_end(out, property(out, PROP_PAUSE));
	if (to->meter_id) {
		at = property(out, PROP_METER);
		wire_put_u32(out, to->meter_id);
		property_end(out, at);
	}
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_controller *to = (const struct action_controller *)action;
	bool is_long = to->has_userdata || to->pause || to->meter_id;
	size_t start = action_put_nx(out, is_long ? CONTROLLER2 : CONTROLLER);

	if (is_long) {
		encode_properties(out, to);
	} else {
		wire_put_u16(out, to->max_len);
		wire_put_u16(out, to->controller_id);
		wire_put_u8(out, to->reason);
	}
	action_put_end(out, start);
}

static int parse_reason(const char *text, uint8_t *reason, struct errbuf *err)
{
	for (unsigned i = 0; text && i < ARRAY_LENGTH(reasons); i++)
		if (!strcmp(text, reasons[i])) {
			*reason = (uint8_t)i;
			return 0;
		}
	return errbuf_set(
		err,
		-EINVAL,
		"reason: '%s' is not one of no_match, action, invalid_ttl, action_set, group, packet_out",
		text ? text : ""
	);
}

static int
parse_key(struct action_controller *to, const char *key, const char *value, struct errbuf *err)
{
	uint64_t number = 0;
	int error = 0;

	if (!strcmp(key, "pause")) {
		to->pause = true;
	} else if (!strcmp(key, "reason")) {
		error = parse_reason(value, &to->reason, err);
	} else if (!strcmp(key, "max_len")) {
		error = action_number(key, value, 65535, &number, err);
		to->max_len = (uint16_t)number;
	} else if (!strcmp(key, "id")) {
		error = action_number(key, value, 65535, &number, err);
		to->controller_id = (uint16_t)number;
	} else if (!strcmp(key, "meter_id")) {
		error = action_number(key, value, UINT32_MAX, &number, err);
		to->meter_id = (uint32_t)number;
	} else {
		error = errbuf_set(
			err,
			-EINVAL,
			"unknown key '%s' (max_len, reason, id, userdata, pause, meter_id)",
			key
		);
	}
	return error;
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	char *copy = xstrdup(text), *rest = copy, *key, *value;
	struct action_controller to = {.max_len = 65535, .reason = 1}, *added;
	uint8_t userdata[1024];
	size_t n = 0;
	int error = 0;

	if (*text >= '0' && *text <= '9') {
		uint64_t number = 0;

		error = action_number("max_len", text, 65535, &number, err);
		to.max_len = (uint16_t)number;
		*rest = '\0';
	}
	while (!error && action_next_argument(&rest, &key, &value)) {
		if (strcmp(key, "userdata") != 0) {
			error = parse_key(&to, key, value, err);
			continue;
		}
		to.has_userdata = true;
		if (!value || !action_parse_hex(value, userdata, sizeof(userdata), &n))
			error = errbuf_set(
				err,
				-EINVAL,
				"userdata: '%s' is not pairs of hex digits",
				value ? value : ""
			);
	}
	free(copy);
	if (error)
		return error;
	if (to.reason == 1 && !to.controller_id && !to.has_userdata && !to.pause && !to.meter_id) {
		/* OpenFlow's own output says all of it. */
		char plain[32];

		snprintf(plain, sizeof(plain), "controller:%u", to.max_len);
		return action_find("output")->parse(action_find("output"), plain, names, list, err);
	}
	added = action_add(list, type, n);
	to.action = added->action;
	to.n_userdata = (uint16_t)n;
	memcpy(added, &to, sizeof(to));
	memcpy(added->userdata, userdata, n);
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_controller *to = (const struct action_controller *)action;

	if (to->reason == 1 && !to->controller_id && !to->has_userdata && !to->pause &&
	    !to->meter_id) {
		strbuf_addf(out, "CONTROLLER:%u", to->max_len);
		return;
	}
	strbuf_add(out, "controller(");
	if (to->reason != 1 && to->reason < ARRAY_LENGTH(reasons))
		strbuf_addf(out, "reason=%s,", reasons[to->reason]);
	if (to->max_len != 65535)
		strbuf_addf(out, "max_len=%u,", to->max_len);
	if (to->controller_id)
		strbuf_addf(out, "id=%u,", to->controller_id);
	if (to->has_userdata) {
		strbuf_add(out, "userdata=");
		action_format_hex(to->userdata, to->n_userdata, out);
		strbuf_add_char(out, ',');
	}
	if (to->pause)
		strbuf_add(out, "pause,");
	if (to->meter_id)
		strbuf_addf(out, "meter_id=%u,", to->meter_id);
	strbuf_chomp(out, ',');
	strbuf_add_char(out, ')');
}

static const struct action_type action_controller = {
	.name = "controller",
	.help = "controller(max_len=BYTES,reason=REASON,id=ID,userdata=HEX,pause,meter_id=METER)",
	.wires = {ACTION_NX(CONTROLLER), ACTION_NX(CONTROLLER2)},
	.size = sizeof(struct action_controller),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
};
REGISTRY_ADD(action_type, action_controller);
