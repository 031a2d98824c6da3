/* SPDX-License-Identifier: Apache-2.0 */

/* Ports: what they are, what they counted, what shall change; and the switch's features, which list
 * ports in OpenFlow 1.0.  */

#include "lib/flow/value.h"
#include "ofproto/wire/show/show_priv.h"

enum {
	PROPERTY_ETHERNET = 0,
	SPEED_UNIT = 1000, /* of speeds in kbps, for Mbps */
};

static const struct show_bit configs[] = {
	{0x01, "PORT_DOWN"},
	{0x02, "NO_STP"},
	{0x04, "NO_RECV"},
	{0x08, "NO_RECV_STP"},
	{0x10, "NO_FLOOD"},
	{0x20, "NO_FWD"},
	{0x40, "NO_PACKET_IN"},
	{0, NULL},
};

static const struct show_bit states[] = {
	{0x1, "LINK_DOWN"},
	{0x2, "BLOCKED"},
	{0x4, "LIVE"},
	{0, NULL},
};

static const struct show_bit rates[] = {
	{0x0001, "10MB-HD"},
	{0x0002, "10MB-FD"},
	{0x0004, "100MB-HD"},
	{0x0008, "100MB-FD"},
	{0x0010, "1GB-HD"},
	{0x0020, "1GB-FD"},
	{0x0040, "10GB-FD"},
	{0x0080, "40GB-FD"},
	{0x0100, "100GB-FD"},
	{0x0200, "1TB-FD"},
	{0x0400, "OTHER"},
	{0x0800, "COPPER"},
	{0x1000, "FIBER"},
	{0x2000, "AUTO_NEG"},
	{0x4000, "AUTO_PAUSE"},
	{0x8000, "AUTO_PAUSE_ASYM"},
	{0, NULL},
};

/* OpenFlow 1.0 knows fewer rates, so that what follows them stands lower. */
static uint32_t rates_of(uint32_t bits, uint8_t version)
{
	return version == OF10 ? (bits & 0x7f) | (bits & 0xf80) << 4 : bits;
}

static uint32_t fastest_mbps(uint32_t bits)
{
	static const uint32_t mbps[] = {
		10, 10, 100, 100, 1000, 1000, 10000, 40000, 100000, 1000000};

	for (unsigned i = ARRAY_LENGTH(mbps); i-- > 0;)
		if (bits >> i & 1)
			return mbps[i];
	return 0;
}

/* What newer versions say in a property. */
static void take_ethernet(struct of_port *port)
{
	struct wire_in list =
		wire_in(port->properties.data, port->properties.n, port->properties.version);
	struct wire_in body;
	uint16_t type;

	while (wire_property(&list, &type, &body)) {
		if (type != PROPERTY_ETHERNET)
			continue;
		wire_skip(&body, 4);
		port->curr = wire_u32(&body);
		port->advertised = wire_u32(&body);
		port->supported = wire_u32(&body);
		port->peer = wire_u32(&body);
		port->curr_speed = wire_u32(&body);
		port->max_speed = wire_u32(&body);
	}
}

static void add_rates(const char *what, uint32_t bits, struct strbuf *out)
{
	if (!bits)
		return;
	strbuf_addf(out, "     %s", what);
	show_bits(rates, bits, ' ', out);
	strbuf_add_char(out, '\n');
}

static void add_state(uint32_t state, uint8_t version, struct strbuf *out)
{
	static const char *const stp[] = {"STP_LISTEN", "STP_LEARN", "STP_FORWARD", "STP_BLOCK"};

	if (version != OF10) {
		show_bits(states, state, ' ', out);
		return;
	}
	if (state & 0x300)
		strbuf_add(out, stp[state >> 8 & 3]);
	if (state & 1)
		strbuf_add(out, "LINK_DOWN");
	if (!(state & 0x301))
		strbuf_add_char(out, '0');
}

