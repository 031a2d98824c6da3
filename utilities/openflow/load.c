/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/openflow/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/flow_text.h"
#include "ofproto/wire/messages.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/openflow/talk.h"

enum {
	BUNDLE_OPEN = 0,
	BUNDLE_COMMIT = 4,
	BUNDLE_FLAGS = 3, /* atomic and ordered */
	PROGRESS_AFTER_MS = 1000,
	PROGRESS_EVERY = 1 << 12, /* lines between looks at the clock */
	PIECE = 1 << 20, /* bytes sent between looks at it */
};

void load_init(struct load *load, struct ofconn *conn)
{
	*load = (struct load){.conn = conn, .bundle = options.bundle};
	load->mod = XNEW(struct of_flow_mod);
	wire_out_init(&load->out, ofconn_version(conn));
}

void load_fini(struct load *load)
{
	of_flow_mod_fini(load->mod);
	free(load->mod);
	free(load->lines);
	wire_out_fini(&load->out);
}

uint32_t load_xid(struct load *load, unsigned line)
{
	uint32_t xid = ofconn_xid(load->conn);

	if (load->n_lines == load->size_lines) {
		load->size_lines = load->size_lines * 2 + 64;
		load->lines = xrealloc(load->lines, load->size_lines * sizeof(load->lines[0]));
	}
	load->lines[load->n_lines++] = (struct load_line){.xid = xid, .number = line};
	return xid;
}

/* In OpenFlow 1.0 tables can only be named after both sides have agreed on Nicira's extension. */
int load_flow(struct load *load, unsigned line, struct errbuf *err)
{
	struct of_flow_mod *mod = load->mod;
	unsigned verb = mod->command & 0xff;
	uint8_t usual = verb == FLOW_ADD ? 0 : FLOW_ALL_TABLES;

	if (load->out.version == OF10 && !load->table_ids && mod->table_id != usual) {
		const struct of_flow_mod_table_id enable = {.enable = 1};

		message_encode(
			&load->out, &of_flow_mod_table_id_type, load_xid(load, line), &enable
		);
		load->table_ids = true;
	}
	if (load->table_ids)
		mod->command = (uint16_t)(verb | (unsigned)mod->table_id << 8);
	return flow_encode(&load->out, mod, load_xid(load, line), err);
}

/* Progress. */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* One line on a terminal that is written over again and again. */
static void progress(const char *what, size_t done, size_t all, int64_t since)
{
	int64_t passed = now_ms() - since;

	if (passed < PROGRESS_AFTER_MS || (!options.progress && !isatty(STDERR_FILENO)))
		return;
	fprintf(stderr, "\r%s %zu", what, done);
	if (all)
		fprintf(stderr, " of %zu", all);
	fprintf(stderr,
		", %lld per second \033[K%s",
		(long long)((int64_t)done * 1000 / (passed ? passed : 1)),
		done == all ? "\n" : "");
}

/* Reading. */

int load_lines(const char *name, load_line_fn *each, void *context)
{
	bool is_stdin = !strcmp(name, "-");
	FILE *file = is_stdin ? stdin : fopen(name, "r");
	int64_t start = now_ms();
	struct errbuf err;
	size_t size = 0;
	char *line = NULL;
	unsigned number = 0;
	int status = EXIT_FINE;

	if (!file) {
		errbuf_set(&err, -errno, "%s: %s", name, strerror(errno));
		return fail(&err);
	}
	while (!status && getline(&line, &size, file) >= 0) {
		char *text = line + strspn(line, " \t\r\n"), *end;

		number++;
		end = text + strcspn(text, "#\n");
		while (end > text && strchr(" \t\r", end[-1]))
			end--;
		*end = '\0';
		if (*text)
			status = each(context, text, number);
		if (number % PROGRESS_EVERY == 0)
			progress("read", number, 0, start);
	}
	free(line);
	if (!is_stdin)
		fclose(file);
	return status;
}

struct parsing {
	struct load *load;
	load_fn *parse;
};

static int parse_line(void *parsing_, char *line, unsigned number)
{
	struct parsing *parsing = parsing_;
	struct errbuf err = {0};
	char where[512];

	if (!parsing->parse(parsing->load, line, number, &err))
		return EXIT_FINE;
	snprintf(where, sizeof(where), "%s:%u", parsing->load->file, number);
	return fail_in_text(where, line, &err);
}

