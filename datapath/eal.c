/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/eal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>

#include "datapath/datapath.h"
#include "datapath/packet/heap.h"
#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/strbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

LOG_TOPIC(dpdk);

enum {
	EAL_ARGS = 64,
	EAL_OWN_ARGS = 16, /* of these, at most */
	EXTRA_STARTS =
		2, /* that may end with the same words: one may have been killed for something else */
	EAL_CPUS = 128, /* DPDK's own limit on cores it can name */
	EAL_MEMORY_MB = 1024, /* without hugepages; only what is touched is taken */
	EAL_START_MB = 256, /* of which it gets so much at start, at most */
	EXTRA_SIZE = 4096, /* of other_config:dpdk-extra that matters, in bytes */
	EAL_HUGE_MIN_MB = 64, /* fewer hugepages than that are not worth it */
};

struct eal_args {
	char *owned[EAL_ARGS];
	char *argv[EAL_ARGS + 1]; /* the same; EAL rearranges it */
	int argc;
};

static struct eal_state state;
static bool started;
static __thread char first_error[192];

/* DPDK writes whole lines. The first error is kept, because it says more than the return value, and
 * than what each caller up the stack has to add. */
static ssize_t log_line(void *cookie, const char *text, size_t size)
{
	int n = size;

	while (n > 0 && text[n - 1] == '\n')
		n--;
	if (rte_log_cur_msg_loglevel() <= (int)RTE_LOG_ERR && !first_error[0])
		snprintf(first_error, sizeof(first_error), "%.*s", n, text);
	log_dbg("%.*s", n, text);
	return size;
}

const char *eal_first_error(void)
{
	return first_error;
}

void eal_forget_error(void)
{
	first_error[0] = '\0';
}

const struct eal_state *eal_state(void)
{
	return &state;
}

static unsigned long read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned long n = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%lu", &n) != 1)
		n = 0;
	fclose(file);
	return n;
}

unsigned long eal_free_hugepages_mb(const char *top)
{
	DIR *dir = opendir(top);
	unsigned long mb = 0;
	struct dirent *entry;

	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		unsigned long kb, n, promised;
		char path[512];

		if (sscanf(entry->d_name, "hugepages-%lukB", &kb) != 1)
			continue;
		snprintf(path, sizeof(path), "%s/%s/free_hugepages", top, entry->d_name);
		n = read_number(path);
		snprintf(path, sizeof(path), "%s/%s/resv_hugepages", top, entry->d_name);
		/* Guests have mapped those and not touched them yet. */
		promised = read_number(path);
		mb += n > promised ? (n - promised) * (kb / 1024) : 0;
	}
	closedir(dir);
	return mb;
}

static unsigned long physical_mb(void)
{
	return (unsigned long)sysconf(_SC_PHYS_PAGES) / 1024 * (sysconf(_SC_PAGESIZE) / 1024);
}

static void add(struct eal_args *args, const char *text)
{
	if (args->argc == EAL_ARGS)
		return;
	args->owned[args->argc] = xstrdup(text);
	args->argv[args->argc] = args->owned[args->argc];
	args->argc++;
}

/* Returns whether all of them had room. */
static bool add_words(struct eal_args *args, const char *text)
{
	char *copy = xstrdup(text);
	char *rest = NULL, *word = strtok_r(copy, " \t", &rest);

	for (; word && args->argc < EAL_ARGS - EAL_OWN_ARGS; word = strtok_r(NULL, " \t", &rest))
		add(args, word);
	free(copy);
	return !word;
}

/* The last of options that are given twice counts, and that is to be the operator's. */
static bool has(const struct eal_args *args, const char *option)
{
	for (int i = 0; i < args->argc; i++)
		if (!strncmp(args->owned[i], option, strlen(option)))
			return true;
	return false;
}

/* One "lcore" that may run wherever the main thread may, so that EAL pins nothing. */
static void add_main_core(struct eal_args *args)
{
	struct strbuf text = STRBUF_INIT;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	for (int i = 0; i < EAL_CPUS; i++)
		if (CPU_ISSET(i, &cpus))
			strbuf_addf(&text, "%s%d", text.length ? "," : "0@(", i);
	strbuf_add_char(&text, ')');
	add(args, "--lcores");
	add(args, strbuf_text(&text));
	strbuf_fini(&text);
}

/* Without hugepages. The rest may become a heap for packets. */
static unsigned start_mb(void)
{
	unsigned half = state.memory_mb / 2;

	return half < EAL_START_MB ? half : EAL_START_MB;
}

static void choose_memory(struct eal_args *args, const struct datapath_config *config)
{
	unsigned long huge_mb =
		config->no_hugepages ? 0 : eal_free_hugepages_mb("/sys/kernel/mm/hugepages");
	char mb[16];

	state.hugepages = huge_mb >= EAL_HUGE_MIN_MB && huge_mb >= config->memory_mb;
	state.memory_mb = config->memory_mb;
	if (!state.hugepages && !state.memory_mb) {
		unsigned long half = physical_mb() / 2;

		state.memory_mb = half < EAL_MEMORY_MB ? half : EAL_MEMORY_MB;
	}
	/* Without hugepages EAL has its own idea of what "in memory" means. */
	if (state.hugepages) {
		add(args, "--in-memory");
	} else {
		add(args, "--no-shconf");
		add(args, "--no-huge");
		if (!has(args, "--iova-mode"))
			add(args, "--iova-mode=va");
	}
	if (state.memory_mb && !has(args, "-m") && !has(args, "--socket-mem")) {
		snprintf(mb, sizeof(mb), "%u", state.hugepages ? state.memory_mb : start_mb());
		add(args, "-m");
		add(args, mb);
	}
}

