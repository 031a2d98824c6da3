/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/openflow/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/flow/field.h"
#include "lib/types.h"
#include "ofproto/wire/action.h"
#include "utilities/client.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"

static bool begins(const char *text, const char *begin)
{
	return !strncmp(text, begin, strlen(begin));
}

static void offer_options(const char *begin)
{
	static const char *const words[] = {
		"--bundle",
		"--ca-cert=",
		"--certificate=",
		"--help",
		"--json",
		"--may-create",
		"--more",
		"--names",
		"--no-names",
		"--no-stats",
		"--packet-in-format=",
		"--private-key=",
		"--progress",
		"--protocols=",
		"--read-only",
		"--readd",
		"--rsort",
		"--rundir=",
		"--sort",
		"--strict",
		"--timeout=",
		"--timestamp",
		"--version",
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(words); i++)
		if (begins(words[i], begin))
			puts(words[i]);
}

static void offer_switch(void *context, const char *name)
{
	if (begins(name, context))
		puts(name);
}

static void offer_switches(char *begin)
{
	ofconn_switches(client_rundir(options.rundir), "mgmt", offer_switch, begin);
	if (begins("tcp:", begin))
		puts("tcp:");
}

static void offer_action(const char *head, size_t n, const char *begin)
{
	REGISTRY_FOREACH(action_type, type)
		if (begins(type->name, begin))
			printf("%.*s%s\n", (int)n, head, type->name);
	if (begins("drop", begin))
		printf("%.*sdrop\n", (int)n, head);
}

/* A flow's last word: of the match, or an action once "actions=" has been written. */
static void offer_flow_word(const char *flow)
{
	static const char *const words[] = {
		"actions=",
		"table=",
		"priority=",
		"cookie=",
		"idle_timeout=",
		"hard_timeout=",
		"ip",
		"ipv6",
		"arp",
		"tcp",
		"udp",
		"icmp",
		"icmp6",
		"sctp",
		"tcp6",
		"udp6",
	};
	const char *actions = strstr(flow, "actions="), *comma = strrchr(flow, ',');
	const char *word = comma ? comma + 1 : flow;

	if (actions && word <= actions)
		word = actions + strlen("actions=");
	if (actions) {
		offer_action(flow, (size_t)(word - flow), word);
		return;
	}
	for (unsigned i = 0; i < ARRAY_LENGTH(words); i++)
		if (begins(words[i], word))
			printf("%.*s%s\n", (int)(word - flow), flow, words[i]);
	FIELDS_FOREACH(field) {
		if (begins(field->name, word) && *word)
			printf("%.*s%s=\n", (int)(word - flow), flow, field->name);
		if (*field->other_name && begins(field->other_name, word) && *word)
			printf("%.*s%s=\n", (int)(word - flow), flow, field->other_name);
	}
}

int complete(char **words, int n)
{
	const struct ofctl_command *command = NULL;
	char *begin = n ? words[n - 1] : "";
	const char *argument;
	int arguments = 0;

	for (int i = 0; i + 1 < n; i++) {
		if (begins(words[i], "--rundir="))
			options.rundir = words[i] + strlen("--rundir=");
		if (*words[i] == '-' && words[i][1])
			continue;
		if (command)
			arguments++;
		else
			command = ofctl_command_find(words[i]);
	}
	if (*begin == '-') {
		offer_options(begin);
		return EXIT_FINE;
	}
	if (!command) {
		ofctl_commands_complete(begin);
		return EXIT_FINE;
	}
	/* What the argument is can be read where users read it. */
	argument = command->arguments;
	for (int i = 0; i < arguments && *argument; i++) {
		argument += strcspn(argument, " ");
		argument += strspn(argument, " ");
	}
	argument += *argument == '[';
	if (begins(argument, "SWITCH") || begins(argument, "SOURCE"))
		offer_switches(begin);
	else if (begins(argument, "FLOW") || begins(argument, "MATCH"))
		offer_flow_word(begin);
	else if (begins(argument, "ACTIONS"))
		offer_action("", 0, begin);
	return EXIT_FINE;
}
