/* SPDX-License-Identifier: Apache-2.0 */

/* What is told of BFD sessions: by commands, and in the database.  */

#include <errno.h>
#include <string.h>

#include "lib/command.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "lib/strbuf.h"
#include "lib/types.h"
#include "ofproto/bfd/bfd.h"
#include "ofproto/bfd/bfd_thread.h"
#include "ofproto/bridge_priv.h"

void bridge_add_bfd_status(const char *name, json_t *status)
{
	struct bridge *bridge;

	HMAP_FOREACH(bridge, node, bridges_all()) {
		const struct bridge_port *port = bridge_find_port(bridge, name);

		if (port && port->bfd)
			bfd_add_status(port, status);
	}
}

static const struct bfd_session *report_of(const struct bridge_port *port)
{
	return port->bfd->link ? epoch_load(&port->bfd->link->report) : NULL;
}

void bfd_add_status(const struct bridge_port *port, json_t *status)
{
	const struct bfd_session *session = report_of(port);

	if (!session)
		return;
	const struct {
		const char *key, *value;
	} texts[] = {
		{"state", bfd_state_name(session->state)},
		{"forwarding", session->forwarding ? "true" : "false"},
		{"diagnostic", bfd_diagnostic_name(session->diagnostic)},
		{"remote_state", bfd_state_name(session->far_state)},
		{"remote_diagnostic", bfd_diagnostic_name(session->far_diagnostic)},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(texts); i++)
		json_object_set_new(status, texts[i].key, json_string(texts[i].value));
	json_object_set_new(status, "flap_count", json_sprintf("%u", session->flaps));
}

static json_t *
end_object(enum bfd_state state, unsigned diagnostic, uint32_t id, uint32_t min_tx, uint32_t min_rx)
{
	return json_pack(
		"{s:s, s:s, s:I, s:I, s:I}",
		"state",
		bfd_state_name(state),
		"diagnostic",
		bfd_diagnostic_name(diagnostic),
		"discriminator",
		(json_int_t)id,
		"min-tx-ms",
		(json_int_t)min_tx,
		"min-rx-ms",
		(json_int_t)min_rx
	);
}

