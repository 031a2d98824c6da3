/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/openflow/talk.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/show/show.h"
#include "utilities/client.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/socket.h"

enum {
	SHOWN_WIDTH = 100, /* of a text with a marked word */
};

int fail(const struct errbuf *err)
{
	fprintf(stderr, "ofctl: %s\n", err->text);
	return EXIT_ERROR;
}

/* Where 'word' ('n' bytes) stands in 'text' by itself. */
static const char *find_word(const char *text, const char *word, size_t n)
{
	for (const char *at = text; n && (at = strstr(at, word)); at++) {
		bool begins = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');
		bool ends = !isalnum((unsigned char)at[n]) && at[n] != '_';

		if (begins && ends)
			return at;
	}
	return NULL;
}

/* The wrong word: what the sentence quotes if it stands in the text, else what it begins with. */
static const char *find_wrong(const char *text, const char *sentence, size_t *n)
{
	char word[ERRBUF_SIZE];
	const char *quote = strchr(sentence, '\''), *at = NULL;
	size_t length;

	if (quote) {
		length = strcspn(quote + 1, "'");
		snprintf(word, sizeof(word), "%.*s", (int)length, quote + 1);
		at = length ? strstr(text, word) : NULL;
		*n = length;
	}
	if (at)
		return at;
	/* "output: nw_sr: unknown…": the innermost. */
	for (;;) {
		length = strcspn(sentence, ": ");
		if (sentence[length] != ':' || !length)
			return at;
		snprintf(word, sizeof(word), "%.*s", (int)length, sentence);
		const char *found = find_word(at ? at : text, word, length);

		if (found) {
			at = found;
			*n = length;
		}
		sentence += length + 1;
		sentence += strspn(sentence, " ");
	}
}

int fail_in_text(const char *where, const char *text, const struct errbuf *err)
{
	size_t n = 0, skip;
	const char *wrong = find_wrong(text, err->text, &n);

	fprintf(stderr, "ofctl: %s%s%s\n", where ? where : "", where ? ": " : "", err->text);
	if (!wrong)
		return EXIT_ERROR;
	skip = (size_t)(wrong - text) > SHOWN_WIDTH / 2 ? (size_t)(wrong - text) - SHOWN_WIDTH / 2
							: 0;
	fprintf(stderr, "  %.*s\n  %*s^", SHOWN_WIDTH, text + skip, (int)(wrong - text - skip), "");
	while (n-- > 1)
		fputc('~', stderr);
	fputc('\n', stderr);
	return EXIT_ERROR;
}

/* Connections. */

static const struct socket_tls *tls_files(void)
{
	static struct socket_tls tls;

	tls = (struct socket_tls){
		.private_key = options.private_key,
		.certificate = options.certificate,
		.ca_cert = options.ca_cert,
	};
	return &tls;
}

static struct ofconn *
try_open(const char *target, const char *suffix, uint32_t versions, struct errbuf *err)
{
	const struct ofconn_target to = {
		.name = target,
		.suffix = suffix,
		.rundir = client_rundir(options.rundir),
		.tls = tls_files(),
	};

	return ofconn_open(&to, versions, options.timeout_ms, err);
}

struct ofconn *talk_open_versions(const char *target, const char *suffix, uint32_t versions)
{
	struct errbuf err = {0};
	struct ofconn *conn = try_open(target, suffix, versions, &err);

	if (!conn)
		fail(&err);
	return conn;
}

struct ofconn *talk_open(const struct ofctl_command *command, const char *target)
{
	const uint32_t all = 1U << OF10 | 1U << OF13 | 1U << OF14 | 1U << OF15;
	uint32_t can = command->versions ? command->versions & all : all, wanted;
	struct errbuf err = {0};
	struct ofconn *conn;

