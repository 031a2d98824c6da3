/* SPDX-License-Identifier: Apache-2.0 */

/* Rules that say in which table of routes is looked (ovs/route/rule/add): those given by command.
 * They lead to tables of routes given by command, and come before the kernel's; the kernel follows
 * its own rules, which are only shown here.  */

#include "ofproto/underlay/rules.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/command.h"
#include "lib/netlink/netlink.h"
#include "lib/strbuf.h"
#include "ofproto/underlay/underlay_priv.h"

enum {
	RULES_MAX = 256,
	SHOWN_MAX = 4096,
	PRIORITY_MAIN = 32766, /* as the kernel's */
};

struct rule {
	uint32_t priority, table;
	bool invert, v6;
	struct ipaddr from;
	unsigned length; /* of 'from'; 0: all */
};

static struct rule rules[RULES_MAX]; /* by priority */
static unsigned n_rules;

static bool applies(const struct rule *rule, const struct underlay_end *end)
{
	if (rule->v6 == ipaddr_is_v4(&end->dst))
		return false;
	bool is_from = !rule->length || ipaddr_in_prefix(&end->from, &rule->from, rule->length);

	return is_from != rule->invert;
}

bool rules_walk(
	const struct underlay_end *end, bool (*look)(uint32_t table, void *context), void *context
)
{
	bool main_done = false;

	for (unsigned i = 0; i < n_rules; i++) {
		if (!main_done && rules[i].priority > PRIORITY_MAIN) {
			main_done = true;
			if (look(RT_TABLE_MAIN, context))
				return true;
		}
		if (applies(&rules[i], end) && look(rules[i].table, context))
			return true;
	}
	return !main_done && look(RT_TABLE_MAIN, context);
}

void rules_fini(void)
{
	n_rules = 0;
}

/* Words. */

bool rules_read_table(const char *text, uint32_t *table)
{
	static const struct {
		const char *name;
		uint32_t table;
	} names[] = {
		{"local", RT_TABLE_LOCAL},
		{"main", RT_TABLE_MAIN},
		{"default", RT_TABLE_DEFAULT},
	};
	char *end;

	for (unsigned i = 0; i < ARRAY_LENGTH(names); i++)
		if (!strcmp(text, names[i].name)) {
			*table = names[i].table;
			return true;
		}
	errno = 0;
	unsigned long number = strtoul(text, &end, 10);

	*table = (uint32_t)number;
	return *text >= '0' && *text <= '9' && !*end && !errno && number && number <= UINT32_MAX;
}

static void add_table(struct strbuf *out, uint32_t table)
{
	if (table == RT_TABLE_LOCAL)
		strbuf_add(out, "local");
	else if (table == RT_TABLE_MAIN)
		strbuf_add(out, "main");
	else if (table == RT_TABLE_DEFAULT)
		strbuf_add(out, "default");
	else
		strbuf_addf(out, "%u", table);
}

/* One of "not", "-6", "from=…", "prio=N", "table=…". */
static int read_word(struct rule *rule, const char *word, struct errbuf *err)
{
	char *end;

	if (!strcmp(word, "-6")) {
		rule->v6 = true;
	} else if (!strcmp(word, "not")) {
		rule->invert = true;
	} else if (!strcmp(word, "from=all")) {
		rule->length = 0;
	} else if (!strncmp(word, "from=", 5)) {
		if (!ipaddr_parse_prefix(&rule->from, &rule->length, word + 5))
			return errbuf_set(
				err, -EINVAL, "%s: from=all or from=ADDRESS/LENGTH is wanted", word
			);
		rule->v6 = !ipaddr_is_v4(&rule->from);
	} else if (!strncmp(word, "prio=", 5)) {
		rule->priority = (uint32_t)strtoul(word + 5, &end, 10);
		if (!word[5] || *end)
			return errbuf_set(err, -EINVAL, "%s: a number is wanted", word);
	} else if (strncmp(word, "table=", 6) || !rules_read_table(word + 6, &rule->table)) {
		return errbuf_set(
			err,
			-EINVAL,
			"%s: [-6] [not] from=all|IP/LENGTH [prio=N] "
			"table=local|main|default|N is wanted",
			word
		);
	}
	return 0;
}

static int read_rule(struct rule *rule, const struct command_call *call, struct errbuf *err)
{
	*rule = (struct rule){.priority = 0};
	for (int i = 0; i < call->argc; i++)
		if (read_word(rule, call->argv[i], err))
			return err->error;
	if (!rule->table)
		return errbuf_set(err, -EINVAL, "table=local|main|default|N is wanted");
	return 0;
}

/* Commands. */

static bool is_like(const struct rule *a, const struct rule *b)
{
	return a->table == b->table && a->invert == b->invert && a->v6 == b->v6 &&
		a->length == b->length && ipaddr_equal(&a->from, &b->from);
}

static void changed(void)
{
	routes_ask_again();
	underlay_flush();
}

static json_t *cmd_add(struct command_call *call, struct errbuf *err)
{
	struct rule rule;
	unsigned at = n_rules;

	if (read_rule(&rule, call, err))
		return NULL;
	if (n_rules == RULES_MAX) {
		errbuf_set(err, -ENOSPC, "there are %d rules already", RULES_MAX);
		return NULL;
	}
	/* Without a priority it comes before the others, as the kernel's do. */
	if (!rule.priority)
		rule.priority = (n_rules && rules[0].priority < PRIORITY_MAIN ? rules[0].priority
									      : PRIORITY_MAIN) -
			1;
	while (at && rules[at - 1].priority > rule.priority) {
		rules[at] = rules[at - 1];
		at--;
	}
	rules[at] = rule;
	n_rules++;
	changed();
	return json_string("OK");
}