static int init_failed(struct errbuf *err)
{
	if (!state.hugepages)
		return errbuf_set(
			err,
			-ENOMEM,
			"DPDK did not start with %u MB of ordinary memory (%s): lower "
			"other_config:dpdk-socket-mem or check other_config:dpdk-extra",
			state.memory_mb,
			first_error
		);
	return errbuf_set(
		err,
		rte_errno ? -rte_errno : -EINVAL,
		"DPDK did not start (%s): check other_config:dpdk-extra and dpdk-socket-mem",
		first_error
	);
}

static void open_log(void)
{
	static const cookie_io_functions_t functions = {.write = log_line};
	FILE *stream = fopencookie(NULL, "w", functions);

	if (!stream)
		return;
	setvbuf(stream, NULL, _IOLBF, 512);
	rte_openlog_stream(stream);
}

/* EAL explains all its options at length on the standard output when it does not know one. */
static int init_quietly(struct eal_args *args)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), out;

	fflush(stdout);
	out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	if (null >= 0 && out >= 0)
		dup2(null, STDOUT_FILENO);
	int n = rte_eal_init(args->argc, args->argv);

	fflush(stdout);
	if (null >= 0 && out >= 0)
		dup2(out, STDOUT_FILENO);
	if (null >= 0)
		close(null);
	if (out >= 0)
		close(out);
	return n;
}

static int init(struct eal_args *args, const struct datapath_config *config, const char *extra)
{
	cpu_set_t before;

	args->argc = 0;
	add(args, "weir");
	/* What is wrong is found before our own words have been read, of which EAL takes some only once:
	 * so it can be asked again. */
	if (extra && !add_words(args, extra)) {
		snprintf(first_error, sizeof(first_error), "these are too many words");
		rte_errno = EINVAL;
		return -1;
	}
	add(args, "--no-telemetry");
	add_main_core(args);
	choose_memory(args, config);
	/* An allowed address that no device has: nothing is taken at start, all can be later. */
	state.pci = geteuid() == 0 && !config->no_hugepages;
	if (state.pci) {
		add(args, "-a");
		add(args, "0000:00:00.0");
	} else {
		add(args, "--no-pci");
	}

	eal_forget_error();
	CPU_ZERO(&before);
	sched_getaffinity(0, sizeof(before), &before);
	int n = init_quietly(args);
	sched_setaffinity(0, sizeof(before), &before);
	return n;
}

static void refuse(const char *extra, const char *why)
{
	snprintf(
		state.refused,
		sizeof(state.refused),
		"dpdk-extra=%.100s: DPDK does not take it and was started without (%.100s)",
		extra,
		why
	);
}

/* Not all that is wrong leaves EAL, or the process, in a state to try again. So the words are written
 * down while they are tried, with how often that ended a start. */
static unsigned count_ended(const char *path, const char *extra)
{
	FILE *file = fopen(path, "re");
	char text[EXTRA_SIZE] = "", *words;
	unsigned long n;

	if (!file)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	n = strtoul(text, &words, 10);
	return *words == ' ' && !strncmp(words + 1, extra, sizeof(text) / 2) ? (unsigned)n : 0;
}

static void write_down(const char *path, const char *extra, unsigned n)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return;
	fprintf(file, "%u %s", n, extra);
	fclose(file);
}

/* Who has written what is wrong needs the database, which is served by this process, to mend it. */
static int init_somehow(const struct datapath_config *config)
{
	static struct eal_args args[2]; /* EAL keeps pointers into them */
	const char *extra = config->eal_extra;
	char path[PATH_MAX];
	unsigned n_ended = 0;
	int n;

	snprintf(path, sizeof(path), "%s/vswitchd.dpdk-extra", config->instance);
	if (extra)
		n_ended = count_ended(path, extra);
	else
		unlink(path);
	if (!extra || n_ended >= EXTRA_STARTS) {
		if (extra)
			refuse(extra, "the last starts ended with it");
		return init(&args[0], config, NULL);
	}
	write_down(path, extra, n_ended + 1);
	n = init(&args[0], config, extra);
	if (n < 0 && rte_errno == EINVAL) {
		refuse(extra, first_error);
		n = init(&args[1], config, NULL);
	}
	if (n >= 0)
		unlink(path);
	return n;
}

int eal_start(const struct datapath_config *config, struct errbuf *err)
{
	if (started)
		return 0;
	open_log();
	if (init_somehow(config) < 0)
		return init_failed(err);
	if (!state.hugepages)
		heap_start(state.memory_mb - start_mb());
	started = true;
	log_info(
		"DPDK runs with %s",
		state.hugepages ? "hugepages" : "ordinary memory (no hugepages are free)"
	);
	return 0;
}

void eal_stop(void)
{
	if (!started)
		return;
	/* Files and memory are the process's own (--in-memory): the kernel takes them back. EAL
	 * cannot start twice, so it stays for a second datapath_start(). */
	rte_openlog_stream(NULL);
}
