/* SPDX-License-Identifier: Apache-2.0 */

/* vsctl: configures the switch. The words go to the daemon, which understands them; here is only
 * what it takes to find and reach it, and the doctor, who helps when there is no daemon.  */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/control/version.h"
#include "lib/errbuf.h"
#include "lib/strbuf.h"
#include "lib/types.h"
#include "utilities/capture.h"
#include "utilities/client.h"
#include "utilities/doctor.h"
#include "utilities/doctor_fix.h"
#include "utilities/socket.h"

enum {
	RETRY_US = 300000,
};

/* What of the options concerns the way to the daemon. */
struct options {
	char rundir[PATH_MAX];
	unsigned timeout_s; /* 0: none */
	bool retry, version, help, json;
	bool text; /* the answer is wanted as text, for people */
	const char *verb; /* the first word that is no option, or NULL */
	const char *db; /* where the database is served, or NULL: in 'rundir' */
	struct socket_tls tls;
};

/* Options of the client and, so that their values are not taken for verbs, of the daemon. */
static const struct {
	const char *name;
	char letter;
} with_value[] = {
	{"--db", 0},
	{"--rundir", 0},
	{"--timeout", 't'},
	{"--format", 'f'},
	{"--data", 'd'},
	{"--max-column-width", 0},
	{"--syslog-target", 0},
	{"--syslog-method", 0},
	{"--private-key", 'p'},
	{"--certificate", 'c'},
	{"--ca-cert", 'C'},
	{"--bootstrap-ca-cert", 0},
	{"--peer-ca-cert", 0},
};

/* The option's value if words[*at] is one that takes any, else NULL; skips what it takes. */
static const char *take_value(char *const *words, int n, int *at, const char **name)
{
	const char *word = words[*at];
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < sizeof(with_value) / sizeof(with_value[0]); i++) {
		bool is_long = strlen(with_value[i].name) == length &&
			!strncmp(with_value[i].name, word, length);
		bool is_short = with_value[i].letter && word[1] == with_value[i].letter;

		if (!is_long && !is_short)
			continue;
		*name = with_value[i].name;
		if (is_long && word[length])
			return word + length + 1;
		if (is_short && word[2])
			return word + 2;
		return *at + 1 < n ? words[++*at] : "";
	}
	return NULL;
}

/* "unix:DIR/db.sock" also says where the daemon's other sockets are. */
static void set_db(struct options *options, const char *value)
{
	const char *begin = value + strlen("unix:"), *slash = strrchr(value, '/');

	options->db = value;
	if (strncmp(value, "unix:", 5) || !slash)
		return;
	/* Of what is in the root directory the slash is all there is. */
	snprintf(
		options->rundir,
		sizeof(options->rundir),
		"%.*s",
		slash > begin ? (int)(slash - begin) : 1,
		begin
	);
}

static int set_timeout(struct options *options, const char *value)
{
	char *end;
	long seconds = strtol(value, &end, 10);

	if (end == value || *end || seconds < 0 || seconds > 1000000) {
		fprintf(stderr, "vsctl: --timeout: \"%s\" is not a number of seconds\n", value);
		return -EINVAL;
	}
	options->timeout_s = (unsigned)seconds;
	return 0;
}

static int apply(struct options *options, const char *name, const char *value)
{
	if (!strcmp(name, "--timeout"))
		return set_timeout(options, value);
	if (!strcmp(name, "--db"))
		set_db(options, value);
	if (!strcmp(name, "--private-key"))
		options->tls.private_key = value;
	if (!strcmp(name, "--certificate"))
		options->tls.certificate = value;
	if (!strcmp(name, "--ca-cert"))
		options->tls.ca_cert = value;
	if (!strcmp(name, "--rundir") && *value)
		snprintf(options->rundir, sizeof(options->rundir), "%s", value);
	if (!strcmp(name, "--format"))
		options->json = !strcmp(value, "json");
	return 0;
}

static bool asks_for_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static int parse(struct options *options, char *const *words, int n)
{
	*options = (struct options){0};
	snprintf(options->rundir, sizeof(options->rundir), "%s", client_rundir(NULL));
	for (int at = 0; at < n; at++) {
		const char *name, *value;

		if (words[at][0] != '-') {
			options->verb = words[at];
			return 0;
		}
		if (!strcmp(words[at], "--")) {
			options->verb = at + 1 < n ? words[at + 1] : NULL;
			return 0;
		}
		options->retry |= !strcmp(words[at], "--retry");
		options->version |= !strcmp(words[at], "--version") || !strcmp(words[at], "-V");
		options->help |= asks_for_help(words[at]);
		value = take_value(words, n, &at, &name);
		if (value && apply(options, name, value))
			return -EINVAL;
	}
	return 0;
}

