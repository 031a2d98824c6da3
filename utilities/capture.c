/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/capture.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/xmalloc.h"
#include "utilities/client.h"

enum {
	BUFFER = 65536,
	MORE_WORDS = 2, /* the socket, and --pcapng */
};

struct pump {
	int listener;
	FILE *out;
	const char *path; /* of the file, for messages; NULL: standard output */
	int error; /* errno, if 'out' took no more */
};

static volatile sig_atomic_t stopped;
static volatile sig_atomic_t data_fd = -1;

/* The daemon then writes what it has, and ends. */
static void handle_interrupt(int number)
{
	stopped = 1;
	if (data_fd >= 0)
		shutdown(data_fd, SHUT_WR);
}

static void *run_pump(void *context)
{
	struct pump *pump = context;
	static char buffer[BUFFER];
	int fd = accept(pump->listener, NULL, NULL);
	ssize_t n;

	if (fd < 0)
		return NULL;
	data_fd = fd;
	if (stopped)
		shutdown(fd, SHUT_WR);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0 &&
		    (fwrite(buffer, 1, (size_t)n, pump->out) != (size_t)n || fflush(pump->out))) {
			pump->error = errno;
			break;
		}
	}
	data_fd = -1;
	close(fd);
	return NULL;
}

/* A socket in the run directory, which the daemon can reach wherever it runs. */
static int listen_at(struct sockaddr_un *address, const char *rundir)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int n;

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	n = snprintf(
		address->sun_path, sizeof(address->sun_path), "%s/capture.%d", rundir, (int)getpid()
	);
	unlink(address->sun_path);
	mode_t mask = umask(0077);

	if (fd >= 0 && n < (int)sizeof(address->sun_path) &&
	    !bind(fd, (struct sockaddr *)address, sizeof(*address)) && !listen(fd, 1)) {
		umask(mask);
		return fd;
	}
	umask(mask);
	fprintf(stderr, "vsctl: cannot listen in %s: %s\n", rundir, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Takes "-w FILE" out of the words. False: it is wrong. */
static bool take_file(char **words, int *n, const char **path)
{
	int left = 0;

	*path = NULL;
	for (int i = 0; i < *n; i++) {
		if (!strncmp(words[i], "--write=", 8)) {
			*path = words[i] + 8;
		} else if (strcmp(words[i], "-w") && strcmp(words[i], "--write")) {
			words[left++] = words[i];
		} else if (i + 1 < *n) {
			*path = words[++i];
		} else {
			fputs("vsctl: capture: -w needs a file, or - for standard output\n",
			      stderr);
			return false;
		}
	}
	*n = left;
	return true;
}

static bool open_out(struct pump *pump, const char *path)
{
	bool to_stdout = !path || !strcmp(path, "-");

	pump->path = to_stdout ? NULL : path;
	pump->out = to_stdout ? stdout : fopen(path, "wbe");
	if (pump->out && path && to_stdout && isatty(STDOUT_FILENO)) {
		fputs("vsctl: capture: -w - writes pcapng, which is not for terminals: pipe it "
		      "into tcpdump -r - or tshark -r -, or leave -w out\n",
		      stderr);
		return false;
	}
	if (!pump->out)
		fprintf(stderr, "vsctl: %s: %s\n", path, strerror(errno));
	return pump->out;
}

static int report(const struct pump *pump, const json_t *answer)
{
	long long packets = json_integer_value(json_object_get(answer, "packets"));
	long long lost = json_integer_value(json_object_get(answer, "lost"));

	fprintf(stderr, "%lld packets captured, %lld lost to the capture\n", packets, lost);
	/* A reader that has seen enough is no failure. */
	if (!pump->error || pump->error == EPIPE)
		return EXIT_SUCCESS;
	fprintf(stderr,
		"vsctl: %s: %s\n",
		pump->path ? pump->path : "standard output",
		strerror(pump->error));
	return EXIT_FAILURE;
}

/* The daemon has said no, or is gone: who would wait for it must not, and what it wrote before is kept. */
static void end_pump(const struct pump *pump)
{
	shutdown(pump->listener, SHUT_RDWR);
	handle_interrupt(0);
}

/* Returns when the thread has ended, which uses 'pump'. */
static int call_capture(
	struct client *client,
	struct pump *pump,
	char *const *words,
	int n,
	json_t **answer,
	struct errbuf *err
)
{
	pthread_t thread;
	int status;

	if (pthread_create(&thread, NULL, run_pump, pump))
		return errbuf_set(err, -EAGAIN, "no thread can be started");
	status = client_call_strings(client, "capture/run", words, n, answer, err);
	if (status)
		end_pump(pump);
	pthread_join(thread, NULL);
	return status;
}

static int run(struct client *client, struct pump *pump, char *const *words, int n)
{
	char *const set_json[] = {"--format", "json"};
	json_t *answer = NULL;
	struct errbuf err;
	int status;

	errbuf_init(&err);
	status = client_call_strings(client, "set-options", set_json, 2, &answer, &err);
	json_decref(answer);
	answer = NULL;
	if (!status)
		status = call_capture(client, pump, words, n, &answer, &err);
	if (!status) {
		status = report(pump, answer);
	} else {
		/* The daemon's sentences end their line. */
		if (status > 0)
			fprintf(stderr, "vsctl: %s", json_string_value(answer));
		else
			fprintf(stderr, "vsctl: %s\n", err.text);
		status = EXIT_FAILURE;
	}
	json_decref(answer);
	return status;
}

/* The words for the daemon: first the socket. */
static int ask_daemon(const char *rundir, const char *path, char **given, int n)
{
	char **words = XNEW_N(char *, n + MORE_WORDS);
	struct sockaddr_un address;
	struct pump pump = {.listener = -1};
	struct errbuf err;
	struct client *client = NULL;
	int status = EXIT_FAILURE;

	memcpy(words + 1, given, n * sizeof(words[0]));
	words[0] = address.sun_path;
	if (path)
		words[++n] = "--pcapng";
	errbuf_init(&err);
	client = client_open_target(rundir, "vswitchd", 0, &err);
	if (!client)
		fprintf(stderr, "vsctl: %s\n", err.text);
	if (client && open_out(&pump, path) && (pump.listener = listen_at(&address, rundir)) >= 0) {
		status = run(client, &pump, words, n + 1);
		unlink(address.sun_path);
		close(pump.listener);
	}
	if (pump.path && pump.out && fclose(pump.out))
		status = EXIT_FAILURE;
	client_close(client);
	free(words);
	return status;
}

int capture_main(const char *rundir, char *const *words, int n)
{
	const struct sigaction action = {.sa_handler = handle_interrupt};
	char **left = XNEW_N(char *, n + 1);
	const char *path;
	int status = EXIT_FAILURE;

	memcpy(left, words, n * sizeof(left[0]));
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (take_file(left, &n, &path))
		status = ask_daemon(rundir, path, left, n);
	free(left);
	return status;
}
