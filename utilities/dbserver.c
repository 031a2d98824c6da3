/* SPDX-License-Identifier: Apache-2.0 */

/* dbserver: serves any OVSDB schema from a file, with the engine of the daemon.  */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <uv.h>

#include "lib/daemon.h"
#include "lib/errbuf.h"
#include "lib/hash.h"
#include "lib/log.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/server/db_server.h"
#include "lib/stream/tls.h"
#include "lib/xmalloc.h"

enum {
	MAX_REMOTES = 32,
	N_SIGNALS = 2
};

struct options {
	const char *schema;
	const char *file;
	const char *remotes[MAX_REMOTES];
	size_t n_remotes;
	const char *pidfile;
	const char *log_file;
	bool detach;
	struct tls_config tls;
};

static const char usage[] =
	"dbserver: serve an OVSDB database\n"
	"usage: dbserver [OPTION]... SCHEMA FILE\n"
	"SCHEMA is an .ovsschema file; FILE is the database, created when missing.\n"
	"\n"
	"  --remote=REMOTE      listen on or connect to REMOTE (may be repeated):\n"
	"                       punix:PATH, ptcp:PORT[:IP], pssl:PORT[:IP],\n"
	"                       unix:PATH, tcp:IP:PORT, ssl:IP:PORT\n"
	"  --private-key=PEM, --certificate=PEM, --ca-cert=PEM\n"
	"                       for pssl: and ssl: remotes\n"
	"  --detach             go to the background once the remotes accept\n"
	"  --pidfile=FILE       write and lock a pidfile\n"
	"  --log-file=FILE      log to FILE\n"
	"  -v, --verbose[=SPEC] set log levels, as TOPIC:DESTINATION:LEVEL\n"
	"  -h, --help           print this\n";

static void fail(const struct errbuf *err)
{
	char *line = xasprintf("dbserver: %s", err->text);

	daemon_failed(line);
	free(line);
	exit(EXIT_FAILURE);
}

static void fail_usage(const char *why)
{
	fprintf(stderr, "dbserver: %s (see dbserver --help)\n", why);
	exit(EXIT_FAILURE);
}

static void parse_verbose(const char *spec)
{
	struct errbuf err;

	errbuf_init(&err);
	if (log_set(spec ? spec : "", &err))
		fail(&err);
}

static void parse_option(struct options *options, int option)
{
	switch (option) {
	case 'r':
		if (options->n_remotes == MAX_REMOTES)
			fail_usage("too many remotes");
		options->remotes[options->n_remotes++] = optarg;
		break;
	case 'K':
		options->tls.private_key = optarg;
		break;
	case 'C':
		options->tls.certificate = optarg;
		break;
	case 'A':
		options->tls.ca_cert = optarg;
		break;
	case 'D':
		options->detach = true;
		break;
	case 'P':
		options->pidfile = optarg;
		break;
	case 'L':
		options->log_file = optarg;
		break;
	case 'v':
		parse_verbose(optarg);
		break;
	case 'h':
		fputs(usage, stdout);
		exit(EXIT_SUCCESS);
	default:
		exit(EXIT_FAILURE);
	}
}

static void parse_options(struct options *options, int argc, char **argv)
{
	static const struct option long_options[] = {
		{"remote", required_argument, NULL, 'r'},
		{"private-key", required_argument, NULL, 'K'},
		{"certificate", required_argument, NULL, 'C'},
		{"ca-cert", required_argument, NULL, 'A'},
		{"detach", no_argument, NULL, 'D'},
		{"pidfile", required_argument, NULL, 'P'},
		{"log-file", required_argument, NULL, 'L'},
		{"verbose", optional_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "v::h", long_options, NULL)) >= 0)
		parse_option(options, option);
	if (argc - optind != 2)
		fail_usage("a schema and a database file are needed");
	options->schema = argv[optind];
	options->file = argv[optind + 1];
}

static void stop(uv_signal_t *handle, int number)
{
	uv_stop(handle->loop);
}

static void watch_signals(uv_loop_t *loop, uv_signal_t signals[N_SIGNALS])
{
	static const int numbers[N_SIGNALS] = {SIGTERM, SIGINT};

	for (int i = 0; i < N_SIGNALS; i++) {
		uv_signal_init(loop, &signals[i]);
		uv_signal_start(&signals[i], stop, numbers[i]);
	}
	signal(SIGPIPE, SIG_IGN);
}

static struct db *open_db(const struct options *options, uv_loop_t *loop)
{
	struct db_config config = {.path = options->file, .loop = loop};
	struct errbuf err;
	struct db *db;

	errbuf_init(&err);
	config.schema = schema_load(options->schema, &err);
	if (!config.schema)
		fail(&err);
	db = db_open(&config, &err);
	if (!db)
		fail(&err);
	return db;
}

static void add_remotes(struct db_server *server, const struct options *options, struct tls *tls)
{
	struct errbuf err;

	errbuf_init(&err);
	if (options->tls.private_key || options->tls.certificate || options->tls.ca_cert) {
		if (tls_set(tls, &options->tls, &err))
			fail(&err);
		db_server_set_tls(server, tls);
	}
	for (size_t i = 0; i < options->n_remotes; i++)
		if (!db_server_add_remote(server, options->remotes[i], &err))
			fail(&err);
}

static void serve(const struct options *options)
{
	uv_loop_t *loop = uv_default_loop();
	uv_signal_t signals[N_SIGNALS];
	struct pidfile *pidfile = NULL;
	struct db_server *server;
	struct errbuf err;
	struct tls *tls;
	struct db *db;

	errbuf_init(&err);
	if (options->pidfile) {
		pidfile = pidfile_open(options->pidfile, &err);
		if (!pidfile)
			fail(&err);
	}
	db = open_db(options, loop);
	server = db_server_new(loop);
	db_server_add_db(server, db);
	tls = tls_new();
	add_remotes(server, options, tls);
	watch_signals(loop, signals);
	daemon_ready();
	uv_run(loop, UV_RUN_DEFAULT);

	db_server_free(server);
	db_close(db);
	tls_free(tls);
	for (int i = 0; i < N_SIGNALS; i++)
		uv_close((uv_handle_t *)&signals[i], NULL);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_loop_close(loop);
	pidfile_close(pidfile);
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct errbuf err;
	uint64_t seed;

	xmalloc_init_jansson();
	log_init("dbserver");
	if (getrandom(&seed, sizeof(seed), 0) == sizeof(seed))
		hash_seed(seed);
	errbuf_init(&err);
	parse_options(&options, argc, argv);
	if (options.log_file && log_open_file(options.log_file, &err))
		fail(&err);
	if (options.detach && daemon_detach(&err))
		fail(&err);
	serve(&options);
	return EXIT_SUCCESS;
}
