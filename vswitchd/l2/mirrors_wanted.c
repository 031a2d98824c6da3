/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/l2/mirrors_wanted.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/match.h"
#include "lib/flow/names.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/value/uuid.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge.h"
#include "ofproto/l2/l2.h"
#include "ofproto/l2/mirror.h"
#include "vswitchd/rows.h"

enum {
	VLANS = 4096,
	LOCAL_IN_DATABASE = 65534,
};

/* A mirror that is being read. */
struct reading {
	const struct db_row *bridge;
	struct mirror_row row;
	struct mirror_config *config;
	struct strbuf *out;
};

static void complain(const struct reading *reading, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void complain(const struct reading *reading, const char *format, ...)
{
	struct strbuf *out = reading->out;
	va_list args;

	if (!out)
		return;
	strbuf_addf(out, "%smirror %s: ", out->length ? "; " : "", reading->row.name);
	va_start(args, format);
	strbuf_addv(out, format, args);
	va_end(args);
}

static bool in_bridge(const struct reading *reading, const struct db_row *port)
{
	for (size_t i = 0; i < db_row_count(reading->bridge, BRIDGE_PORTS); i++)
		if (db_row_ref_at(reading->bridge, BRIDGE_PORTS, i) == port)
			return true;
	return false;
}

static const char **read_ports(const struct reading *reading, unsigned column, unsigned *n)
{
	size_t count = db_row_count(reading->row.row, column);
	const char **names = XNEW_N(const char *, count + 1);

	*n = 0;
	for (size_t i = 0; i < count; i++) {
		const struct db_row *port = db_row_ref_at(reading->row.row, column, i);
		const char *name = db_row_string(port, PORT_NAME, "");

		if (!in_bridge(reading, port))
			complain(reading, "port %s is not one of this bridge", name);
		else if (reading->config->output && !strcmp(name, reading->config->output))
			complain(
				reading,
				"port %s gets the copies, so it cannot be mirrored itself; take it "
				"out of the selected ports",
				name
			);
		else
			names[(*n)++] = name;
	}
	return names;
}

static void read_vlans(const struct reading *reading)
{
	uint64_t *vlans = reading->config->vlans;
	size_t n = db_row_count(reading->row.row, MIRROR_SELECT_VLAN);
	unsigned own = reading->config->output_vlan;

	memset(vlans, n ? 0 : 0xff, VLANS / 8);
	for (size_t i = 0; i < n; i++) {
		unsigned vlan =
			(unsigned)db_row_integer_at(reading->row.row, MIRROR_SELECT_VLAN, i) %
			VLANS;

		if (own && vlan == own)
			complain(
				reading,
				"VLAN %u gets the copies, so it cannot be mirrored itself; take it "
				"out of select_vlan",
				vlan
			);
		else
			vlans[vlan / 64] |= 1ULL << vlan % 64;
	}
}

static bool port_number(void *bridge_row, const char *name, uint32_t *number)
{
	const struct bridge *bridge = bridge_find(db_row_string(bridge_row, BRIDGE_NAME, ""));

	*number = bridge ? bridge_port_number(bridge, name) : 0;
	if (*number == LOCAL_IN_DATABASE)
		*number = PORT_LOCAL;
	return *number;
}

/* False if the filter makes no sense. */
static bool read_filter(const struct reading *reading)
{
	const char *text = reading->row.filter;
	struct names names = {.port_number = port_number, .context = (void *)reading->bridge};
	struct match *match;
	struct errbuf err;

	if (!text || !*text)
		return true;
	errbuf_init(&err);
	match = xalloc_aligned(alignof(struct match), sizeof(*match));
	match_init(match, NULL);
	if (match_parse(match, text, &names, &err) || match_check(match, &err)) {
		complain(reading, "filter: %s", err.text);
		free(match);
		return false;
	}
	reading->config->filter = match;
	return true;
}

static bool read_output(const struct reading *reading)
{
	struct mirror_config *config = reading->config;
	const struct db_row *port = reading->row.output_port;

	config->output = port ? db_row_string(port, PORT_NAME, "") : NULL;
	config->output_vlan =
		reading->row.output_vlan ? (uint16_t)(*reading->row.output_vlan % VLANS) : 0;
	if (!port && !config->output_vlan) {
		complain(reading, "it has no effect without output_port or output_vlan");
		return false;
	}
	if (port && !in_bridge(reading, port)) {
		complain(reading, "output_port %s is not one of this bridge", config->output);
		return false;
	}
	if (port && config->output_vlan) {
		complain(reading, "it has both output_port and output_vlan; the port is used");
		config->output_vlan = 0;
	}
	return true;
}

/* False if the mirror cannot work. */
static bool read_one(const struct reading *reading)
{
	static const struct mirror_config none;
	struct mirror_config *config = reading->config;

	*config = none;
	uuid_format(db_row_uuid(reading->row.row), config->id);
	if (!read_output(reading) || !read_filter(reading))
		return false;
	config->all = reading->row.select_all;
	config->snaplen = reading->row.snaplen ? (uint16_t)*reading->row.snaplen : 0;
	read_vlans(reading);
	config->src = read_ports(reading, MIRROR_SELECT_SRC_PORT, &config->n_src);
	config->dst = read_ports(reading, MIRROR_SELECT_DST_PORT, &config->n_dst);
	/* As with OVS, VLANs alone select what is in them wherever it passes. */
	if (!db_row_count(reading->row.row, MIRROR_SELECT_SRC_PORT) &&
	    !db_row_count(reading->row.row, MIRROR_SELECT_DST_PORT)) {
		if (db_row_count(reading->row.row, MIRROR_SELECT_VLAN))
			config->all = true;
		else if (!config->all)
			complain(
				reading,
				"it selects nothing; set select_all, select_src_port, select_dst_port "
				"or select_vlan"
			);
	}
	return true;
}

void mirrors_wanted_read(const struct db_row *bridge, struct l2_config *config, struct strbuf *out)
{
	size_t count = db_row_count(bridge, BRIDGE_MIRRORS);
	struct mirror_config *mirrors = XNEW_N(struct mirror_config, count + 1);

	for (size_t i = 0; i < count; i++) {
		struct reading reading = {
			.bridge = bridge,
			.config = &mirrors[config->n_mirrors],
			.out = out,
		};

		mirror_row_read(&reading.row, db_row_ref_at(bridge, BRIDGE_MIRRORS, i));
		if (config->n_mirrors == MIRRORS_MAX) {
			complain(&reading, "a bridge can have %d mirrors at most", MIRRORS_MAX);
			break;
		}
		if (read_one(&reading))
			config->n_mirrors++;
	}
	config->mirrors = mirrors;
}

void mirrors_wanted_release(struct l2_config *config)
{
	for (unsigned i = 0; i < config->n_mirrors; i++) {
		free(config->mirrors[i].src);
		free(config->mirrors[i].dst);
		free((struct match *)config->mirrors[i].filter);
	}
	free((struct mirror_config *)config->mirrors);
}
