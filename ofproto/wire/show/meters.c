/* SPDX-License-Identifier: Apache-2.0 */

/* Meters: made, described, counted.  */

#include "ofproto/wire/meter_text.h"
#include "ofproto/wire/show/show_priv.h"

static const struct show_bit flag_names[] = {
	{METER_KBPS, "kbps"},
	{METER_PKTPS, "pktps"},
	{METER_BURST, "burst"},
	{METER_STATS, "stats"},
	{0, NULL},
};

void show_meter_id(uint32_t id, char separator, struct strbuf *out)
{
	strbuf_addf(out, "meter%c", separator);
	if (id <= METER_MAX)
		strbuf_addf(out, "%u", id);
	else if (id == METER_SLOWPATH)
		strbuf_add(out, "slowpath");
	else if (id == METER_CONTROLLER)
		strbuf_add(out, "controller");
	else if (id == METER_ALL)
		strbuf_add(out, "all");
	else
		strbuf_addf(out, "0x%x", id);
}

static void add_band(const struct of_meter_band *band, uint16_t flags, struct strbuf *out)
{
	strbuf_add(out, "\ntype=");
	if (band->type == METER_BAND_DROP)
		strbuf_add(out, "drop");
	else if (band->type == METER_BAND_DSCP_REMARK)
		strbuf_add(out, "dscp_remark");
	else
		strbuf_addf(out, "%u", band->type);
	strbuf_addf(out, " rate=%u", band->rate);
	if (flags & METER_BURST)
		strbuf_addf(out, " burst_size=%u", band->burst_size);
	if (band->type == METER_BAND_DSCP_REMARK && band->extra.n)
		strbuf_addf(out, " prec_level=%u", band->extra.data[0]);
}

void show_meter(uint32_t id, uint16_t flags, const struct wire_bytes *bands, struct strbuf *out)
{
	struct wire_in list = wire_in(bands->data, bands->n, bands->version);
	struct of_meter_band band = {0};

	show_meter_id(id, '=', out);
	strbuf_add_char(out, ' ');
	if (flags) {
		show_bits(flag_names, flags, ' ', out);
		strbuf_add_char(out, ' ');
	}
	strbuf_add(out, "bands=");
	while (of_meter_band_next(&list, &band))
		add_band(&band, flags, out);
	strbuf_add_char(out, '\n');
}

void show_meter_mod(const struct of_meter_mod *mod, struct strbuf *out)
{
	static const char *const commands[] = {"ADD", "MOD", "DEL"};

	if (mod->command < ARRAY_LENGTH(commands))
		strbuf_addf(out, " %s ", commands[mod->command]);
	else
		strbuf_addf(out, " cmd:%u ", mod->command);
	/* Flags mean nothing to what goes. */
	show_meter(
		mod->meter_id,
		mod->command == METER_COMMAND_DELETE ? 0 : mod->flags,
		&mod->bands,
		out
	);
}

static void show_mod(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	show_meter_mod(&body->meter_mod, out);
}

static void show_config(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *bytes = &body->meter_config_reply.meters;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_meter_config meter = {0};

	while (of_meter_config_next(&list, &meter)) {
		strbuf_add_char(out, '\n');
		show_meter(meter.meter_id, meter.flags, &meter.bands, out);
	}
}

static void show_stats(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *bytes = &body->meter_stats_reply.meters;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_meter_stats meter = {0};

	while (of_meter_stats_next(&list, &meter)) {
		struct wire_in bands = wire_in(meter.bands.data, meter.bands.n, head->version);
		struct of_band_counter counter = {0};

		strbuf_add_char(out, '\n');
		show_meter_id(meter.meter_id, ':', out);
		strbuf_addf(
			out,
			" flow_count:%u packet_in_count:%llu byte_in_count:%llu duration:",
			meter.flow_count,
			(unsigned long long)meter.packet_in_count,
			(unsigned long long)meter.byte_in_count
		);
		show_duration(meter.duration_sec, meter.duration_nsec, out);
		strbuf_add(out, "s bands:\n");
		for (unsigned i = 0; of_band_counter_next(&bands, &counter); i++)
			strbuf_addf(
				out,
				"%u: packet_count:%llu byte_count:%llu\n",
				i,
				(unsigned long long)counter.packet_count,
				(unsigned long long)counter.byte_count
			);
	}
}

static void show_request(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	strbuf_add_char(out, ' ');
	show_meter_id(body->meter_stats_request.meter_id, '=', out);
}

static void show_features(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	static const struct show_bit types[] = {
		{1U << METER_BAND_DROP, "drop"},
		{1U << METER_BAND_DSCP_REMARK, "dscp_remark"},
		{0, NULL},
	};
	const struct of_meter_features_reply *m = &body->meter_features_reply;

	strbuf_addf(
		out,
		"\nmax_meter:%u max_bands:%u max_color:%u\nband_types: ",
		m->max_meter,
		m->max_bands,
		m->max_color
	);
	show_bits(types, m->band_types, ' ', out);
	strbuf_add(out, "\ncapabilities: ");
	show_bits(flag_names, m->capabilities, ' ', out);
	strbuf_add_char(out, '\n');
}

MESSAGE_SHOW(meter_mod, MESSAGE_METER_MOD, show_mod);
MESSAGE_SHOW(meter_stats_request, MESSAGE_METER_STATS_REQUEST, show_request);
MESSAGE_SHOW(meter_stats, MESSAGE_METER_STATS_REPLY, show_stats);
MESSAGE_SHOW(meter_config_request, MESSAGE_METER_CONFIG_REQUEST, show_request);
MESSAGE_SHOW(meter_config, MESSAGE_METER_CONFIG_REPLY, show_config);
MESSAGE_SHOW(meter_features, MESSAGE_METER_FEATURES_REPLY, show_features);
