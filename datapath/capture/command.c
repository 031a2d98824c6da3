/* SPDX-License-Identifier: Apache-2.0 */

/* capture/run: what vsctl capture asks for. The packets go to a socket that the client listens at;
 * the answer comes when all is written.  */

#include "lib/command.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "datapath/capture/capture.h"
#include "datapath/drop.h"
#include "lib/flow/match.h"
#include "lib/near.h"
#include "lib/xmalloc.h"

enum {
	SNAPLEN_DEFAULT = 65535
};

/* Options of the command; what an option says, 'set' puts into the configuration. */
struct word {
	const char *name;
	bool takes_value; /* or may: "--dropped[=REASON]" */
	int (*set)(struct capture_config *config, const char *value, struct errbuf *err);
};

static int set_direction(struct capture_config *config, const char *value, struct errbuf *err)
{
	static const struct {
		const char *name;
		uint8_t ways;
	} directions[] = {
		{"rx", CAPTURE_RX},
		{"tx", CAPTURE_TX},
		{"both", CAPTURE_RX | CAPTURE_TX},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(directions); i++)
		if (!strcmp(value, directions[i].name)) {
			config->ways |= directions[i].ways;
			return 0;
		}
	return errbuf_set(err, -EINVAL, "--direction is rx, tx or both, not '%.40s'", value);
}

static int set_dropped(struct capture_config *config, const char *value, struct errbuf *err)
{
	config->ways |= CAPTURE_DROPPED;
	config->reason = value ? drop_reason_find(value, err) : NULL;
	return value && !config->reason ? err->error : 0;
}

static int set_filter(struct capture_config *config, const char *value, struct errbuf *err)
{
	struct match match;

	match_init(&match, NULL);
	if (match_parse(&match, value, NULL, err))
		return err->error;
	if (match.mask.base.in_port)
		return errbuf_set(
			err,
			-EINVAL,
			"--filter: in_port says nothing here: name the port itself, as in "
			"\"capture PORT --direction=rx\""
		);
	config->filters = true;
	config->key = match.key;
	config->mask = match.mask;
	return 0;
}

static int
set_number(const char *name, const char *value, uint64_t max, uint64_t *number, struct errbuf *err)
{
	char *end;

	errno = 0;
	*number = strtoull(value, &end, 10);
	if (*value >= '0' && *value <= '9' && !*end && !errno && *number && *number <= max)
		return 0;
	return errbuf_set(
		err,
		-EINVAL,
		"%s is a number from 1 to %llu, not '%.40s'",
		name,
		(unsigned long long)max,
		value
	);
}

static int set_count(struct capture_config *config, const char *value, struct errbuf *err)
{
	return set_number("--count", value, UINT32_MAX, &config->count, err);
}

static int set_snaplen(struct capture_config *config, const char *value, struct errbuf *err)
{
	uint64_t number = 0;
	int error = set_number("--snaplen", value, CAPTURE_SNAPLEN_MAX, &number, err);

	config->snaplen = (uint32_t)number;
	return error;
}

static int set_pcapng(struct capture_config *config, const char *value, struct errbuf *err)
{
	config->pcapng = true;
	return 0;
}

static const struct word words[] = {
	{"--direction", true, set_direction},
	{"--dropped", false, set_dropped},
	{"--filter", true, set_filter},
	{"--count", true, set_count},
	{"--snaplen", true, set_snaplen},
	{"--pcapng", false, set_pcapng},
};

static const struct word *find_word(const char *text, struct errbuf *err)
{
	size_t length = strcspn(text, "=");
	struct near near;

	near_init(&near, text);
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
		if (strlen(words[i].name) == length && !strncmp(words[i].name, text, length))
			return &words[i];
		near_add(&near, words[i].name);
	}
	near_refuse(
		&near,
		err,
		-EINVAL,
		"capture knows no option '%.40s', but --direction, --dropped, --filter, --count and "
		"--snaplen",
		text
	);
	return NULL;
}