/* Ends as a program does that SIGALRM has ended: scripts around ovs-vsctl expect it. */
static void handle_alarm(int number)
{
	static const char text[] = "vsctl: gave up: the time given by --timeout is over\n";

	/* There is nobody left to tell that this failed. */
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_FAILURE);
	signal(number, SIG_DFL);
	raise(number);
}

static void start_timeout(const struct options *options)
{
	signal(SIGALRM, handle_alarm);
	alarm(options->timeout_s);
}

static struct client *connect_daemon(const struct options *options, struct errbuf *err)
{
	for (;;) {
		struct client *client = options->db
			? client_open(options->db, &options->tls, 0, err)
			: client_open_target(options->rundir, "vswitchd", 0, err);

		if (client || !options->retry || err->error == -EINVAL)
			return client;
		usleep(RETRY_US);
	}
}

/* Commands that are not about the database are for the daemon's control socket. */
static int with_rundir(const struct options *options, struct options *local)
{
	*local = *options;
	local->db = NULL;
	if (!options->db || !strncmp(options->db, "unix:", 5))
		return 0;
	fprintf(stderr,
		"vsctl: %s asks the daemon on this host: give --rundir, or --db=unix:DIR/db.sock, "
		"not --db=%s\n",
		options->verb,
		options->db);
	return -EINVAL;
}

