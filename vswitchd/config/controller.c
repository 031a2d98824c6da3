/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

/* The tables Controller, Manager and SSL: whom the switch talks to, and how.  */

/* clang-format off */
static const struct option other_config[] = {
	CONFIG_INT("dscp", 0, 63, "48", LIVE, "The DSCP of the connection's packets."),
};

static const struct option controller_status[] = {
	CONFIG_TEXT("last_error", LIVE, "Why the last connection ended."),
	CONFIG_TEXT("state", LIVE, "VOID, BACKOFF, CONNECTING, ACTIVE, IDLE or LISTENING."),
	CONFIG_TEXT("sec_since_connect", LIVE, "Seconds since it was connected last."),
	CONFIG_TEXT("sec_since_disconnect", LIVE, "Seconds since it was disconnected last."),
};

static const struct option manager_status[] = {
	CONFIG_TEXT("last_error", LIVE, "Why the last connection ended."),
	CONFIG_TEXT("state", LIVE, "VOID, BACKOFF, CONNECTING, ACTIVE, IDLE or LISTENING."),
	CONFIG_TEXT("sec_since_connect", LIVE, "Seconds since it was connected last."),
	CONFIG_TEXT("sec_since_disconnect", LIVE, "Seconds since it was disconnected last."),
	CONFIG_TEXT("locks_held", LIVE, "Database locks the client owns."),
	CONFIG_TEXT("locks_waiting", LIVE, "Database locks the client waits for."),
	CONFIG_TEXT("locks_lost", LIVE, "Database locks that were taken from the client."),
	CONFIG_TEXT("n_connections", LIVE, "Clients connected, when more than one."),
	CONFIG_TEXT("bound_port", LIVE, "The TCP port listened on."),
};

static const struct config_column controller_columns[] = {
	CONFIG_ADDRESS("target", 6653, USED,
		"Whom to call: tcp:HOST[:PORT], ssl:HOST[:PORT], unix:FILE; or where to listen: "
		"ptcp:[PORT][:IP], pssl:[PORT][:IP], punix:FILE. The port is 6653 unless given. A host is an IP "
		"address, or a name that is looked up before each try to connect."),
	CONFIG_COLUMN("type", USED,
		"'primary' (and unset) decides about fail_mode; 'service' only looks on and helps."),
	CONFIG_COLUMN("max_backoff", USED,
		"Milliseconds between attempts to connect, at most; 8000 if unset."),
	CONFIG_COLUMN("inactivity_probe", USED,
		"Milliseconds of silence before the far end is asked for a sign of life; 0 is never. If "
		"unset 5000, and never on unix sockets."),
	CONFIG_COLUMN_LATER("connection_mode", "out-of-band",
		"Whether the way to the controller leads through the bridge itself."),
	CONFIG_COLUMN("local_ip", LATER, "In-band: the address to set on the bridge's port."),
	CONFIG_COLUMN("local_netmask", LATER, "In-band: its netmask."),
	CONFIG_COLUMN("local_gateway", LATER, "In-band: its gateway."),
	CONFIG_COLUMN("enable_async_messages", USED,
		"Whether the controller is sent packets and changes without asking; true if unset."),
	CONFIG_COLUMN("controller_queue_size", USED,
		"Packets that may wait until this controller reads them; as "
		"Bridge.other_config:controller-queue-size says if unset."),
	CONFIG_COLUMN("controller_rate_limit", USED,
		"Packets per second this controller is sent; any number if unset."),
	CONFIG_COLUMN("controller_burst_limit", USED,
		"Packets that may come at once, and that may wait beyond the rate; a quarter of the rate "
		"unless set. Ports take turns."),
	CONFIG_COLUMN("is_connected", STATUS, "Whether the connection is up."),
	CONFIG_COLUMN("role", STATUS, "The controller's OpenFlow role: other, master or slave."),
	CONFIG_MAP("status", STATUS, controller_status, "How the connection is doing."),
	CONFIG_MAP("other_config", USED, other_config, "More settings of the connection."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about the controller."),
};

static const struct config_column manager_columns[] = {
	CONFIG_ADDRESS("target", 6640, USED,
		"Where the database listens: ptcp:[PORT][:IP], pssl:[PORT][:IP], punix:FILE; or whom it "
		"calls: tcp:HOST[:PORT], ssl:HOST[:PORT], unix:FILE; a host's name is looked up before each "
		"try. The port is 6640 unless given."),
	CONFIG_COLUMN("max_backoff", USED,
		"Milliseconds between attempts to connect, at most; 8000 if unset."),
	CONFIG_COLUMN("inactivity_probe", USED,
		"Milliseconds of silence before the client is asked for a sign of life; 0 is never. If "
		"unset 5000, and never on unix sockets."),
	CONFIG_COLUMN_LATER("connection_mode", "out-of-band",
		"Whether the way to the manager leads through a bridge of this switch."),
	CONFIG_COLUMN("is_connected", STATUS, "Whether a connection is up."),
	CONFIG_MAP("status", STATUS, manager_status, "How the connection is doing."),
	CONFIG_MAP("other_config", USED, other_config, "More settings of the connection."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about the manager."),
};

static const struct config_column ssl_columns[] = {
	CONFIG_COLUMN("private_key", USED, "The switch's private key (PEM file)."),
	CONFIG_COLUMN("certificate", USED, "The switch's certificate (PEM file)."),
	CONFIG_COLUMN("ca_cert", USED, "The CA that the far end is checked by (PEM file)."),
	CONFIG_COLUMN("bootstrap_ca_cert", USED,
		"Believe the first far end and keep its CA; whoever answers first is trusted."),
	CONFIG_COLUMN("ssl_protocols", USED, "TLS versions allowed: 'TLSv1.2,TLSv1.3', or 'TLSv1.2+'."),
	CONFIG_COLUMN("ssl_ciphers", USED, "Ciphers of TLS 1.2, in OpenSSL's words."),
	CONFIG_COLUMN("ssl_ciphersuites", USED, "Ciphers of TLS 1.3, in OpenSSL's words."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about it."),
};
/* clang-format on */

CONFIG_TABLE(controller, "Controller", controller_columns, "An OpenFlow controller of a bridge.");
CONFIG_TABLE(manager, "Manager", manager_columns, "A connection of the database.");
CONFIG_TABLE(ssl, "SSL", ssl_columns, "Key and certificates for TLS.");
