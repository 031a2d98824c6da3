/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/near.h"
#include "lib/xmalloc.h"

#define DEFAULT_RUNDIR "/run/weir"
#define DEFAULT_DB     "/var/lib/weir/conf.db"

enum {
	OPT_RUNDIR = 256,
	OPT_DB,
	OPT_DETACH,
	OPT_PIDFILE,
	OPT_LOG_FILE,
	OPT_REMOTE,
	OPT_ENABLE_DUMMY,
	OPT_COMPAT_NAMES,
	OPT_NO_HUGEPAGES,
	OPT_PRINT_REGISTRIES,
	OPT_USER,
};

static const struct option long_options[] = {
	{"rundir", required_argument, NULL, OPT_RUNDIR},
	{"db", required_argument, NULL, OPT_DB},
	{"detach", no_argument, NULL, OPT_DETACH},
	{"pidfile", optional_argument, NULL, OPT_PIDFILE},
	{"log-file", optional_argument, NULL, OPT_LOG_FILE},
	{"verbose", optional_argument, NULL, 'v'},
	{"remote", required_argument, NULL, OPT_REMOTE},
	{"enable-dummy", no_argument, NULL, OPT_ENABLE_DUMMY},
	{"compat-names", no_argument, NULL, OPT_COMPAT_NAMES},
	{"no-hugepages", no_argument, NULL, OPT_NO_HUGEPAGES},
	{"print-registries", no_argument, NULL, OPT_PRINT_REGISTRIES},
	{"user", required_argument, NULL, OPT_USER},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

void options_usage(const char *program)
{
	printf("Usage: %s [OPTION]...\n"
	       "The weir virtual switch. Runs in the foreground unless told to detach.\n\n"
	       "  --rundir=DIR        sockets and pidfile (default $WEIR_RUNDIR or " DEFAULT_RUNDIR
	       ")\n"
	       "  --db=FILE           database, made when missing (default DIR/conf.db when --rundir\n"
	       "                      is given, else " DEFAULT_DB ")\n"
	       "  --remote=ADDRESS    serve the database there too, such as ptcp:6640:127.0.0.1\n"
	       "  --detach            return once the sockets accept, and go on in the background\n"
	       "  --pidfile[=FILE]    write the process id there (default DIR/vswitchd.pid)\n"
	       "  --log-file[=FILE]   log there (default DIR/vswitchd.log)\n"
	       "  -v, --verbose[=SPEC]  log more: SPEC is [TOPIC:][console|file|syslog:]LEVEL\n"
	       "  --compat-names      also use the names that Open vSwitch's tools look for\n"
	       "  --enable-dummy      allow test ports of type dummy\n"
	       "  --no-hugepages      do not use hugepages even if there are any\n"
	       "  --user=NAME[:GROUP] run as that user, who is made owner of the directories above\n"
	       "                      when they are made\n"
	       "  --print-registries  list what this program was built with, and exit\n"
	       "  -h, --help          this text\n"
	       "  -V, --version       the version\n",
	       program);
}

static int unknown_option(const char *word, struct errbuf *err)
{
	const char *text = word + strspn(word, "-");
	char *name = xasprintf("%.*s", (int)strcspn(text, "="), text);
	const char *best;
	struct near near;

	near_init(&near, name);
	for (const struct option *option = long_options; option->name; option++)
		near_add(&near, option->name);
	best = near_best(&near);
	if (best && !strcmp(best, name))
		errbuf_set(err, -EINVAL, "option --%s takes no value", name);
	else if (best)
		errbuf_set(err, -EINVAL, "option %s is not known: did you mean --%s?", word, best);
	else
		errbuf_set(err, -EINVAL, "option %s is not known, see --help", word);
	free(name);
	return err->error;
}

static void set_string(char **to, const char *value)
{
	free(*to);
	*to = value ? xstrdup(value) : NULL;
}

static int add_remote(struct options *options, const char *name, struct errbuf *err)
{
	if (options->n_remotes == OPTIONS_REMOTES)
		return errbuf_set(err, -E2BIG, "at most %d --remote options", OPTIONS_REMOTES);
	options->remotes[options->n_remotes++] = name;
	return 0;
}

static int set_file(char **to, const char *option, const char *path, struct errbuf *err)
{
	if (!*path)
		return errbuf_set(err, -EINVAL, "option %s needs the name of a file", option);
	set_string(to, path);
	return 0;
}

static int set_rundir(struct options *options, const char *path, struct errbuf *err)
{
	if (!*path)
		return errbuf_set(err, -EINVAL, "option --rundir needs the name of a directory");
	set_string(&options->rundir, path);
	return 0;
}

static int apply(struct options *options, int c, char **argv, struct errbuf *err)
{
	switch (c) {
	case OPT_RUNDIR:
		return set_rundir(options, optarg, err);
	case OPT_DB:
		return set_file(&options->db, "--db", optarg, err);
	case OPT_PIDFILE:
		return optarg ? set_file(&options->pidfile, "--pidfile", optarg, err) : 0;
	case OPT_LOG_FILE:
		set_string(&options->log_file, optarg ? optarg : "");
		return 0;
	case OPT_REMOTE:
		return add_remote(options, optarg, err);
	case OPT_DETACH:
		options->detach = true;
		return 0;
	case OPT_ENABLE_DUMMY:
		options->enable_dummy = true;
		return 0;
	case OPT_COMPAT_NAMES:
		options->compat_names = true;
		return 0;
	case OPT_NO_HUGEPAGES:
		options->no_hugepages = true;
		return 0;
	case OPT_USER:
		options->user = optarg;
		return 0;
	case OPT_PRINT_REGISTRIES:
		options->print_registries = true;
		return 0;
	case 'v':
		return log_set(optarg ? optarg : "", err);
	case 'h':
		options->help = true;
		return 0;
	case 'V':
		options->version = true;
		return 0;
	case ':':
		return errbuf_set(err, -EINVAL, "option %s needs a value", argv[optind - 1]);
	default:
		return unknown_option(argv[optind - 1], err);
	}
}

/* The daemon that detaches leaves the directory it was started in. */
static void make_absolute(char **path)
{
	char *directory = **path == '/' ? NULL : getcwd(NULL, 0);

	if (!directory)
		return;
	char *absolute = xasprintf("%s/%s", directory, *path);

	free(*path);
	free(directory);
	*path = absolute;
}

/* Fills in what was not said. */
static void set_defaults(struct options *options)
{
	bool rundir_given = options->rundir;

	if (!options->rundir) {
		const char *env = getenv("WEIR_RUNDIR");

		options->rundir = xstrdup(env && *env ? env : DEFAULT_RUNDIR);
	}
	make_absolute(&options->rundir);
	if (!options->db)
		options->db = rundir_given ? xasprintf("%s/conf.db", options->rundir)
					   : xstrdup(DEFAULT_DB);
	if (!options->pidfile)
		options->pidfile = xasprintf("%s/vswitchd.pid", options->rundir);
	if (options->log_file && !*options->log_file) {
		free(options->log_file);
		options->log_file = xasprintf("%s/vswitchd.log", options->rundir);
	}
	make_absolute(&options->db);
	make_absolute(&options->pidfile);
	if (options->log_file)
		make_absolute(&options->log_file);
}

int options_parse(struct options *options, int argc, char **argv, struct errbuf *err)
{
	*options = (struct options){0};
	opterr = 0;
	for (;;) {
		int c = getopt_long(argc, argv, ":v::hV", long_options, NULL);

		if (c < 0)
			break;
		int error = apply(options, c, argv, err);

		if (error)
			return error;
	}
	if (optind < argc)
		return errbuf_set(
			err, -EINVAL, "\"%s\" is not an option: see --help", argv[optind]
		);
	set_defaults(options);
	return 0;
}

void options_fini(struct options *options)
{
	free(options->rundir);
	free(options->db);
	free(options->pidfile);
	free(options->log_file);
}