static int set_port(struct capture_config *config, const char *name, struct errbuf *err)
{
	if (config->port[0])
		return errbuf_set(
			err, -EINVAL, "'%.40s': one port is captured at, or \"any\"", name
		);
	if (strlen(name) >= sizeof(config->port) || !name[0])
		return errbuf_set(err, -ENOENT, "there is no port named '%.40s'", name);
	memcpy(config->port, name, strlen(name) + 1);
	return 0;
}

/* The words behind the socket. */
static int
parse(struct capture_config *config, const char *const *argv, int argc, struct errbuf *err)
{
	for (int i = 0; i < argc; i++) {
		const char *value = strchr(argv[i], '=');
		const struct word *word;

		if (argv[i][0] != '-') {
			if (set_port(config, argv[i], err))
				return err->error;
			continue;
		}
		word = find_word(argv[i], err);
		if (!word)
			return err->error;
		if (value)
			value++;
		else if (word->takes_value && i + 1 < argc)
			value = argv[++i];
		if (word->takes_value && !value)
			return errbuf_set(err, -EINVAL, "%s needs a value", word->name);
		if (word->set(config, value, err))
			return err->error;
	}
	if (!config->ways)
		config->ways = CAPTURE_RX | CAPTURE_TX;
	if (config->port[0])
		return 0;
	if (config->ways != CAPTURE_DROPPED)
		return errbuf_set(
			err, -EINVAL, "say at which port (\"any\": at all of them), or --dropped"
		);
	return set_port(config, "any", err);
}

/* Returns the connected socket or a negative errno. */
static int reach(const char *path, struct errbuf *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path) || path[0] != '/') {
		if (fd >= 0)
			close(fd);
		return errbuf_set(
			err, -EINVAL, "capture/run: '%.80s' is not the path of a socket", path
		);
	}
	memcpy(address.sun_path, path, strlen(path));
	/* Who listens has room for one that is not accepted yet: this does not wait. */
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	int error = -errno;

	close(fd);
	return errbuf_set(
		err, error, "capture/run: nobody listens at %s: %s", path, strerror(-error)
	);
}

static void answer(struct capture *capture)
{
	command_finish(
		capture->context,
		json_pack(
			"{s:I, s:I}",
			"packets",
			(json_int_t)capture->written,
			"lost",
			(json_int_t)capture_lost(capture)
		),
		NULL
	);
	capture_free(capture);
}

static json_t *cmd_run(struct command_call *call, struct errbuf *err)
{
	struct capture_config *config = xalloc_aligned(CACHE_LINE, sizeof(*config));
	int fd;

	config->snaplen = SNAPLEN_DEFAULT;
	if (!parse(config, call->argv + 1, call->argc - 1, err)) {
		fd = reach(call->argv[0], err);
		if (fd >= 0 && capture_start(config, fd, answer, call, err))
			command_defer(call);
	}
	free(config);
	return NULL;
}

MGMT_COMMAND(
	capture_run,
	"capture/run",
	"SOCKET [PORT|any] [OPTION]...",
	1,
	16,
	cmd_run,
	"Writes packets seen at a port, or dropped, to a unix socket somebody listens at; \"vsctl "
	"capture\" is made of it. What a port's device did not take is among the dropped ones only "
	"where the port or the reason is named."
);

static void show(const struct capture *capture, void *rows)
{
	const struct capture_config *config = &capture->config;

	json_array_append_new(
		rows,
		json_pack(
			"{s:s, s:b, s:b, s:b, s:s, s:I, s:I}",
			"port",
			config->port,
			"rx",
			!!(config->ways & CAPTURE_RX),
			"tx",
			!!(config->ways & CAPTURE_TX),
			"dropped",
			!!(config->ways & CAPTURE_DROPPED),
			"reason",
			config->reason ? config->reason->name : "",
			"packets",
			(json_int_t)__atomic_load_n(&capture->written, __ATOMIC_RELAXED),
			"lost",
			(json_int_t)capture_lost(capture)
		)
	);
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	json_t *rows = json_array();

	capture_foreach(show, rows);
	return rows;
}

MGMT_COMMAND(
	capture_show,
	"capture/show",
	"",
	0,
	0,
	cmd_show,
	"Captures that are running, and what was lost to them because their readers were slow."
);