static uint64_t get(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static json_t *port_object(const struct bridge *bridge, const struct bridge_port *port)
{
	const struct bfd_session *session = report_of(port);
	const struct bfd_link *link = port->bfd->link;
	json_t *object = json_pack("{s:s, s:s}", "interface", port->name, "bridge", bridge->name);

	if (!session)
		return object;
	const char *refusal = __atomic_load_n(&link->last_refusal, __ATOMIC_RELAXED);
	const struct {
		const char *key;
		json_t *value;
	} members[] = {
		{"forwarding", json_boolean(session->forwarding)},
		{"forced", json_boolean(session->forced >= 0)},
		{"flaps", json_integer(session->flaps)},
		{"multiplier", json_integer(session->config.mult)},
		{"path-down", json_boolean(session->config.cpath_down)},
		{"tx-interval-ms", json_integer(session->tx_in_force)},
		{"rx-interval-ms", json_integer(session->rx_in_force)},
		{"sent", json_integer((json_int_t)get(&link->sent))},
		{"received", json_integer((json_int_t)get(&link->received))},
		{"refused", json_integer((json_int_t)get(&link->refused))},
		{"last-refusal", refusal ? json_string(refusal) : NULL},
		{"local",
		 end_object(
			 session->state,
			 session->diagnostic,
			 session->id,
			 session->said_min_tx,
			 session->said_min_rx
		 )},
		{"remote",
		 end_object(
			 session->far_state,
			 session->far_diagnostic,
			 session->far_id,
			 session->far_min_tx,
			 session->far_min_rx
		 )},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(members); i++)
		json_object_set_new(object, members[i].key, members[i].value);
	json_object_set_new(
		json_object_get(object, "remote"), "multiplier", json_integer(session->far_mult)
	);
	return object;
}

/* Calls 'visit' for the watched ports of that name, or for all; returns how many there are. */
typedef void visit_fn(const struct bridge *bridge, struct bridge_port *port, void *context);

static unsigned foreach_port(const char *name, visit_fn *visit, void *context)
{
	struct bridge *bridge;
	struct bridge_port *port;
	unsigned n = 0;

	HMAP_FOREACH(bridge, node, bridges_all())
		HMAP_FOREACH(port, node, &bridge->ports) {
			if (!port->bfd || (name && strcmp(port->name, name)))
				continue;
			visit(bridge, port, context);
			n++;
		}
	return n;
}

static void add_object(const struct bridge *bridge, struct bridge_port *port, void *context)
{
	json_array_append_new(context, port_object(bridge, port));
}

static json_t *refuse(const char *name, struct errbuf *err)
{
	errbuf_set(
		err,
		-ENOENT,
		"%s: no such interface, or it is not watched by BFD ('vsctl set interface %s "
		"bfd:enable=true' starts that)",
		name,
		name
	);
	return NULL;
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	const char *name = call->argc ? call->argv[0] : NULL;
	json_t *rows = json_array();

	if (foreach_port(name, add_object, rows) || !name)
		return rows;
	json_decref(rows);
	return refuse(name, err);
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static long long number_of(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

static void format_end(const json_t *end, const char *whose, struct strbuf *out)
{
	strbuf_addf(out, "\n\t%s Session State: %s\n", whose, text_of(end, "state"));
	strbuf_addf(out, "\t%s Diagnostic: %s\n", whose, text_of(end, "diagnostic"));
	strbuf_addf(out, "\t%s Discriminator: 0x%llx\n", whose, number_of(end, "discriminator"));
	strbuf_addf(out, "\t%s Minimum TX Interval: %lldms\n", whose, number_of(end, "min-tx-ms"));
	strbuf_addf(out, "\t%s Minimum RX Interval: %lldms\n", whose, number_of(end, "min-rx-ms"));
	if (json_object_get(end, "multiplier"))
		strbuf_addf(
			out, "\t%s Detect Multiplier: %lld\n", whose, number_of(end, "multiplier")
		);
}

static void format_port(const json_t *port, struct strbuf *out)
{
	strbuf_addf(out, "---- %s ----\n", text_of(port, "interface"));
	if (!json_object_get(port, "local")) {
		strbuf_add(out, "\tnot started yet\n");
		return;
	}
	strbuf_addf(
		out,
		"\tForwarding: %s%s\n",
		json_is_true(json_object_get(port, "forwarding")) ? "true" : "false",
		json_is_true(json_object_get(port, "forced")) ? " (by command)" : ""
	);
	strbuf_addf(out, "\tDetect Multiplier: %lld\n", number_of(port, "multiplier"));
	strbuf_addf(
		out,
		"\tConcatenated Path Down: %s\n",
		json_is_true(json_object_get(port, "path-down")) ? "true" : "false"
	);
	strbuf_addf(out, "\tTX Interval: Approx %lldms\n", number_of(port, "tx-interval-ms"));
	strbuf_addf(out, "\tRX Interval: Approx %lldms\n", number_of(port, "rx-interval-ms"));
	strbuf_addf(
		out,
		"\tPackets: %lld sent, %lld received, %lld refused\n",
		number_of(port, "sent"),
		number_of(port, "received"),
		number_of(port, "refused")
	);
	if (text_of(port, "last-refusal"))
		strbuf_addf(out, "\tLast Refusal: %s\n", text_of(port, "last-refusal"));
	format_end(json_object_get(port, "local"), "Local", out);
	format_end(json_object_get(port, "remote"), "Remote", out);
}

static void format_show(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *port;

	json_array_foreach(answer, i, port)
		format_port(port, out);
	if (!json_array_size(answer))
		strbuf_add(
			out,
			"No far end is watched by BFD: 'vsctl set interface PORT bfd:enable=true' "
			"starts that.\n"
		);
}
MGMT_COMMAND_TEXT(
	bfd_show,
	"bfd/show",
	"[INTERFACE]",
	0,
	1,
	cmd_show,
	"Far ends that are watched by BFD, and how they are.",
	format_show
);

static void force(const struct bridge *bridge, struct bridge_port *port, void *context)
{
	bfd_force(port, *(int *)context);
}

static json_t *cmd_set_forwarding(struct command_call *call, struct errbuf *err)
{
	static const struct {
		const char *word;
		int forced;
	} words[] = {{"true", 1}, {"false", 0}, {"normal", -1}};
	const char *name = call->argc == 2 ? call->argv[0] : NULL;
	const char *word = call->argv[call->argc - 1];

	for (unsigned i = 0; i < ARRAY_LENGTH(words); i++) {
		int forced = words[i].forced;

		if (strcmp(words[i].word, word))
			continue;
		if (!foreach_port(name, force, &forced) && name)
			return refuse(name, err);
		return json_string("OK");
	}
	errbuf_set(err, -EINVAL, "%s: not 'true', 'false' or 'normal'", word);
	return NULL;
}
MGMT_COMMAND(
	bfd_set_forwarding,
	"bfd/set-forwarding",
	"[INTERFACE] normal|true|false",
	1,
	2,
	cmd_set_forwarding,
	"Lets an interface, or all that BFD watches, count as working or not, whatever is heard."
);