int load_text(struct load *load, const char *text, bool is_file, load_fn *parse)
{
	struct parsing parsing = {.load = load, .parse = parse};
	struct errbuf err = {0};

	if (is_file || !strcmp(text, "-")) {
		load->file = strcmp(text, "-") ? text : "stdin";
		return load_lines(text, parse_line, &parsing);
	}
	load->text = text;
	return parse(load, text, 0, &err) ? fail_in_text(NULL, text, &err) : EXIT_FINE;
}

/* Sending. */

static uint32_t xid_at(const uint8_t *message)
{
	return (uint32_t)field_number(message + 4, 4);
}

/* Makes one bundle of the messages in 'out'. */
static void make_bundle(struct load *load)
{
	struct of_bundle_control control = {.type = BUNDLE_OPEN, .flags = BUNDLE_FLAGS};
	struct wire_out all, *out = &load->out;
	size_t n;

	wire_out_init(&all, out->version);
	message_encode(&all, &of_bundle_control_type, load_xid(load, 0), &control);
	for (size_t at = 0; at < out->n; at += n) {
		n = message_length(out->data + at);
		const struct of_bundle_add add = {
			.flags = BUNDLE_FLAGS,
			.message =
				{.data = out->data + at, .n = (uint32_t)n, .version = out->version},
		};

		/* The bundle wants the message's own xid. */
		message_encode(&all, &of_bundle_add_type, xid_at(out->data + at), &add);
	}
	control.type = BUNDLE_COMMIT;
	message_encode(&all, &of_bundle_control_type, load_xid(load, 0), &control);
	wire_out_fini(out);
	*out = all;
}

/* Says which line a refusal is about: xids grow with lines. */
static void name_line(const struct load *load, uint32_t xid)
{
	size_t low = 0, high = load->n_lines;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (load->lines[middle].xid < xid)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == load->n_lines || load->lines[low].xid != xid)
		return;
	if (load->file && load->lines[low].number)
		fprintf(stderr,
			"ofctl: %s:%u: the switch refused it:\n",
			load->file,
			load->lines[low].number);
	else if (load->text)
		fprintf(stderr, "ofctl: the switch refused it: %s\n", load->text);
}

/* What its name does not say. */
static void explain(uint8_t version, const struct of_error_message *message)
{
	uint16_t type = message->type, code = message->code;
	struct wire_bytes data = message->data;

	if (error_decode(version, &type, &code, &data) == OF_NXFMFC_INVALID_TLV_FIELD)
		fputs("ofctl: a tun_metadata field stands for no tunnel option of this switch yet; "
		      "'ofctl add-tlv-map' says for which one\n",
		      stderr);
}

/* Reads up to the barrier's reply. */
static int take_answers(struct load *load, uint32_t barrier)
{
	int status = EXIT_FINE;

	for (;;) {
		union message_body *body;
		struct message_head head;
		struct errbuf err = {0};
		const uint8_t *data;
		bool is_error;
		size_t n;

		if (ofconn_receive(load->conn, &data, &n, &err))
			return fail(&err);
		if (xid_at(data) == barrier)
			return status;
		body = XNEW(union message_body);
		is_error = !message_decode(data, n, NULL, &head, body) &&
			head.type->id == MESSAGE_ERROR_MESSAGE;
		if (is_error) {
			status = EXIT_ERROR;
			name_line(load, head.xid);
			talk_print(data, n);
			explain(head.version, &body->error_message);
		}
		message_fini(&head, body);
		free(body);
	}
}

int load_send(struct load *load)
{
	uint32_t barrier;
	int64_t start = now_ms();
	struct errbuf err = {0};
	size_t at = 0, sent = 0;

	if (!load->out.n)
		return EXIT_FINE;
	if (load->bundle)
		make_bundle(load);
	barrier = ofconn_xid(load->conn);
	message_encode(&load->out, &of_barrier_request_type, barrier, NULL);
	while (at < load->out.n) {
		size_t left = load->out.n - at;
		struct wire_out piece = {
			.data = load->out.data + at,
			.n = left < PIECE ? left : PIECE,
			.version = load->out.version,
		};

		at += piece.n;
		if (ofconn_send(load->conn, &piece, &err))
			return fail(&err);
		sent = load->n_lines * (at / 64) / (load->out.n / 64 + 1);
		if (at < load->out.n)
			progress("sent", sent, load->n_lines, start);
	}
	load->out.n = 0;
	sent = load->n_lines;
	int status = take_answers(load, barrier);

	progress("done", sent, load->n_lines, start);
	return status;
}
