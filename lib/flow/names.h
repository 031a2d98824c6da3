/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Names that only the switch knows: ports, tables, options of tunnels.
 *
 * Who parses or formats text hands in where names come from; NULL, or a NULL member, means that
 * there are none and numbers are used.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct key;
struct near;
struct strbuf;

struct names {
	bool (*port_number)(void *context, const char *name, uint32_t *number);
	const char *(*port_name)(void *context, uint32_t number); /* NULL if it has none */
	bool (*table_number)(void *context, const char *name, uint8_t *number);
	const char *(*table_name)(void *context, uint8_t number);
	/* Offers every port name as what the user may have meant. May be NULL. */
	void (*port_near)(void *context, struct near *near);
	/* Appends "geneve({…},{…})", the options of tunnels that 'key' has and 'mask' looks at; nothing
	 * if there are none. May be NULL. */
	void (*tunnel_options
	)(void *context, const struct key *key, const struct key *mask, struct strbuf *out);
	void *context;
};

/* OpenFlow's reserved ports, as 32-bit numbers. */
enum {
	PORT_MAX = 0xffffff00U, /* the first number that is not an ordinary port's */
	PORT_UNSET = 0xfffffff7U,
	PORT_IN_PORT = 0xfffffff8U,
	PORT_TABLE = 0xfffffff9U,
	PORT_NORMAL = 0xfffffffaU,
	PORT_FLOOD = 0xfffffffbU,
	PORT_ALL = 0xfffffffcU,
	PORT_CONTROLLER = 0xfffffffdU,
	PORT_LOCAL = 0xfffffffeU,
	PORT_ANY = 0xffffffffU,
};

/* Any thread. */

/* A port by number (16-bit reserved numbers too), reserved name or name. False if it is none. */
bool names_parse_port(const struct names *names, const char *text, uint32_t *port);
/* The reserved name, the quoted-when-needed name, or the number. */
void names_format_port(const struct names *names, uint32_t port, struct strbuf *out);
bool names_parse_table(const struct names *names, const char *text, uint8_t *table);
void names_format_table(const struct names *names, uint8_t table, struct strbuf *out);
