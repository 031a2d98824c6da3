/* SPDX-License-Identifier: Apache-2.0 */

/* weir's daemon: one process that is the database server, the OpenFlow switch and the datapath.
 *
 * Start-up is the table 'stages', read from top to bottom; stopping is the same from bottom to top.
 * A stage that fails ends the start with one sentence.  */

#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <uv.h>

#include "lib/control/turns.h"
#include "lib/control/version.h"
#include "lib/daemon.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "lib/hash.h"
#include "lib/log.h"
#include "lib/xmalloc.h"
#include "vswitchd/options.h"
#include "vswitchd/privileges/privileges.h"
#include "vswitchd/registries.h"
#include "vswitchd/stages.h"

LOG_TOPIC(daemon);

static void on_signal(uv_signal_t *handle, int number)
{
	log_info("stopping: signal %d (%s)", number, strsignal(number));
	uv_stop(handle->loop);
}

static void on_hangup(uv_signal_t *handle, int number)
{
	struct errbuf err;

	if (log_file() && log_open_file(NULL, &err))
		log_err("%s", err.text);
}

static void watch_signals(uv_loop_t *loop)
{
	static uv_signal_t terminate, interrupt, hangup;

	signal(SIGPIPE, SIG_IGN);
	uv_signal_init(loop, &terminate);
	uv_signal_start(&terminate, on_signal, SIGTERM);
	uv_signal_init(loop, &interrupt);
	uv_signal_start(&interrupt, on_signal, SIGINT);
	uv_signal_init(loop, &hangup);
	uv_signal_start(&hangup, on_hangup, SIGHUP);
}

enum {
	QUIESCE_MS = 50
};

static void on_prepare(uv_prepare_t *prepare)
{
	epoch_quiesce();
}

static void on_quiesce_timer(uv_timer_t *timer)
{
	/* The turn it causes is what it is for. */
}

/* The loop gives no hook between waking and its callbacks, so the thread stays online while it
 * sleeps; a timer bounds how long what others want to free must wait for it. */
static void quiesce_with_every_turn(uv_loop_t *loop)
{
	static uv_prepare_t prepare;
	static uv_timer_t timer;

	uv_prepare_init(loop, &prepare);
	uv_prepare_start(&prepare, on_prepare);
	uv_timer_init(loop, &timer);
	uv_timer_start(&timer, on_quiesce_timer, QUIESCE_MS, QUIESCE_MS);
}

static uint64_t random_seed(void)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = uv_hrtime();
	return seed;
}

static int drop_privileges(const struct options *options, struct errbuf *err)
{
	char *copy = xstrdup(options->db);
	const char *directories[] = {options->rundir, dirname(copy), NULL};
	int error = privileges_drop(options->user, directories, err);

	free(copy);
	return error;
}

static int run(const struct options *options)
{
	uv_loop_t *loop = uv_default_loop();
	struct daemon daemon = {.options = options, .loop = loop};
	struct errbuf err;

	errbuf_init(&err);
	if (options->detach && daemon_detach(&err)) {
		daemon_failed(err.text);
		return EXIT_FAILURE;
	}
	daemon_raise_limits();
	stages_prepare(options);
	if (drop_privileges(options, &err)) {
		daemon_failed(err.text);
		return EXIT_FAILURE;
	}
	hash_seed(random_seed());
	epoch_register();
	turns_watch(loop);
	watch_signals(loop);
	quiesce_with_every_turn(loop);
	if (stages_start(&daemon, &err)) {
		log_err("%s", err.text);
		daemon_failed(err.text);
		epoch_unregister();
		return EXIT_FAILURE;
	}
	log_info("ready: weir %s in %s", version_get(), options->rundir);
	daemon_ready();
	uv_run(loop, UV_RUN_DEFAULT);
	stages_stop(&daemon);
	epoch_drain();
	epoch_unregister();
	log_info("stopped");
	/* Returning from main() would wait for the thread. */
	if (daemon.device_is_stuck || daemon_is_asking())
		_exit(EXIT_SUCCESS);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct options options;
	struct errbuf err;
	int status = EXIT_SUCCESS;

	errbuf_init(&err);
	log_init("vswitchd");
	xmalloc_init_jansson();
	if (options_parse(&options, argc, argv, &err)) {
		fprintf(stderr, "%s: %s\n", argv[0], err.text);
		status = EXIT_FAILURE;
	} else if (options.help) {
		options_usage(argv[0]);
	} else if (options.version) {
		printf("vswitchd (weir) %s\n", version_get());
	} else if (options.print_registries) {
		registries_print();
	} else {
		status = run(&options);
	}
	options_fini(&options);
	return status;
}
