/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/flow_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/near.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/oxm.h"

static const struct command_word commands[] = {
	{"add", FLOW_ADD},
	{"modify", FLOW_MODIFY},
	{"modify_strict", FLOW_MODIFY_STRICT},
	{"delete", FLOW_DELETE},
	{"delete_strict", FLOW_DELETE_STRICT},
};

static const struct {
	const char *name;
	uint16_t flag;
} flags[] = {
	{"send_flow_rem", FLOW_SEND_FLOW_REM},
	{"check_overlap", FLOW_CHECK_OVERLAP},
	{"reset_counts", FLOW_RESET_COUNTS},
	{"no_packet_counts", FLOW_NO_PACKET_COUNTS},
	{"no_byte_counts", FLOW_NO_BYTE_COUNTS},
};

static const char *const words[] = {
	"table",
	"priority",
	"cookie",
	"idle_timeout",
	"hard_timeout",
	"importance",
	"out_port",
	"out_group",
	"actions",
};

struct parser {
	struct of_flow_mod *mod;
	const struct names *names;
	struct errbuf *err;
	enum flow_command command;
	bool shows; /* the flows that FLOW_DELETE would choose are but shown */
	bool has_table;
	const char *unfit; /* a word by which 'command' cannot choose flows, or NULL */
};

static int parse_cookie(struct parser *p, char *value)
{
	char *mask = value ? strchr(value, '/') : NULL;
	int error;

	if (mask)
		*mask++ = '\0';
	error = action_number("cookie", value, UINT64_MAX, &p->mod->cookie, p->err);
	if (error || !mask)
		return error;
	if (!strcmp(mask, "-1"))
		p->mod->cookie_mask = UINT64_MAX;
	else
		error = action_number("cookie", mask, UINT64_MAX, &p->mod->cookie_mask, p->err);
	return error;
}

static int parse_u16(struct parser *p, const char *name, const char *value, uint16_t *to)
{
	uint64_t number = 0;
	int error = action_number(name, value, 65535, &number, p->err);

	*to = (uint16_t)number;
	return error;
}

static int parse_group(struct parser *p, const char *value)
{
	uint64_t number = 0;
	int error = 0;

	if (value && !strcasecmp(value, "any"))
		number = UINT32_MAX;
	else
		error = action_number("out_group", value, UINT32_MAX, &number, p->err);
	p->mod->out_group = (uint32_t)number;
	return error;
}

/* What dumps say of the past may stand in flows that are loaded again. */
static bool is_past(const char *name)
{
	static const char *const past[] = {
		"duration",
		"n_packets",
		"n_bytes",
		"idle_age",
		"hard_age",
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(past); i++)
		if (!strcmp(name, past[i]))
			return true;
	return false;
}

/* What a flow has besides what it matches. */
static int parse_property(struct parser *p, const char *name, const char *value)
{
	const struct {
		const char *name;
		uint16_t *to;
	} properties[] = {
		{"priority", &p->mod->priority},
		{"idle_timeout", &p->mod->idle_timeout},
		{"hard_timeout", &p->mod->hard_timeout},
		{"importance", &p->mod->importance},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(properties); i++)
		if (!strcmp(name, properties[i].name)) {
			if (p->command != FLOW_DELETE_STRICT || strcmp(name, "priority"))
				p->unfit = properties[i].name;
			return parse_u16(p, name, value, properties[i].to);
		}
	return -ENOENT;
}

/* The words that are not part of a match. -ENOENT if it is none. */
static int parse_own_word(struct parser *p, const char *name, char *value)
{
	for (unsigned i = 0; !value && i < ARRAY_LENGTH(flags); i++)
		if (!strcmp(name, flags[i].name)) {
			p->mod->flags |= flags[i].flag;
			return 0;
		}
	if (!strcmp(name, "table")) {
		p->has_table = true;
		if (!value || !names_parse_table(p->names, value, &p->mod->table_id))
			return errbuf_set(
				p->err,
				-EINVAL,
				"table: '%s' is neither a number up to 254 nor the name of a table",
				value ? value : ""
			);
		return 0;
	}
	if (!strcmp(name, "out_port")) {
		if (!value || !names_parse_port(p->names, value, &p->mod->out_port))
			return errbuf_set(
				p->err,
				-EINVAL,
				"out_port: no port is named '%s'",
				value ? value : ""
			);
		return 0;
	}
	if (!strcmp(name, "cookie"))
		return parse_cookie(p, value);
	if (!strcmp(name, "out_group"))
		return parse_group(p, value);
	return is_past(name) ? 0 : parse_property(p, name, value);
}