static void print_lines(const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		fprintf(stderr, "vsctl: %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

/* The daemon speaks of 'method'; who typed knows it as 'verb'. */
static void print_refusal(const char *text, const char *method, const char *verb)
{
	struct strbuf out = STRBUF_INIT;
	const char *at;

	for (; (at = strstr(text, method)); text = at + strlen(method))
		strbuf_addf(&out, "%.*s%s", (int)(at - text), text, verb);
	strbuf_add(&out, text);
	print_lines(strbuf_text(&out));
	strbuf_fini(&out);
}

/* Verbs that are commands about packets, not about the database. */
static const struct {
	const char *verb, *command;
} commands[] = {
	{"trace", "ofproto/trace"},
	{"drops", "drops/last"},
};

static const char *command_of(const char *verb)
{
	for (size_t i = 0; verb && i < ARRAY_LENGTH(commands); i++)
		if (!strcmp(verb, commands[i].verb))
			return commands[i].command;
	return NULL;
}

/* 'method' with the words; 0 and the answer, or the exit status to end with. */
static int
ask(const struct options *options, const char *method, char *const *words, int n, json_t **answer)
{
	char *const set_format[] = {"set-options", "--format", options->text ? "text" : "json"};
	struct errbuf err;
	struct client *client;
	json_t *ignored = NULL;
	int status;

	errbuf_init(&err);
	client = connect_daemon(options, &err);
	if (!client) {
		fprintf(stderr,
			"vsctl: %s%s\n",
			err.text,
			options->help ? "; it lists the commands; without it see vsctl(8)" : "");
		return EXIT_FAILURE;
	}
	/* Where the database is served answers are JSON. */
	status = options->db
		? 0
		: client_call_strings(client, set_format[0], set_format + 1, 2, &ignored, &err);
	json_decref(ignored);
	if (!status)
		status = client_call_strings(client, method, words, n, answer, &err);
	client_close(client);
	if (!status)
		return EXIT_SUCCESS;
	const char *text = status > 0 ? json_string_value(*answer) : err.text;

	if (text && options->verb && command_of(options->verb))
		print_refusal(text, method, options->verb);
	else
		print_lines(text ? text : "the server refused the command");
	return EXIT_FAILURE;
}

static int print_answer(const json_t *answer)
{
	const char *out = json_string_value(json_object_get(answer, "stdout"));
	const char *err = json_string_value(json_object_get(answer, "stderr"));

	if (!out || !err) {
		fputs("vsctl: the daemon's answer makes no sense: is it of another version?\n",
		      stderr);
		return EXIT_FAILURE;
	}
	fputs(out, stdout);
	if (fflush(stdout)) {
		perror("vsctl: standard output");
		return EXIT_FAILURE;
	}
	print_lines(err);
	return (int)json_integer_value(json_object_get(answer, "exit"));
}

/* The words behind the verb. */
static char **behind_verb(const struct options *options, char **words)
{
	while (*words != options->verb)
		words++;
	return words + 1;
}

static void print_text(const char *text)
{
	size_t n = strlen(text);

	fputs(text, stdout);
	if (!n || text[n - 1] != '\n')
		putchar('\n');
}

static int run_command(const struct options *options, char *const *words, int n)
{
	struct options with_text;
	json_t *answer = NULL;
	int status;

	if (with_rundir(options, &with_text))
		return EXIT_FAILURE;
	with_text.text = !options->json;
	status = ask(&with_text, command_of(options->verb), words, n, &answer);

	if (!status && json_is_string(answer))
		print_text(json_string_value(answer));
	else if (!status && !json_dumpf(answer, stdout, JSON_INDENT(2)))
		putchar('\n');
	json_decref(answer);
	return status;
}

static int run_doctor(const struct options *options, char *const *words, int n)
{
	const struct doctor_host host = {.root = "", .rundir = options->rundir};
	struct doctor_fix_options fix_options;
	bool fix;
	int status = doctor_fix_parse(words, n, &fix, &fix_options);

	if (status)
		return status;
	return fix ? doctor_fix(&host, &fix_options) : doctor_main(options->rundir, options->json);
}

/* Verbs that this program knows itself. */
static bool is_own(const char *verb)
{
	return !strcmp(verb, "doctor") || !strcmp(verb, "capture") || command_of(verb);
}

/* Whether one of those is followed by a question. */
static bool wants_help(const struct options *options, char **words)
{
	char **behind = options->verb ? behind_verb(options, words) : NULL;

	return behind && *behind && is_own(options->verb) && asks_for_help(*behind);
}

/* The daemon has the list of all. */
static int run_help(struct options *options, char **words, int n)
{
	char *const all[] = {"--help"};
	json_t *answer = NULL;
	int status;

	options->help = true;
	start_timeout(options);
	status = options->verb && is_own(options->verb) ? ask(options, "vsctl", all, 1, &answer)
							: ask(options, "vsctl", words, n, &answer);
	if (!status)
		status = print_answer(answer);
	json_decref(answer);
	return status;
}

/* For the shells: prints what the last of 'words' could become. Silent when nobody can be asked. */
static int complete(char *const *words, int n)
{
	struct options options;
	json_t *answer = NULL, *word;
	size_t i;

	if (!freopen("/dev/null", "w", stderr) || parse(&options, words, n))
		return EXIT_FAILURE;
	if (!options.timeout_s)
		options.timeout_s = 1;
	options.retry = false;
	start_timeout(&options);
	if (!ask(&options, "vsctl/complete", words, n, &answer))
		json_array_foreach(answer, i, word)
			puts(json_string_value(word));
	json_decref(answer);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct options options;
	json_t *answer = NULL;
	int status;

	if (argc > 1 && !strcmp(argv[1], "--complete"))
		return complete(argv + 2, argc - 2);
	if (parse(&options, argv + 1, argc - 1))
		return EXIT_FAILURE;
	if (options.version) {
		printf("vsctl (weir) %s\n", version_get());
		return EXIT_SUCCESS;
	}
	if (options.help || wants_help(&options, argv + 1))
		return run_help(&options, argv + 1, argc - 1);
	if (options.verb && !strcmp(options.verb, "doctor")) {
		char **words = behind_verb(&options, argv + 1);

		return run_doctor(&options, words, (int)(argv + argc - words));
	}
	start_timeout(&options);
	if (options.verb && !strcmp(options.verb, "capture")) {
		char **words = behind_verb(&options, argv + 1);
		struct options local;

		if (with_rundir(&options, &local))
			return EXIT_FAILURE;
		return capture_main(local.rundir, words, (int)(argv + argc - words));
	}
	if (command_of(options.verb)) {
		char **words = behind_verb(&options, argv + 1);

		return run_command(&options, words, (int)(argv + argc - words));
	}
	status = ask(&options, "vsctl", argv + 1, argc - 1, &answer);
	if (!status)
		status = print_answer(answer);
	json_decref(answer);
	return status;
}