static void add_port(
	const struct of_port *given, uint8_t version, const struct names *names, struct strbuf *out
)
{
	struct of_port port = *given;
	bool modern = version >= OF11;

	if (version >= OF14)
		take_ethernet(&port);
	strbuf_add_char(out, ' ');
	names_format_port(NULL, port.port_no, out);
	strbuf_addf(out, "(%s): addr:", port.name);
	value_format_mac(port.hw_addr.bytes, out);
	strbuf_add(out, "\n     config:     ");
	show_bits(configs, port.config, ' ', out);
	strbuf_add(out, "\n     state:      ");
	add_state(port.state, version, out);
	strbuf_add_char(out, '\n');
	add_rates("current:    ", rates_of(port.curr, version), out);
	add_rates("advertised: ", rates_of(port.advertised, version), out);
	add_rates("supported:  ", rates_of(port.supported, version), out);
	add_rates("peer:       ", rates_of(port.peer, version), out);
	strbuf_addf(
		out,
		"     speed: %u Mbps now, %u Mbps max\n",
		modern ? port.curr_speed / SPEED_UNIT : fastest_mbps(port.curr),
		modern ? port.max_speed / SPEED_UNIT : fastest_mbps(port.supported)
	);
}

static void add_ports(struct wire_bytes bytes, const struct show *show, struct strbuf *out)
{
	struct wire_in list = wire_in(bytes.data, bytes.n, bytes.version);
	struct of_port port = {0};

	while (of_port_next(&list, &port))
		add_port(&port, bytes.version, show->names, out);
}

static void show_port_desc(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	strbuf_add_char(out, '\n');
	add_ports(body->port_desc_reply.ports, show, out);
}

static void
add_port_choice(const char *word, uint32_t port, const struct show *show, struct strbuf *out)
{
	strbuf_addf(out, " %s=", word);
	names_format_port(show->names, port, out);
}

static void show_port_request(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	add_port_choice("port_no", body->port_stats_request.port_no, show, out);
}

static void show_port_desc_request(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	add_port_choice("port", body->port_desc_request.port_no, show, out);
}

/* One count; "?" if the switch does not know it. */
static void add_count(const char *word, uint64_t count, struct strbuf *out)
{
	if (count == UINT64_MAX)
		strbuf_addf(out, "%s=?", word);
	else
		strbuf_addf(out, "%s=%llu", word, (unsigned long long)count);
}

static void take_ethernet_stats(struct of_port_stats *port)
{
	struct wire_in list =
		wire_in(port->properties.data, port->properties.n, port->properties.version);
	struct wire_in body;
	uint16_t type;

	port->rx_frame_err = port->rx_over_err = port->rx_crc_err = port->collisions = UINT64_MAX;
	while (wire_property(&list, &type, &body)) {
		if (type != PROPERTY_ETHERNET)
			continue;
		wire_skip(&body, 4);
		port->rx_frame_err = wire_u64(&body);
		port->rx_over_err = wire_u64(&body);
		port->rx_crc_err = wire_u64(&body);
		port->collisions = wire_u64(&body);
	}
}

static void add_port_stats(
	const struct of_port_stats *port,
	const struct show *show,
	uint8_t version,
	struct strbuf *out
)
{
	struct strbuf name = STRBUF_INIT;

	names_format_port(show->names, port->port_no, &name);
	strbuf_addf(out, "  port %2s: rx ", strbuf_text(&name));
	strbuf_fini(&name);
	add_count("pkts", port->rx_packets, out);
	add_count(", bytes", port->rx_bytes, out);
	add_count(", drop", port->rx_dropped, out);
	add_count(", errs", port->rx_errors, out);
	add_count(", frame", port->rx_frame_err, out);
	add_count(", over", port->rx_over_err, out);
	add_count(", crc", port->rx_crc_err, out);
	add_count("\n           tx pkts", port->tx_packets, out);
	add_count(", bytes", port->tx_bytes, out);
	add_count(", drop", port->tx_dropped, out);
	add_count(", errs", port->tx_errors, out);
	add_count(", coll", port->collisions, out);
	strbuf_add_char(out, '\n');
	if (version < OF13)
		return;
	strbuf_add(out, "           duration=");
	show_duration(port->duration_sec, port->duration_nsec, out);
	strbuf_add(out, "s\n");
}

static void show_port_stats(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *bytes = &body->port_stats_reply.ports;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_port_stats port = {0};
	unsigned n = 0;

	while (of_port_stats_next(&list, &port))
		n++;
	strbuf_addf(out, " %u ports\n", n);
	list = wire_in(bytes->data, bytes->n, bytes->version);
	while (of_port_stats_next(&list, &port)) {
		if (head->version >= OF14)
			take_ethernet_stats(&port);
		add_port_stats(&port, show, head->version, out);
	}
}

static void show_port_status(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	static const char *const reasons[] = {"ADD", "DEL", "MOD"};
	const struct of_port_status *m = &body->port_status;

	if (m->reason < ARRAY_LENGTH(reasons))
		strbuf_addf(out, " %s:", reasons[m->reason]);
	else
		strbuf_addf(out, " %u:", m->reason);
	add_port(&m->desc, head->version, show->names, out);
}