/* "drop", "normal" or "output:2", where the words of the match are. */
static bool is_action(const char *word)
{
	char *name = xstrdup(word);
	uint32_t port;

	name[strcspn(name, ":(")] = '\0';
	bool is = !strcmp(name, "drop") || action_find(name) ||
		(isalpha((unsigned char)*name) && names_parse_port(NULL, name, &port));

	free(name);
	return is;
}

static int unknown_word(struct parser *p, const char *name)
{
	struct near near;

	if (is_action(name) && p->command >= FLOW_DELETE)
		return errbuf_set(
			p->err,
			-EINVAL,
			"'%s' is an action: flows are chosen by what they match, or with "
			"out_port=PORT or out_group=GROUP by where they lead",
			name
		);
	if (is_action(name))
		return errbuf_set(
			p->err, -EINVAL, "'%s' is an action: put it behind actions=", name
		);
	near_init(&near, name);
	match_near(&near);
	for (unsigned i = 0; i < ARRAY_LENGTH(words); i++)
		near_add(&near, words[i]);
	for (unsigned i = 0; i < ARRAY_LENGTH(flags); i++)
		near_add(&near, flags[i].name);
	return near_refuse(&near, p->err, -EINVAL, "%s: unknown word", name);
}

/* Where "actions=" begins, outside of other words; NULL if nowhere. */
static char *find_actions(char *text)
{
	char *at = text;

	while ((at = strstr(at, "action"))) {
		size_t n = strncmp(at, "actions", 7) != 0 ? 6 : 7;

		if ((at == text || strchr(", \t", at[-1])) && at[n] == '=')
			return at;
		at += n;
	}
	return NULL;
}

/* The match's text knows fields that traces and flows of the datapath have and OpenFlow has not. */
static int check_numbers(const struct match *match, struct errbuf *err)
{
	FIELDS_FOREACH(field)
		if (!field->n_oxm && !(field->flags & FIELD_VIEW) && match_has(match, field))
			return errbuf_set(
				err,
				-EINVAL,
				"%s: OpenFlow has no number for it, so no flow can match it",
				field->name
			);
	return 0;
}

static int parse_words(struct parser *p, char *text)
{
	char *key, *value;
	int error = 0;

	while (!error && action_next_argument(&text, &key, &value)) {
		error = parse_own_word(p, key, value);
		if (error == -ENOENT)
			error = match_parse_word(&p->mod->match, key, value, p->names, p->err);
		if (error == -ENOENT)
			error = unknown_word(p, key);
	}
	if (!error)
		error = match_check(&p->mod->match, p->err);
	return error ? error : check_numbers(&p->mod->match, p->err);
}

static int check_cookie(struct parser *p)
{
	if (p->command == FLOW_ADD && p->mod->cookie_mask)
		return errbuf_set(
			p->err, -EINVAL, "cookie: a flow that is added has no use for a mask"
		);
	if (p->command >= FLOW_DELETE && p->mod->cookie && !p->mod->cookie_mask)
		return errbuf_set(
			p->err,
			-EINVAL,
			"cookie: to delete by cookie write cookie=VALUE/MASK (/-1: all of it)"
		);
	return 0;
}

/* Who adds them may think that other flows stay. */
static int refuse_actions(const struct parser *p)
{
	return errbuf_set(
		p->err,
		-EINVAL,
		"actions: flows are chosen by what they match, or with out_port=PORT or "
		"out_group=GROUP by where they lead, not by their actions"
	);
}

/* More flows would be chosen than were meant. */
static int check_choice(const struct parser *p)
{
	if (p->command < FLOW_DELETE || !p->unfit)
		return 0;
	if (p->command == FLOW_DELETE_STRICT)
		return errbuf_set(
			p->err,
			-EINVAL,
			"%s: flows are chosen by what they match and their priority, whatever else "
			"they have",
			p->unfit
		);
	return errbuf_set(
		p->err,
		-EINVAL,
		"%s: flows are chosen by what they match, whatever their priority and timeouts%s",
		p->unfit,
		p->shows ? "" : "; only with --strict does the priority count"
	);
}

