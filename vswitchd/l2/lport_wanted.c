/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/l2/lport_wanted.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/db_row.h"
#include "lib/strbuf.h"
#include "ofproto/bridge.h"
#include "vswitchd/l2/guard_wanted.h"
#include "vswitchd/rows.h"

enum {
	VLANS = 4096,
	DEAD_VLAN = 4095,
	TYPE_8021Q = 0x8100,
	TYPE_8021AD = 0x88a8,
};

static enum vlan_mode vlan_mode(const struct port_row *port)
{
	static const struct {
		const char *name;
		enum vlan_mode mode;
	} modes[] = {
		{"access", VLAN_MODE_ACCESS},
		{"trunk", VLAN_MODE_TRUNK},
		{"native-tagged", VLAN_MODE_NATIVE_TAGGED},
		{"native-untagged", VLAN_MODE_NATIVE_UNTAGGED},
		{"dot1q-tunnel", VLAN_MODE_DOT1Q_TUNNEL},
	};

	for (size_t i = 0; port->vlan_mode && i < ARRAY_LENGTH(modes); i++)
		if (!strcmp(modes[i].name, port->vlan_mode))
			return modes[i].mode;
	return port->tag ? VLAN_MODE_ACCESS : VLAN_MODE_TRUNK;
}

static void read_set(const struct db_row *row, unsigned column, uint64_t vlans[VLANS / 64])
{
	size_t n = db_row_count(row, column);

	memset(vlans, n ? 0 : 0xff, VLANS / 8);
	for (size_t i = 0; i < n; i++) {
		unsigned vlan = (unsigned)db_row_integer_at(row, column, i) % VLANS;

		vlans[vlan / 64] |= 1ULL << vlan % 64;
	}
}

static enum priority_tags priority_tags(const struct db_row *port)
{
	static const struct {
		const char *name;
		enum priority_tags tags;
	} words[] = {
		{"always", PRIORITY_TAGS_ALWAYS},
		{"if-nonzero", PRIORITY_TAGS_IF_NONZERO},
		{"true", PRIORITY_TAGS_IF_NONZERO},
	};
	const char *text = db_row_map_get(port, PORT_OTHER_CONFIG, "priority-tags");

	for (size_t i = 0; text && i < ARRAY_LENGTH(words); i++)
		if (!strcmp(words[i].name, text))
			return words[i].tags;
	return PRIORITY_TAGS_NEVER;
}

static enum private_trunk private_trunk(const struct db_row *port, enum vlan_mode mode)
{
	const char *text = db_row_map_get(port, PORT_OTHER_CONFIG, "private-vlan-trunk");

	if (!text || mode == VLAN_MODE_ACCESS || mode == VLAN_MODE_DOT1Q_TUNNEL)
		return PRIVATE_TRUNK_PLAIN;
	if (!strcmp(text, "promiscuous"))
		return PRIVATE_TRUNK_PROMISCUOUS;
	return strcmp(text, "isolated") ? PRIVATE_TRUNK_PLAIN : PRIVATE_TRUNK_ISOLATED;
}

void lport_wanted_read(const struct db_row *port, struct bridge_lport_config *config)
{
	const char *type = db_row_map_get(port, PORT_OTHER_CONFIG, "qinq-ethtype");
	struct port_row row;

	port_row_read(&row, port);
	config->vlan_mode = vlan_mode(&row);
	config->tag = row.tag ? (uint16_t)*row.tag : 0;
	read_set(port, PORT_TRUNKS, config->trunks);
	read_set(port, PORT_CVLANS, config->cvlans);
	config->qinq_type = type && !strcmp(type, "802.1q") ? TYPE_8021Q : TYPE_8021AD;
	config->priority_tags = priority_tags(port);
	config->private_trunk = private_trunk(port, config->vlan_mode);
	config->protected_port = row.protected;
	config->guard = guard_wanted_new(port, NULL);
}

void lport_wanted_release(struct bridge_lport_config *config)
{
	json_decref((json_t *)config->other_config);
	free((struct guard_config *)config->guard);
}

static void add(struct strbuf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct strbuf *out, const char *format, ...)
{
	va_list args;

	if (out->length)
		strbuf_add(out, "; ");
	va_start(args, format);
	strbuf_addv(out, format, args);
	va_end(args);
}

/* Neutron and os-vif cut a port off that is not wired yet by making it a trunk of the dead VLAN. */
static bool is_dead(const struct port_row *port)
{
	return port->tag && *port->tag == DEAD_VLAN && db_row_count(port->row, PORT_TRUNKS) == 1 &&
		db_row_integer_at(port->row, PORT_TRUNKS, 0) == DEAD_VLAN;
}

void lport_wanted_explain(const struct db_row *port, struct strbuf *out)
{
	struct port_row row;

	port_row_read(&row, port);

	const char *name = row.name;
	enum vlan_mode mode = vlan_mode(&row);
	bool has_tag = row.tag, has_trunks = db_row_count(port, PORT_TRUNKS);

	if (db_row_count(port, PORT_INTERFACES) > 1)
		add(out,
		    "port %s: there are no bonds yet: all its interfaces receive, but one of them sends "
		    "everything, whatever becomes of its link",
		    name);
	if (has_trunks && mode == VLAN_MODE_ACCESS)
		add(out,
		    "port %s: an access port carries its tag's VLAN only, so trunks has no effect; clear "
		    "trunks, or set vlan_mode to native-untagged",
		    name);
	if (has_trunks && mode == VLAN_MODE_DOT1Q_TUNNEL)
		add(out,
		    "port %s: trunks has no effect on a dot1q-tunnel port; the customers' VLANs it takes "
		    "are in cvlans",
		    name);
	if (has_tag && mode == VLAN_MODE_TRUNK && !is_dead(&row))
		add(out,
		    "port %s: a trunk has no VLAN of its own, so tag has no effect; clear tag, or set "
		    "vlan_mode to native-tagged or native-untagged",
		    name);
	if (!has_tag && mode != VLAN_MODE_TRUNK)
		add(out,
		    "port %s: vlan_mode=%s needs a tag; without one the port is in VLAN 0",
		    name,
		    row.vlan_mode ? row.vlan_mode : "");
	if (db_row_count(port, PORT_CVLANS) && mode != VLAN_MODE_DOT1Q_TUNNEL)
		add(out,
		    "port %s: cvlans has an effect on dot1q-tunnel ports only; set vlan_mode to "
		    "dot1q-tunnel",
		    name);
	if (db_row_map_get(port, PORT_OTHER_CONFIG, "private-vlan-trunk") &&
	    (mode == VLAN_MODE_ACCESS || mode == VLAN_MODE_DOT1Q_TUNNEL))
		add(out,
		    "port %s: private-vlan-trunk has an effect on trunks only; an access port is what "
		    "its tag's VLAN is in private-vlans of the bridge",
		    name);
	free(guard_wanted_new(port, out));
}