	if (options.bundle)
		can &= OFCTL_SINCE(OF13);
	if (options.versions) {
		wanted = options.versions & can;
		if (wanted)
			return talk_open_versions(target, "mgmt", wanted);
		errbuf_set(
			&err,
			-EPROTO,
			"%s%s needs %s or later; say so with -O",
			options.bundle ? "--bundle " : "",
			command->name,
			message_version_name((uint8_t)__builtin_ctz(can))
		);
		fail(&err);
		return NULL;
	}
	/* The oldest first, as ovs-ofctl does and scripts expect. */
	wanted = can & 1U << OF10 ? 1U << OF10 : can;
	conn = try_open(target, "mgmt", wanted, &err);
	if (!conn && err.error == -EPROTO && can != wanted)
		conn = try_open(target, "mgmt", can & ~wanted, &err);
	if (!conn)
		fail(&err);
	return conn;
}

int talk_end(struct ofconn *conn, int status)
{
	talk_forget_names();
	ofconn_close(conn);
	return status;
}

/* Printing. */

static void
add_json(const struct message_head *head, const union message_body *body, struct strbuf *text)
{
	json_t *json = message_json(head, body, talk_shown_names(NULL));
	char *dump = json_dumps(json, JSON_COMPACT);

	strbuf_addf(text, "%s\n", dump);
	free(dump);
	json_decref(json);
}

static void add_timestamp(struct strbuf *text)
{
	struct timespec now;
	struct tm tm;
	char stamp[64];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &tm);
	strbuf_addf(text, "%s.%03ld: ", stamp, now.tv_nsec / 1000000);
}

bool talk_print(const uint8_t *data, size_t n)
{
	const struct show show = {
		.names = talk_shown_names(NULL),
		.no_stats = options.no_stats,
	};
	union message_body *body = XNEW(union message_body);
	struct message_head head;
	struct strbuf text = STRBUF_INIT;
	bool good = !message_decode(data, n, NULL, &head, body);

	if (options.timestamp)
		add_timestamp(&text);
	if (good && options.json)
		add_json(&head, body, &text);
	else
		show_message(&show, data, n, &text);
	if (options.more > 1)
		show_hex(data, n, &text);
	good &= head.type && head.type->id != MESSAGE_ERROR_MESSAGE;
	fputs(strbuf_text(&text), good ? stdout : stderr);
	message_fini(&head, body);
	strbuf_fini(&text);
	free(body);
	return good;
}

/* Requests. */

int talk_ask(struct ofconn *conn, struct wire_out *out, uint32_t xid, talk_fn *each, void *context)
{
	union message_body *body = XNEW(union message_body);
	struct errbuf err = {0};
	int status = ofconn_send(conn, out, &err) ? fail(&err) : -1;

	while (status < 0) {
		struct message_head head;
		const uint8_t *data;
		enum of_error error;
		size_t n;

		if (ofconn_receive(conn, &data, &n, &err)) {
			status = fail(&err);
			break;
		}
		if (field_number(data + 4, 4) != xid)
			continue;
		error = message_decode(data, n, NULL, &head, body);
		if (error || head.type->id == MESSAGE_ERROR_MESSAGE) {
			talk_print(data, n);
			status = EXIT_ERROR;
		} else {
			if (each)
				each(&head, body, context);
			else
				talk_print(data, n);
			if (!head.more)
				status = EXIT_FINE;
		}
		message_fini(&head, body);
	}
	free(body);
	return status;
}

int talk_show(struct ofconn *conn, struct wire_out *out, uint32_t xid)
{
	/* Asked now: later the answers come. */
	talk_shown_names(conn);
	return talk_ask(conn, out, xid, NULL, NULL);
}

int talk_show_request(struct ofconn *conn, const struct message_type *type, const void *body)
{
	uint32_t xid = ofconn_xid(conn);
	struct errbuf err = {0};
	struct wire_out out;
	int status;

	wire_out_init(&out, ofconn_version(conn));
	if (message_has_version(type, out.version)) {
		message_encode(&out, type, xid, body);
		status = talk_show(conn, &out, xid);
	} else {
		errbuf_set(
			&err,
			-EPROTO,
			"%s does not have this; try -O OpenFlow13, OpenFlow14 or OpenFlow15",
			message_version_name(out.version)
		);
		status = fail(&err);
	}
	wire_out_fini(&out);
	return status;
}