static int parse(struct parser *p, const char *text)
{
	struct of_flow_mod *mod = p->mod;
	uint16_t number = p->command;
	char *copy = xstrdup(text);
	char *line = action_take_command(copy, commands, ARRAY_LENGTH(commands), &number);
	char *actions = find_actions(line), *equals;
	struct action_list kept = mod->actions;
	int error;

	p->command = number;
	*mod = (struct of_flow_mod){
		.command = number,
		.table_id = number < FLOW_DELETE ? 0 : FLOW_ALL_TABLES,
		.priority = FLOW_PRIORITY,
		.buffer_id = UINT32_MAX,
		.out_port = PORT_ANY,
		.out_group = UINT32_MAX,
		.actions = kept,
	};
	action_list_clear(&mod->actions);
	match_init(&mod->match, NULL);
	if (actions) {
		equals = strchr(actions, '=');
		*actions = '\0';
		actions = equals + 1;
	}
	error = parse_words(p, line);
	if (!error)
		error = check_choice(p);
	if (!error && actions && number >= FLOW_DELETE)
		error = refuse_actions(p);
	else if (!error && actions)
		error = actions_parse(&mod->actions, actions, p->names, p->err);
	if (!error && !actions && number < FLOW_DELETE)
		error = errbuf_set(
			p->err, -EINVAL, "actions: missing; 'actions=drop' does nothing"
		);
	if (!error)
		error = check_cookie(p);
	if (!error && number == FLOW_MODIFY && !p->has_table)
		mod->table_id = FLOW_ALL_TABLES;
	free(copy);
	return error;
}

int flow_parse(
	struct of_flow_mod *mod,
	enum flow_command command,
	const char *text,
	const struct names *names,
	struct errbuf *err
)
{
	struct parser p = {.mod = mod, .names = names, .err = err, .command = command};

	return parse(&p, text);
}

int flow_parse_request(
	struct of_flow_stats_request *request,
	const char *text,
	const struct names *names,
	struct errbuf *err
)
{
	struct of_flow_mod *mod = XNEW(struct of_flow_mod);
	struct parser p = {
		.mod = mod,
		.names = names,
		.err = err,
		.command = FLOW_DELETE,
		.shows = true,
	};
	int error = parse(&p, text);

	*request = (struct of_flow_stats_request){
		.table_id = mod->table_id,
		.out_port = mod->out_port,
		.out_group = mod->out_group,
		.cookie = mod->cookie,
		.cookie_mask = mod->cookie_mask,
		.match = mod->match,
	};
	of_flow_mod_fini(mod);
	free(mod);
	return error;
}

/* Encoding. */

/* OpenFlow 1.0 has no tables: Nicira's extension puts them above the command. */
static void encode10(struct wire_out *out, const struct of_flow_mod *mod, uint32_t xid)
{
	struct of_flow_mod *copy = XNEW(struct of_flow_mod);
	bool has_table = mod->table_id && mod->table_id != FLOW_ALL_TABLES;
	bool nicira = mod->cookie_mask || !match10_can(&mod->match);

	*copy = *mod;
	if (has_table)
		copy->command |= (uint16_t)(mod->table_id << 8);
	if (nicira && mod->cookie_mask) {
		copy->match_cookie = mod->cookie;
		copy->match_cookie_mask = mod->cookie_mask;
		/* The rules that are found keep theirs. */
		copy->cookie = UINT64_MAX;
	}
	message_encode(out, nicira ? &of_nx_flow_mod_type : &of_flow_mod_type, xid, copy);
	free(copy);
}

int flow_encode(
	struct wire_out *out, const struct of_flow_mod *mod, uint32_t xid, struct errbuf *err
)
{
	const char *missing = NULL;

	if (mod->importance && out->version < OF14)
		missing = "importance";
	if (mod->out_group != UINT32_MAX && out->version < OF12)
		missing = "out_group";
	if (mod->flags & (FLOW_NO_PACKET_COUNTS | FLOW_NO_BYTE_COUNTS) && out->version < OF13)
		missing =
			mod->flags & FLOW_NO_PACKET_COUNTS ? "no_packet_counts" : "no_byte_counts";
	if (missing)
		return errbuf_set(
			err,
			-EINVAL,
			"%s: %s does not have it; choose another version with -O",
			missing,
			message_version_name(out->version)
		);
	if (out->version == OF10)
		encode10(out, mod, xid);
	else
		message_encode(out, &of_flow_mod_type, xid, mod);
	return action_check_lost(out, err);
}

/* Formatting. */

