/* SPDX-License-Identifier: Apache-2.0 */
/* controller(…) as text.  */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/controller_priv.h"

static const char *const reasons[] = {
	"no_match",
	"action",
	"invalid_ttl",
	"action_set",
	"group",
	"packet_out",
};

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

int controller_parse(
	const struct action_type *type,
	const char *text,
	const struct names *names,
	struct action_list *list,
	struct errbuf *err
)
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

void controller_format(const struct action *action, const struct names *names, struct strbuf *out)
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
