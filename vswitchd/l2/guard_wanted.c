/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/l2/guard_wanted.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/db_row.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/l2/guard.h"
#include "vswitchd/config/setting.h"
#include "vswitchd/rows.h"

enum {
	ADDRESSES_MAX = 256,
	WORD_MAX = 64,
};

static bool parse_mac(const char *text, struct mac *mac)
{
	uint8_t *m = mac->bytes;
	char rest;

	return text &&
		sscanf(text,
		       "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%c",
		       &m[0],
		       &m[1],
		       &m[2],
		       &m[3],
		       &m[4],
		       &m[5],
		       &rest) == 6 &&
		!(m[0] & 1);
}

/* ADDRESS or ADDRESS/LENGTH, in the family that it is of. */
static bool parse_ip(char *word, struct guard_address *address)
{
	char *slash = strchr(word, '/');
	char *end = NULL;
	unsigned long length = 0;

	if (slash) {
		*slash = '\0';
		length = strtoul(slash + 1, &end, 10);
	}
	if (inet_pton(AF_INET, word, address->ip) == 1)
		address->family = GUARD_IPV4;
	else if (inet_pton(AF_INET6, word, address->ip) == 1)
		address->family = GUARD_IPV6;
	else
		return false;
	unsigned bits = address->family == GUARD_IPV4 ? 32 : 128;

	address->prefix = slash ? length : bits;
	if (slash)
		*slash = '/';
	return !slash || (end != slash + 1 && !*end && length <= bits);
}

static void add(struct guard_config *config, const struct guard_address *address)
{
	config->addresses[config->n++] = *address;
}

static void complain(const struct db_row *port, const char *what, struct strbuf *out)
{
	if (!out)
		return;
	strbuf_addf(
		out,
		"%sport %s: allowed-addresses: %s",
		out->length ? "; " : "",
		db_row_string(port, PORT_NAME, ""),
		what
	);
}

/* "MAC [IP…] [MAC [IP…]]…", separated by blanks or commas. A word that makes no sense is left out, which
 * allows less rather than more. */
static void parse_addresses(
	const struct db_row *port, const char *text, struct guard_config *config, struct strbuf *out
)
{
	static const struct guard_address none;
	struct guard_address address = none;
	bool has_mac = false;

	while (*(text += strspn(text, " ,"))) {
		size_t n = strcspn(text, " ,");
		char word[WORD_MAX], sentence[WORD_MAX + 128];
		struct mac mac;

		snprintf(word, sizeof(word), "%.*s", (int)n, text);
		text += n;
		if (config->n == ADDRESSES_MAX) {
			complain(port, "there are too many; the rest is not allowed", out);
			return;
		}
		if (parse_mac(word, &mac)) {
			address = none;
			address.mac = mac;
			has_mac = true;
			add(config, &address);
		} else if (has_mac && parse_ip(word, &address)) {
			add(config, &address);
		} else {
			snprintf(
				sentence,
				sizeof(sentence),
				"'%s' is %s",
				word,
				has_mac ? "neither a MAC nor an IP address"
					: "no MAC address, which must come first"
			);
			complain(port, sentence, out);
		}
	}
}

/* Without a list, the MACs that the orchestrator gave the interfaces. */
static void take_macs(const struct db_row *port, struct guard_config *config)
{
	for (size_t i = 0; i < db_row_count(port, PORT_INTERFACES); i++) {
		const struct db_row *interface = db_row_ref_at(port, PORT_INTERFACES, i);
		struct guard_address address = {.family = GUARD_ANY};

		if (config->n < ADDRESSES_MAX &&
		    (parse_mac(
			     db_row_map_get(interface, INTERFACE_EXTERNAL_IDS, "attached-mac"),
			     &address.mac
		     ) ||
		     parse_mac(db_row_string(interface, INTERFACE_MAC, NULL), &address.mac)))
			add(config, &address);
	}
}

static bool is_set(const struct db_row *port, const char *key, const char *value)
{
	const char *text = db_row_map_get(port, PORT_OTHER_CONFIG, key);

	return text && !strcmp(text, value);
}

static uint32_t number(const struct db_row *port, const char *key)
{
	return (uint32_t)setting_get_int(port, PORT_OTHER_CONFIG, key, 0);
}

static void read_words(const struct db_row *port, struct guard_config *config)
{
	config->forged = is_set(port, "forged-transmits", "reject");
	config->changes = is_set(port, "mac-changes", "reject");
	/* A flood must not bring what the table does not. */
	config->promiscuous = is_set(port, "promiscuous", "reject") ||
		(config->changes && !is_set(port, "promiscuous", "accept"));
	config->dhcp = setting_get_bool(port, PORT_OTHER_CONFIG, "dhcp-guard", false);
	config->ra = setting_get_bool(port, PORT_OTHER_CONFIG, "ra-guard", false);
	config->storms[GUARD_BROADCAST] = number(port, "storm-broadcast");
	config->storms[GUARD_MULTICAST] = number(port, "storm-multicast");
	config->storms[GUARD_UNKNOWN] = number(port, "storm-unknown-unicast");
}

static bool is_idle(const struct guard_config *config)
{
	static const uint32_t none[GUARD_STORMS];

	return !config->inspects && !config->forged && !config->changes && !config->promiscuous &&
		!config->dhcp && !config->ra && !memcmp(config->storms, none, sizeof(none));
}

struct guard_config *guard_wanted_new(const struct db_row *port, struct strbuf *out)
{
	struct guard_config *config =
		xcalloc(1, sizeof(*config) + (ADDRESSES_MAX + 1) * sizeof(config->addresses[0]));
	const char *list = db_row_map_get(port, PORT_OTHER_CONFIG, "allowed-addresses");

	read_words(port, config);
	if (list) {
		config->inspects = true;
		parse_addresses(port, list, config, out);
	} else {
		take_macs(port, config);
	}
	if (is_idle(config)) {
		free(config);
		return NULL;
	}
	if (!config->n && (config->forged || config->changes || config->promiscuous)) {
		complain(
			port,
			"nobody has said which MAC the host has (there, in external_ids:attached-mac "
			"or in mac of the interface), so nothing it sends is let in",
			out
		);
	}
	return config;
}