static void format_flags(uint16_t value, struct strbuf *out)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(flags); i++)
		if (value & flags[i].flag)
			strbuf_addf(out, "%s ", flags[i].name);
}

static void format_duration(const struct of_flow_stats *flow, struct strbuf *out)
{
	strbuf_addf(out, "duration=%u", flow->duration_sec);
	if (flow->duration_nsec) {
		strbuf_addf(out, ".%09u", flow->duration_nsec);
		strbuf_chomp(out, '0');
		while (out->length && out->text[out->length - 1] == '0')
			strbuf_chomp(out, '0');
	}
	strbuf_add(out, "s, ");
}

static void format_match(
	const struct match *match, uint16_t priority, const struct names *names, struct strbuf *out
)
{
	size_t start = out->length;

	if (priority != FLOW_PRIORITY)
		strbuf_addf(out, "priority=%u,", priority);
	match_format(match, names, out);
	strbuf_chomp(out, ',');
	if (out->length > start)
		strbuf_add_char(out, ' ');
}

void flow_format_stats(
	const struct of_flow_stats *flow,
	const struct names *names,
	bool with_stats,
	struct strbuf *out
)
{
	if (with_stats || flow->cookie)
		strbuf_addf(out, "cookie=0x%llx, ", (unsigned long long)flow->cookie);
	if (with_stats)
		format_duration(flow, out);
	if (with_stats || flow->table_id) {
		strbuf_add(out, "table=");
		names_format_table(names, flow->table_id, out);
		strbuf_add(out, ", ");
	}
	if (with_stats)
		strbuf_addf(
			out,
			"n_packets=%llu, n_bytes=%llu, ",
			(unsigned long long)flow->packet_count,
			(unsigned long long)flow->byte_count
		);
	if (flow->idle_timeout)
		strbuf_addf(out, "idle_timeout=%u, ", flow->idle_timeout);
	if (flow->hard_timeout)
		strbuf_addf(out, "hard_timeout=%u, ", flow->hard_timeout);
	format_flags(flow->flags, out);
	if (flow->importance)
		strbuf_addf(out, "importance=%u, ", flow->importance);
	/* Nicira's ages count from 1; 0 says nothing. */
	if (with_stats && flow->idle_age)
		strbuf_addf(out, "idle_age=%u, ", flow->idle_age - 1U);
	if (with_stats && flow->hard_age && flow->hard_age - 1U != flow->duration_sec)
		strbuf_addf(out, "hard_age=%u, ", flow->hard_age - 1U);
	format_match(&flow->match, flow->priority, names, out);
	strbuf_add(out, "actions=");
	actions_format(&flow->actions, names, out);
}

void flow_format_mod(const struct of_flow_mod *mod, const struct names *names, struct strbuf *out)
{
	static const char *const verbs[] = {"ADD", "MOD", "MOD_STRICT", "DEL", "DEL_STRICT"};
	unsigned verb = mod->command & 0xff;
	/* Nicira's way to name a table in OpenFlow 1.0. */
	uint8_t table = mod->command >> 8 ? (uint8_t)(mod->command >> 8) : mod->table_id;

	strbuf_addf(out, "%s ", verb < ARRAY_LENGTH(verbs) ? verbs[verb] : "?");
	if (table && (table != FLOW_ALL_TABLES || mod->command >> 8)) {
		strbuf_add(out, "table:");
		names_format_table(names, table, out);
		strbuf_add_char(out, ' ');
	}
	format_match(&mod->match, mod->priority, names, out);
	if (mod->cookie || mod->cookie_mask)
		strbuf_addf(out, "cookie:0x%llx", (unsigned long long)mod->cookie);
	if (mod->cookie_mask)
		strbuf_addf(out, "/0x%llx", (unsigned long long)mod->cookie_mask);
	if (mod->cookie || mod->cookie_mask)
		strbuf_add_char(out, ' ');
	if (mod->idle_timeout)
		strbuf_addf(out, "idle:%u ", mod->idle_timeout);
	if (mod->hard_timeout)
		strbuf_addf(out, "hard:%u ", mod->hard_timeout);
	if (mod->importance)
		strbuf_addf(out, "importance:%u ", mod->importance);
	if (mod->out_port != PORT_ANY) {
		strbuf_add(out, "out_port:");
		names_format_port(names, mod->out_port, out);
		strbuf_add_char(out, ' ');
	}
	format_flags(mod->flags, out);
	strbuf_add(out, "actions=");
	actions_format(&mod->actions, names, out);
}
