/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Logging: one line per event, by topic and level, to console, file and syslog.
 *
 * A topic is a file's subject ("port", "ovsdb"): LOG_TOPIC(port); at the top of the file, then
 * log_warn("port %s: …", name). Levels are set per topic and destination, at start (-v) and at run
 * time (vlog/set). A call site that repeats itself more than a few times a second is held back and
 * later says how many lines were suppressed.
 *
 * Workers never log. Only managers (vswitchd, connection and port managers) log; everything else
 * returns its error.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/registry.h"

struct errbuf;

enum log_level {
	LOG_LEVEL_OFF,
	LOG_LEVEL_ERR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DBG
};
enum log_dest {
	LOG_DEST_CONSOLE,
	LOG_DEST_FILE,
	LOG_DEST_SYSLOG,
	LOG_N_DESTS
};

struct log_topic {
	const char *name;
	uint8_t level[LOG_N_DESTS]; /* main writes, all threads read */
	uint8_t max; /* main writes: the loudest of level[] */
};

/* Holds back a call site: 10 lines at once, then one a second. */
struct log_limit {
	int64_t refill_ms;
	uint32_t tokens;
	uint32_t suppressed;
};

REGISTRY_DECLARE(log_topic, struct log_topic);

#define LOG_TOPIC(topic_name)                                                                      \
	static struct log_topic log_topic_here = {                                                 \
		.name = #topic_name,                                                               \
		.level = {LOG_LEVEL_INFO, LOG_LEVEL_INFO, LOG_LEVEL_WARN},                         \
		.max = LOG_LEVEL_INFO,                                                             \
	};                                                                                         \
	REGISTRY_ADD(log_topic, log_topic_here)

#define LOG_AT(log_level, ...)                                                                     \
	do {                                                                                       \
		static struct log_limit log_limit_here;                                            \
		if (log_topic_here.max >= (log_level))                                             \
			log_write(&log_topic_here, (log_level), &log_limit_here, __VA_ARGS__);     \
	} while (0)

#define log_err(...)  LOG_AT(LOG_LEVEL_ERR, __VA_ARGS__)
#define log_warn(...) LOG_AT(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) LOG_AT(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_dbg(...)  LOG_AT(LOG_LEVEL_DBG, __VA_ARGS__)

/* Any thread but workers. */

/* Used through the macros above. 'limit' may be NULL: never held back. */
void log_write(
	const struct log_topic *topic,
	enum log_level level,
	struct log_limit *limit,
	const char *format,
	...
) __attribute__((format(printf, 4, 5)));

/* Main thread. */

/* 'program' is the name lines and syslog entries carry. */
void log_init(const char *program);

/* Accepts what -v takes: "dbg", "TOPIC:LEVEL", "TOPIC:DEST:LEVEL", "ANY:file:off"; words in any
 * order, separated by ':' or blanks. An empty spec means "dbg". */
int log_set(const char *spec, struct errbuf *err);

/* Opens (or, with NULL, reopens) the log file. */
int log_open_file(const char *path, struct errbuf *err);

/* The path of the log file, or NULL. */
const char *log_file(void);

/* Turns the console off: for a daemon that has detached. */
void log_close_console(void);

/* Turns holding-back on or off for all call sites (vlog/disable-rate-limit). */
void log_set_rate_limit(bool enabled);

const char *log_level_name(enum log_level level);