static json_t *cmd_del(struct command_call *call, struct errbuf *err)
{
	struct rule rule;
	unsigned at = 0;

	if (read_rule(&rule, call, err))
		return NULL;
	while (at < n_rules &&
	       (!is_like(&rules[at], &rule) ||
		(rule.priority && rules[at].priority != rule.priority)))
		at++;
	if (at == n_rules) {
		errbuf_set(
			err,
			-ENOENT,
			"no such rule was added; those of the kernel are deleted with ip rule"
		);
		return NULL;
	}
	n_rules--;
	memmove(&rules[at], &rules[at + 1], (n_rules - at) * sizeof(rules[0]));
	changed();
	return json_string("OK");
}

/* Showing. */

static void add_prefix(struct strbuf *line, const struct ipaddr *ip, unsigned length)
{
	char text[IPADDR_TEXT_SIZE];

	if (!length)
		strbuf_add(line, "all");
	else if (length == (ipaddr_is_v4(ip) ? 32 : 128))
		strbuf_add(line, ipaddr_format(ip, text));
	else
		strbuf_addf(line, "%s/%u", ipaddr_format(ip, text), length);
}

static void add_line(json_t *lines, const char *kind, const struct rule *rule, uint32_t mark)
{
	struct strbuf line = STRBUF_INIT;

	strbuf_addf(&line, "%s: %u: %sfrom ", kind, rule->priority, rule->invert ? "not " : "");
	add_prefix(&line, &rule->from, rule->length);
	if (mark)
		strbuf_addf(&line, " MARK %u", mark);
	strbuf_add(&line, " lookup ");
	add_table(&line, rule->table);
	json_array_append_new(lines, json_string(strbuf_text(&line)));
	strbuf_fini(&line);
}

static uint32_t get_u32(const struct rtattr *attribute, uint32_t otherwise)
{
	if (attribute && RTA_PAYLOAD(attribute) == sizeof(otherwise))
		memcpy(&otherwise, RTA_DATA(attribute), sizeof(otherwise));
	return otherwise;
}

static bool show_kernels(void *lines, const struct nlmsghdr *message)
{
	const struct fib_rule_hdr *body = NLMSG_DATA(message);
	const struct rtattr *a[FRA_TABLE + 1];
	struct rule rule = {.priority = 0};

	if (!netlink_parse(message, sizeof(*body), a, ARRAY_LENGTH(a)) ||
	    body->action != FR_ACT_TO_TBL)
		return true;
	rule.priority = get_u32(a[FRA_PRIORITY], 0);
	rule.table = get_u32(a[FRA_TABLE], body->table);
	rule.invert = body->flags & FIB_RULE_INVERT;
	rule.length = body->src_len;
	if (a[FRA_SRC] && RTA_PAYLOAD(a[FRA_SRC]) == sizeof(rule.from)) {
		memcpy(&rule.from, RTA_DATA(a[FRA_SRC]), sizeof(rule.from));
	} else if (a[FRA_SRC] && RTA_PAYLOAD(a[FRA_SRC]) == sizeof(be32)) {
		be32 v4;

		memcpy(&v4, RTA_DATA(a[FRA_SRC]), sizeof(v4));
		rule.from = ipaddr_from_v4(v4);
	}
	add_line(lines, "Cached", &rule, get_u32(a[FRA_FWMARK], 0));
	return json_array_size(lines) < SHOWN_MAX;
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	bool v6 = call->argc && !strcmp(call->argv[0], "-6");
	struct fib_rule_hdr body = {.family = v6 ? AF_INET6 : AF_INET};
	struct netlink_request request;
	json_t *lines = json_array();

	for (unsigned i = 0; i < n_rules; i++)
		if (rules[i].v6 == v6)
			add_line(lines, "User", &rules[i], 0);
	netlink_begin(&request, RTM_GETRULE, NLM_F_DUMP, &body, sizeof(body));
	netlink_ask_now(&request, show_kernels, lines);
	return lines;
}

static void format_show(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *line;

	json_array_foreach(answer, i, line)
		strbuf_addf(out, "%s\n", json_string_value(line));
}

#define RULE_WORDS "[-6] [not] from=all|IP/LENGTH [prio=N] table=local|main|default|N"

MGMT_COMMAND(
	ovs_route_rule_add,
	"ovs/route/rule/add",
	RULE_WORDS,
	2,
	5,
	cmd_add,
	"Says for which tunnels' own addresses a table of added routes is looked at."
);
MGMT_COMMAND(
	ovs_route_rule_del,
	"ovs/route/rule/del",
	RULE_WORDS,
	2,
	5,
	cmd_del,
	"Deletes a rule that ovs/route/rule/add added."
);
MGMT_COMMAND_TEXT(
	ovs_route_rule_show,
	"ovs/route/rule/show",
	"[-6]",
	0,
	1,
	cmd_show,
	"Lists the rules added, and the kernel's, by which ways to far ends are found.",
	format_show
);
