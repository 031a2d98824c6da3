/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/openflow/ofctl.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/control/version.h"
#include "lib/errbuf.h"
#include "lib/near.h"
#include "lib/types.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/wire.h"
#include "utilities/openflow/complete.h"
#include "utilities/refusal.h"

struct options options;

enum {
	OPT_STRICT = 256,
	OPT_STATS,
	OPT_NO_STATS,
	OPT_BUNDLE,
	OPT_RUNDIR,
	OPT_NAMES,
	OPT_NO_NAMES,
	OPT_SORT,
	OPT_RSORT,
	OPT_READD,
	OPT_MAY_CREATE,
	OPT_TIMESTAMP,
	OPT_READ_ONLY,
	OPT_PROGRESS,
	OPT_IGNORED,
};

enum {
	TIMEOUT_MAX = 1000000 /* seconds */
};

static const struct option long_options[] = {
	{"protocols", required_argument, NULL, 'O'},
	{"timeout", required_argument, NULL, 't'},
	{"json", no_argument, NULL, 'j'},
	{"more", no_argument, NULL, 'm'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{"private-key", required_argument, NULL, 'p'},
	{"certificate", required_argument, NULL, 'c'},
	{"ca-cert", required_argument, NULL, 'C'},
	{"packet-in-format", required_argument, NULL, 'P'},
	{"flow-format", required_argument, NULL, 'F'},
	{"strict", no_argument, NULL, OPT_STRICT},
	{"stats", no_argument, NULL, OPT_STATS},
	{"no-stats", no_argument, NULL, OPT_NO_STATS},
	{"bundle", no_argument, NULL, OPT_BUNDLE},
	{"rundir", required_argument, NULL, OPT_RUNDIR},
	{"names", no_argument, NULL, OPT_NAMES},
	{"no-names", no_argument, NULL, OPT_NO_NAMES},
	{"sort", optional_argument, NULL, OPT_SORT},
	{"rsort", optional_argument, NULL, OPT_RSORT},
	{"readd", no_argument, NULL, OPT_READD},
	{"may-create", no_argument, NULL, OPT_MAY_CREATE},
	{"timestamp", no_argument, NULL, OPT_TIMESTAMP},
	{"read-only", no_argument, NULL, OPT_READ_ONLY},
	{"progress", no_argument, NULL, OPT_PROGRESS},
	{"color", optional_argument, NULL, OPT_IGNORED},
	{NULL, 0, NULL, 0},
};

static int compare_commands(const void *a, const void *b)
{
	const struct ofctl_command *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* All commands by name; to be freed. */
static const struct ofctl_command **sorted(size_t *n)
{
	const struct ofctl_command **all = xcalloc(REGISTRY_COUNT(ofctl_command), sizeof(all[0]));

	*n = 0;
	REGISTRY_FOREACH(ofctl_command, command)
		all[(*n)++] = command;
	qsort(all, *n, sizeof(all[0]), compare_commands);
	return all;
}

void ofctl_commands_complete(const char *begin)
{
	size_t n;
	const struct ofctl_command **all = sorted(&n);

	for (size_t i = 0; i < n; i++)
		if (!strncmp(all[i]->name, begin, strlen(begin)))
			puts(all[i]->name);
	free(all);
}

const struct ofctl_command *ofctl_command_find(const char *name)
{
	REGISTRY_FOREACH(ofctl_command, command)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

int usage_of(const struct ofctl_command *command)
{
	fprintf(stderr, "usage: ofctl %s %s\n", command->name, command->arguments);
	return EXIT_ERROR;
}

static void usage(FILE *to)
{
	size_t n;
	const struct ofctl_command **all = sorted(&n);

	fputs("usage: ofctl [OPTION]… COMMAND [ARGUMENT]…\n"
	      "SWITCH is a bridge's name, a socket's path, unix:PATH, tcp:HOST[:PORT] or "
	      "ssl:HOST[:PORT].\nFILE may be -, the standard input.\n\nCommands:\n",
	      to);
	for (size_t i = 0; i < n; i++)
		fprintf(to, "  %s %s\n        %s\n", all[i]->name, all[i]->arguments, all[i]->help);
	free(all);
	fputs("\nOptions:\n"
	      "  -O, --protocols=LIST  versions to speak: OpenFlow10, OpenFlow13, OpenFlow14,\n"
	      "                        OpenFlow15; else the oldest that can do what is asked\n"
	      "  -t, --timeout=SECONDS  give up after so long\n"
	      "  -j, --json            print messages as JSON, one a line\n"
	      "  -m, --more            twice: bytes of messages too\n"
	      "      --bundle          changes happen all at once, or none of them\n"
	      "      --strict          mod-flows, del-flows: only the very same match\n"
	      "      --readd           replace-flows: also flows that are as they should be\n"
	      "      --may-create      mod-group: add the group if there is none\n"
	      "      --names, --no-names  show ports and tables by name; else on terminals only\n"
	      "      --no-stats        dump-flows: leave counters out\n"
	      "      --sort[=FIELD], --rsort[=FIELD]  dump-flows: by priority, or by a field\n"
	      "      --timestamp       monitor, snoop: say when\n"
	      "  -P, --packet-in-format=FORMAT  monitor: standard, nxt_packet_in or "
	      "nxt_packet_in2\n"
	      "      --read-only       refuse commands that change something\n"
	      "      --progress        tell how far a long load is, also without a terminal\n"
	      "  -p, --private-key=FILE, -c, --certificate=FILE, -C, --ca-cert=FILE  for ssl:\n"
	      "      --rundir=DIR      where bridges' sockets are\n"
	      "  -h, --help            this text\n"
	      "  -V, --version         the version\n",
	      to);
}

static bool parse_versions(char *list, uint32_t *versions)
{
	static const struct {
		const char *name;
		uint8_t version;
	} known[] = {
		{"OpenFlow10", OF10},
		{"OpenFlow11", OF11},
		{"OpenFlow12", OF12},
		{"OpenFlow13", OF13},
		{"OpenFlow14", OF14},
		{"OpenFlow15", OF15},
	};
	char *word;

	while ((word = strsep(&list, ", "))) {
		size_t i = 0;

		while (i < ARRAY_LENGTH(known) && strcasecmp(word, known[i].name) != 0)
			i++;
		if (i == ARRAY_LENGTH(known)) {
			fprintf(stderr,
				"ofctl: '%s' is not a version (OpenFlow10, OpenFlow13, OpenFlow14, "
				"OpenFlow15)\n",
				word);
			return false;
		}
		*versions |= 1U << known[i].version;
	}
	/* In a list for any switch they do no harm. */
	if (!(*versions & ~(1U << OF11 | 1U << OF12))) {
		fputs("ofctl: OpenFlow 1.1 and 1.2 are not spoken; there are OpenFlow10, OpenFlow13, "
		      "OpenFlow14 and OpenFlow15\n",
		      stderr);
		return false;
	}
	return true;
}

static bool parse_timeout(const char *text)
{
	char *end;
	unsigned long seconds = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !seconds || seconds > TIMEOUT_MAX) {
		fprintf(stderr, "ofctl: --timeout: \"%s\" is not a number of seconds\n", text);
		return false;
	}
	options.timeout_ms = (unsigned)seconds * 1000;
	return true;
}

static bool add_sort(const char *field, bool down)
{
	if (options.n_sort == SORT_MAX) {
		fprintf(stderr, "ofctl: --sort: at most %d of them\n", SORT_MAX);
		return false;
	}
	options.sort[options.n_sort++] = (struct options_sort){.field = field, .down = down};
	return true;
}

/* Options with a value. */
static bool take_value(int c, char *value)
{
	switch (c) {
	case 'O':
		return parse_versions(value, &options.versions);
	case 't':
	case 'T':
		return parse_timeout(value);
	case 'p':
		options.private_key = value;
		return true;
	case 'c':
		options.certificate = value;
		return true;
	case 'C':
		options.ca_cert = value;
		return true;
	case 'P':
		options.packet_in_format = value;
		return true;
	case OPT_RUNDIR:
		options.rundir = value;
		return true;
	case OPT_SORT:
	case OPT_RSORT:
		return add_sort(value, c == OPT_RSORT);
	/* Formats follow from what is asked; colours are not for scripts. */
	case 'F':
	case 'v':
	case OPT_IGNORED:
		return true;
	default:
		return false;
	}
}

static bool take_flag(int c)
{
	switch (c) {
	case 'j':
		options.json = true;
		break;
	case 'm':
		options.more++;
		break;
	case OPT_STRICT:
		options.strict = true;
		break;
	case OPT_STATS:
	case OPT_NO_STATS:
		options.no_stats = c == OPT_NO_STATS;
		break;
	case OPT_BUNDLE:
		options.bundle = true;
		break;
	case OPT_NAMES:
	case OPT_NO_NAMES:
		options.names = c == OPT_NAMES ? NAMES_ALWAYS : NAMES_NEVER;
		break;
	case OPT_READD:
		options.readd = true;
		break;
	case OPT_MAY_CREATE:
		options.may_create = true;
		break;
	case OPT_TIMESTAMP:
		options.timestamp = true;
		break;
	case OPT_READ_ONLY:
		options.read_only = true;
		break;
	case OPT_PROGRESS:
		options.progress = true;
		break;
	default:
		return false;
	}
	return true;
}

/* Mostly a shell has made several words of one. */
static int refuse_surplus(const struct ofctl_command *command, int n)
{
	fprintf(stderr,
		"ofctl: %s takes %d argument%s, not %d: %s %s%s\n",
		command->name,
		command->max_args,
		command->max_args == 1 ? "" : "s",
		n,
		command->name,
		command->arguments,
		command->max_args > 1 ? "; one that has blanks needs quotes" : "");
	return EXIT_ERROR;
}

static int run(char **args, int n)
{
	const struct ofctl_command *command = ofctl_command_find(args[0]);
	struct near near;
	struct errbuf err;

	if (command) {
		if (n - 1 < command->min_args)
			return usage_of(command);
		if (command->max_args >= 0 && n - 1 > command->max_args)
			return refuse_surplus(command, n - 1);
		if (command->changes && options.read_only) {
			fprintf(stderr,
				"ofctl: %s changes the switch: not with --read-only\n",
				args[0]);
			return EXIT_ERROR;
		}
		return command->run(command, args + 1, n - 1);
	}
	near_init(&near, args[0]);
	REGISTRY_FOREACH(ofctl_command, other)
		near_add(&near, other->name);
	near_refuse(&near, &err, -EINVAL, "unknown command '%s', see ofctl --help", args[0]);
	fprintf(stderr, "ofctl: %s\n", err.text);
	return EXIT_ERROR;
}

int main(int argc, char **argv)
{
	int c;

	if (argc > 1 && !strcmp(argv[1], "--complete"))
		return complete(argv + 2, argc - 2);
	while ((c = getopt_long(argc, argv, ":O:t:T:p:c:C:P:F:v::mjhV", long_options, NULL)) != -1
	) {
		if (c == 'h') {
			usage(stdout);
			return EXIT_FINE;
		}
		if (c == 'V') {
			printf("ofctl (weir) %s\n", version_get());
			return EXIT_FINE;
		}
		if (c == '?' || c == ':') {
			refuse_option("ofctl", long_options, argv, c);
			return EXIT_ERROR;
		}
		if (!take_flag(c) && !take_value(c, optarg))
			return EXIT_ERROR;
	}
	if (optind == argc) {
		usage(stderr);
		return EXIT_ERROR;
	}
	return run(argv + optind, argc - optind);
}