static void show_port_mod(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_port_mod *m = &body->port_mod;
	uint32_t advertise = rates_of(m->advertise, head->version);

	if (head->version >= OF14) {
		struct wire_in list = wire_in(m->properties.data, m->properties.n, head->version);
		struct wire_in property;
		uint16_t type;

		while (wire_property(&list, &type, &property))
			if (type == PROPERTY_ETHERNET)
				advertise = wire_u32(&property);
	}
	strbuf_add(out, " port: ");
	names_format_port(show->names, m->port_no, out);
	strbuf_add(out, ": addr:");
	value_format_mac(m->hw_addr.bytes, out);
	strbuf_add(out, "\n     config: ");
	show_bits(configs, m->config & m->mask, ' ', out);
	strbuf_add(out, "\n     mask:   ");
	show_bits(configs, m->mask, ' ', out);
	strbuf_add(out, "\n     advertise: ");
	if (advertise)
		show_bits(rates, advertise, ' ', out);
	else
		strbuf_add(out, "UNCHANGED");
	strbuf_add_char(out, '\n');
}

static void show_features(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	static const struct show_bit capabilities[] = {
		{0x001, "FLOW_STATS"},
		{0x002, "TABLE_STATS"},
		{0x004, "PORT_STATS"},
		{0x008, "GROUP_STATS"},
		{0x020, "IP_REASM"},
		{0x040, "QUEUE_STATS"},
		{0x100, "PORT_BLOCKED"},
		{0x200, "BUNDLES"},
		{0x400, "FLOW_MONITORING"},
		{0, NULL},
	};
	/* Those of OpenFlow 1.0, two of which others took over. */
	static const struct show_bit capabilities10[] = {
		{0x001, "FLOW_STATS"},
		{0x002, "TABLE_STATS"},
		{0x004, "PORT_STATS"},
		{0x008, "STP"},
		{0x020, "IP_REASM"},
		{0x040, "QUEUE_STATS"},
		{0x080, "ARP_MATCH_IP"},
		{0, NULL},
	};
	static const struct show_bit actions[] = {
		{0x001, "output"},
		{0x800, "enqueue"},
		{0x002, "set_vlan_vid"},
		{0x004, "set_vlan_pcp"},
		{0x008, "strip_vlan"},
		{0x010, "mod_dl_src"},
		{0x020, "mod_dl_dst"},
		{0x040, "mod_nw_src"},
		{0x080, "mod_nw_dst"},
		{0x100, "mod_nw_tos"},
		{0x200, "mod_tp_src"},
		{0x400, "mod_tp_dst"},
		{0, NULL},
	};
	const struct of_features_reply *m = &body->features_reply;

	strbuf_addf(out, " dpid:%016llx\n", (unsigned long long)m->datapath_id);
	strbuf_addf(out, "n_tables:%u, n_buffers:%u", m->n_tables, m->n_buffers);
	if (m->auxiliary_id && head->version >= OF13)
		strbuf_addf(out, ", auxiliary_id:%u", m->auxiliary_id);
	strbuf_add(out, "\ncapabilities: ");
	show_bits(
		head->version == OF10 ? capabilities10 : capabilities,
		/* What once was OpenFlow 1.0's says nothing later. */
		head->version == OF10 ? m->capabilities : m->capabilities & ~0x80U,
		' ',
		out
	);
	strbuf_add_char(out, '\n');
	if (head->version == OF10) {
		strbuf_add(out, "actions: ");
		show_bits(actions, m->actions, ' ', out);
		strbuf_add_char(out, '\n');
	}
	add_ports(m->ports, show, out);
}

MESSAGE_SHOW(features, MESSAGE_FEATURES_REPLY, show_features);
MESSAGE_SHOW(port_desc_request, MESSAGE_PORT_DESC_REQUEST, show_port_desc_request);
MESSAGE_SHOW(port_desc, MESSAGE_PORT_DESC_REPLY, show_port_desc);
MESSAGE_SHOW(port_stats_request, MESSAGE_PORT_STATS_REQUEST, show_port_request);
MESSAGE_SHOW(port_stats, MESSAGE_PORT_STATS_REPLY, show_port_stats);
MESSAGE_SHOW(port_status, MESSAGE_PORT_STATUS, show_port_status);
MESSAGE_SHOW(port_mod, MESSAGE_PORT_MOD, show_port_mod);
