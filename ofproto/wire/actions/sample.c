/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"

enum {
	SAMPLE = 29,
	SAMPLE2 = 38,
	SAMPLE3 = 41,
};

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_sample *sample = action_add(list, type, 0);

	sample->probability = wire_u16(in);
	sample->collector_set = wire_u32(in);
	sample->domain = wire_u32(in);
	sample->point = wire_u32(in);
	sample->sampling_port = PORT_ANY;
	if (wire->number != SAMPLE)
		sample->sampling_port = field_port_from16(wire_u16(in));
	if (wire->number == SAMPLE3)
		sample->direction = wire_u8(in);
	if (!in->error && (!sample->probability || sample->direction > 2))
		wire_fail(in, OF_BAC_BAD_ARGUMENT);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_sample *sample = (const struct action_sample *)action;
	uint16_t number = SAMPLE;
	size_t start;

	if (sample->direction)
		number = SAMPLE3;
	else if (sample->sampling_port != PORT_ANY)
		number = SAMPLE2;
	start = action_put_nx(out, number);
	wire_put_u16(out, sample->probability);
	wire_put_u32(out, sample->collector_set);
	wire_put_u32(out, sample->domain);
	wire_put_u32(out, sample->point);
	if (number != SAMPLE) {
		wire_put_u16(out, field_port_to16(sample->sampling_port));
		wire_put_u8(out, sample->direction);
		wire_put_zeros(out, 5);
	}
	action_put_end(out, start);
}

static int parse_key(
	struct action_sample *sample,
	const char *key,
	const char *value,
	const struct names *names,
	struct errbuf *err
)
{
	uint64_t number = 0;
	int error = 0;

	if (!strcmp(key, "ingress") || !strcmp(key, "egress")) {
		sample->direction = *key == 'i' ? 1 : 2;
	} else if (!strcmp(key, "probability")) {
		error = action_number(key, value, 65535, &number, err);
		sample->probability = (uint16_t)number;
	} else if (!strcmp(key, "collector_set_id")) {
		error = action_number(key, value, UINT32_MAX, &number, err);
		sample->collector_set = (uint32_t)number;
	} else if (!strcmp(key, "obs_domain_id")) {
		error = action_number(key, value, UINT32_MAX, &number, err);
		sample->domain = (uint32_t)number;
	} else if (!strcmp(key, "obs_point_id")) {
		error = action_number(key, value, UINT32_MAX, &number, err);
		sample->point = (uint32_t)number;
	} else if (!strcmp(key, "sampling_port")) {
		if (!value || !names_parse_port(names, value, &sample->sampling_port))
			error = errbuf_set(err, -EINVAL, "sampling_port: no such port");
	} else {
		error = errbuf_set(
			err,
			-EINVAL,
			"unknown key '%s' (probability, collector_set_id, obs_domain_id, "
			"obs_point_id, sampling_port, ingress, egress)",
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
	struct action_sample sample = {.sampling_port = PORT_ANY}, *added;
	int error = 0;

	while (!error && action_next_argument(&rest, &key, &value))
		error = parse_key(&sample, key, value, names, err);
	free(copy);
	if (!error && !sample.probability)
		error = errbuf_set(err, -EINVAL, "probability (1 to 65535) is required");
	if (error)
		return error;
	added = action_add(list, type, 0);
	sample.action = added->action;
	*added = sample;
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_sample *sample = (const struct action_sample *)action;

	strbuf_addf(
		out,
		"sample(probability=%u,collector_set_id=%u,obs_domain_id=%u,obs_point_id=%u",
		sample->probability,
		sample->collector_set,
		sample->domain,
		sample->point
	);
	if (sample->sampling_port != PORT_ANY) {
		strbuf_add(out, ",sampling_port=");
		names_format_port(names, sample->sampling_port, out);
	}
	if (sample->direction)
		strbuf_add(out, sample->direction == 1 ? ",ingress" : ",egress");
	strbuf_add_char(out, ')');
}

static const struct action_type action_sample = {
	.name = "sample",
	.help = "sample(probability=N,collector_set_id=ID,obs_domain_id=ID,obs_point_id=ID)",
	.wires = {ACTION_NX(SAMPLE), ACTION_NX(SAMPLE2), ACTION_NX(SAMPLE3)},
	.size = sizeof(struct action_sample),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
};
REGISTRY_ADD(action_type, action_sample);
