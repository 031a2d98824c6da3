/* SPDX-License-Identifier: Apache-2.0 */

/* appctl: asks the daemon something and prints the answer. What can be asked, the daemon knows.  */

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/control/version.h"
#include "lib/errbuf.h"
#include "utilities/client.h"
#include "utilities/refusal.h"

enum {
	EXIT_NO_ANSWER = 1, /* wrong usage, or no daemon */
	EXIT_REFUSED = 2, /* the daemon answered with an error */
	OPTION_RUNDIR = 256,
	OPTION_PRETTY
};

struct options {
	const char *target, *rundir;
	unsigned timeout_ms;
	bool json, pretty;
};

static const char usage[] =
	"usage: appctl [OPTION]... COMMAND [ARG]...\n"
	"Sends COMMAND to the daemon and prints the answer; try \"appctl list-commands\".\n"
	"\n"
	"  -t, --target=TARGET  the daemon's name (default: vswitchd) or the path of its socket\n"
	"      --rundir=DIR     where it runs (default: $WEIR_RUNDIR, then /run/weir)\n"
	"  -T, --timeout=SECS   give up after this time\n"
	"  -f, --format=FORMAT  text (default) or json\n"
	"  -j                   the same as --format=json\n"
	"      --pretty         indent the JSON\n"
	"  -h, --help           this text\n"
	"  -V, --version        the version\n"
	"\n"
	"Exit status: 0 done, 1 the daemon could not be asked, 2 it answered with an error.\n";

static int set_format(struct options *options, const char *format)
{
	options->json = !strcmp(format, "json");
	if (options->json || !strcmp(format, "text"))
		return 0;
	fprintf(stderr, "appctl: --format is text or json, not \"%s\"\n", format);
	return -EINVAL;
}

static int set_timeout(struct options *options, const char *text)
{
	char *end;
	long seconds = strtol(text, &end, 10);

	if (end == text || *end || seconds <= 0 || seconds > 1000000) {
		fprintf(stderr, "appctl: --timeout: \"%s\" is not a number of seconds\n", text);
		return -EINVAL;
	}
	options->timeout_ms = (unsigned)seconds * 1000;
	return 0;
}

static int apply_option(struct options *options, int option)
{
	switch (option) {
	case 't':
		options->target = optarg;
		return 0;
	case OPTION_RUNDIR:
		options->rundir = optarg;
		return 0;
	case 'T':
		return set_timeout(options, optarg);
	case 'f':
		return set_format(options, optarg);
	case 'j':
		options->json = true;
		return 0;
	case OPTION_PRETTY:
		options->pretty = true;
		return 0;
	case 'v': /* ovs-appctl's; there is nothing to be told here */
		return 0;
	case 'h':
		fputs(usage, stdout);
		exit(EXIT_SUCCESS);
	case 'V':
		printf("appctl (weir) %s\n", version_get());
		exit(EXIT_SUCCESS);
	default:
		return -EINVAL;
	}
}

static int parse_options(struct options *options, int argc, char **argv)
{
	static const struct option table[] = {
		{"target", required_argument, NULL, 't'},
		{"rundir", required_argument, NULL, OPTION_RUNDIR},
		{"timeout", required_argument, NULL, 'T'},
		{"format", required_argument, NULL, 'f'},
		{"pretty", no_argument, NULL, OPTION_PRETTY},
		{"verbose", optional_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int option;

	/* The '+' leaves the options of the command to the command, the ':' what is wrong to us. */
	while ((option = getopt_long(argc, argv, "+:t:T:f:jv::hV", table, NULL)) != -1) {
		if (option == '?' || option == ':')
			refuse_option("appctl", table, argv, option);
		if (apply_option(options, option))
			return -EINVAL;
	}
	if (optind < argc)
		return 0;
	fputs("appctl: a command is missing: try \"appctl list-commands\" or --help\n", stderr);
	return -EINVAL;
}

static void print(FILE *out, const json_t *answer, const struct options *options)
{
	const char *text = json_string_value(answer);

	if (text) {
		fputs(text, out);
		if (*text && text[strlen(text) - 1] != '\n')
			fputc('\n', out);
		return;
	}
	json_dumpf(answer, out, JSON_ENCODE_ANY | (options->pretty ? JSON_INDENT(2) : 0));
	fputc('\n', out);
}

/* client_call_strings() that has printed what went wrong and returns the exit status. */
static int
ask(struct client *client, char **words, int n, json_t **answer, const struct options *options)
{
	struct errbuf err;
	int result = client_call_strings(client, words[0], words + 1, n - 1, answer, &err);

	if (result < 0) {
		fprintf(stderr, "appctl: %s\n", err.text);
		return EXIT_NO_ANSWER;
	}
	if (result) {
		print(stderr, *answer, options);
		json_decref(*answer);
		*answer = NULL;
		return EXIT_REFUSED;
	}
	return EXIT_SUCCESS;
}

static int run(struct client *client, int argc, char **argv, const struct options *options)
{
	static char *set_json[] = {"set-options", "--format", "json"};
	json_t *answer = NULL;
	int status;

	if (options->json) {
		status = ask(client, set_json, 3, &answer, options);
		if (status)
			return status;
		json_decref(answer);
	}
	status = ask(client, argv, argc, &answer, options);
	if (!status)
		print(stdout, answer, options);
	json_decref(answer);
	if (fflush(stdout)) {
		perror("appctl: standard output");
		return EXIT_NO_ANSWER;
	}
	return status;
}

int main(int argc, char **argv)
{
	struct options options = {.target = "vswitchd"};
	struct errbuf err;

	if (parse_options(&options, argc, argv))
		return EXIT_NO_ANSWER;
	struct client *client = client_open_target(
		client_rundir(options.rundir), options.target, options.timeout_ms, &err
	);

	if (!client) {
		fprintf(stderr, "appctl: %s\n", err.text);
		return EXIT_NO_ANSWER;
	}
	int status = run(client, argc - optind, argv + optind, &options);

	client_close(client);
	return status;
}
