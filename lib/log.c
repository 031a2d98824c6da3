/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/xmalloc.h"

LOG_TOPIC(log);

enum {
	LOG_LINE_SIZE = 2048,
	LOG_BURST = 10
};

static const char *const level_names[] = {"OFF", "ERR", "WARN", "INFO", "DBG"};
static const char *const dest_names[] = {"console", "file", "syslog"};

static struct {
	const char *program; /* main writes */
	char *path; /* main writes */
	int fd; /* main writes, all threads read; dup2 keeps it valid */
	bool console; /* main writes */
	bool unlimited; /* main writes */
} state = {.program = "weir", .fd = -1, .console = true};

const char *log_level_name(enum log_level level)
{
	return level_names[level];
}

/* Real time: a stopped test clock must not hold log lines back for ever. */
static int64_t real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Two threads that race here let a line too many through, which harms nobody. */
static bool held_back(struct log_limit *limit, uint32_t *suppressed)
{
	*suppressed = 0;
	if (!limit || state.unlimited)
		return false;
	int64_t now = real_ms();

	if (!limit->refill_ms) {
		limit->tokens = LOG_BURST;
		limit->refill_ms = now;
	}
	int64_t earned = (now - limit->refill_ms) / 1000;

	if (earned > 0) {
		int64_t tokens = limit->tokens + earned;

		limit->tokens = tokens > LOG_BURST ? LOG_BURST : (uint32_t)tokens;
		limit->refill_ms = now;
	}
	if (!limit->tokens) {
		limit->suppressed++;
		return true;
	}
	limit->tokens--;
	*suppressed = limit->suppressed;
	limit->suppressed = 0;
	return false;
}

static void emit(int fd, const char *stamp, const char *line)
{
	struct iovec parts[] = {
		{(void *)stamp, strlen(stamp)},
		{(void *)line, strlen(line)},
		{(void *)"\n", 1},
	};

	/* One writev per line keeps lines of different threads apart. A full disk loses the line. */
	if (writev(fd, parts, 3) < 0)
		return;
}

static void emit_all(const struct log_topic *topic, enum log_level level, const char *text)
{
	static const int priority[] = {LOG_DEBUG, LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};
	char line[LOG_LINE_SIZE], stamp[64], date[40];
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(stamp, sizeof(stamp), "%s.%03ldZ|", date, now.tv_nsec / 1000000);
	snprintf(line, sizeof(line), "%s|%s|%s", topic->name, level_names[level], text);
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	if (state.console && topic->level[LOG_DEST_CONSOLE] >= level)
		emit(STDERR_FILENO, stamp, line);
	if (state.fd >= 0 && topic->level[LOG_DEST_FILE] >= level)
		emit(state.fd, stamp, line);
	if (topic->level[LOG_DEST_SYSLOG] >= level)
		syslog(priority[level], "%s", line);
}

void log_write(
	const struct log_topic *topic,
	enum log_level level,
	struct log_limit *limit,
	const char *format,
	...
)
{
	char text[LOG_LINE_SIZE];
	uint32_t suppressed;
	va_list args;

	if (held_back(limit, &suppressed))
		return;
	int saved_errno = errno;

	if (suppressed) {
		snprintf(
			text, sizeof(text), "%u more lines like the next were held back", suppressed
		);
		emit_all(topic, level, text);
	}
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	emit_all(topic, level, text);
	errno = saved_errno;
}

void log_init(const char *program)
{
	state.program = program;
	openlog(program, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

static int index_of(const char *const *names, int n, const char *word)
{
	for (int i = 0; i < n; i++)
		if (!strcasecmp(names[i], word))
			return i;
	return -1;
}

static bool topic_exists(const char *word)
{
	REGISTRY_FOREACH(log_topic, topic)
		if (!strcasecmp(topic->name, word))
			return true;
	return false;
}

static void apply(const char *name, int dest, int level)
{
	REGISTRY_FOREACH(log_topic, topic) {
		if (name && strcasecmp(topic->name, name))
			continue;
		for (int d = 0; d < LOG_N_DESTS; d++)
			if (dest < 0 || dest == d)
				topic->level[d] = level;
		uint8_t max = 0;

		for (int d = 0; d < LOG_N_DESTS; d++)
			max = topic->level[d] > max ? topic->level[d] : max;
		topic->max = max;
	}
}

int log_set(const char *spec, struct errbuf *err)
{
	char *copy = xstrdup(spec), *save = NULL, *name = NULL;
	int dest = -1, level = LOG_LEVEL_DBG, result = 0;

	for (char *word = strtok_r(copy, ": ,", &save); word; word = strtok_r(NULL, ": ,", &save)) {
		int i;

		if (!strcasecmp(word, "any"))
			continue;
		if ((i = index_of(dest_names, LOG_N_DESTS, word)) >= 0)
			dest = i;
		else if ((i = index_of(level_names, LOG_LEVEL_DBG + 1, word)) >= 0)
			level = i;
		else if (!strcasecmp(word, "emer"))
			level = LOG_LEVEL_ERR;
		else if (topic_exists(word))
			name = word;
		else {
			result = errbuf_set(
				err,
				-EINVAL,
				"no log topic, destination or level \"%s\": vlog/list names them",
				word
			);
			break;
		}
	}
	if (!result)
		apply(name, dest, level);
	free(copy);
	return result;
}

int log_open_file(const char *path, struct errbuf *err)
{
	if (!path)
		path = state.path;
	if (!path)
		return errbuf_set(err, -ENOENT, "there is no log file: start with --log-file");
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

	if (fd < 0)
		return errbuf_set(
			err, -errno, "%s: cannot open the log file: %s", path, strerror(errno)
		);
	if (state.fd < 0) {
		state.fd = fd;
	} else {
		dup3(fd, state.fd, O_CLOEXEC);
		close(fd);
	}
	if (path != state.path) {
		free(state.path);
		state.path = xstrdup(path);
	}
	log_info("logging to %s", state.path);
	return 0;
}

const char *log_file(void)
{
	return state.path;
}

void log_close_console(void)
{
	state.console = false;
}

void log_set_rate_limit(bool enabled)
{
	state.unlimited = !enabled;
}
