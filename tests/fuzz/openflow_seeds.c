/* SPDX-License-Identifier: Apache-2.0 */

/* Seeds for the targets of OpenFlow: samples of every message in every version, whole and cut short,
 * and flows, groups and meters as the version says them.
 *
 * usage: openflow_seeds FOLDER <LINES
 *
 * Writes FOLDER/openflow_VERSION. A line is "flow TEXT", "group TEXT", "meter TEXT" or "packet HEX".  */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/errbuf.h"
#include "lib/types.h"
#include "ofproto/wire/flow_text.h"
#include "ofproto/wire/group_text.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/meter_text.h"
#include "tests/unit/ofproto/wire/sample.h"

enum {
	SEED_MAX = 4096
};

static const char *folder;

/* OpenFlow 1.1 and 1.2 have a target together. */
static const char *const names[] = {
	[OF10] = "10", [OF11] = "11", [OF12] = "11", [OF13] = "13", [OF14] = "14", [OF15] = "15"};

static void write_seed(uint8_t version, const uint8_t *data, size_t n)
{
	static unsigned n_seeds;
	char path[4096];
	FILE *file;

	if (n > SEED_MAX)
		return;
	snprintf(path, sizeof(path), "%s/openflow_%s", folder, names[version]);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/openflow_%s/made-%u", folder, names[version], n_seeds++);
	file = fopen(path, "w");
	if (!file || fwrite(data, 1, n, file) != n || fclose(file)) {
		perror(path);
		exit(1);
	}
}

static void write_sample(const struct message_type *type, uint8_t version, unsigned variant)
{
	union message_body *body = calloc(1, sizeof(*body));
	struct wire_out out;

	if (!body)
		abort();
	wire_out_init(&out, version);
	sample_fill(type, version, variant, body);
	message_encode(&out, type, 1, body);
	write_seed(version, out.data, out.n);
	if (out.n > MESSAGE_HEAD_SIZE)
		write_seed(version, out.data, out.n - 1 - variant * out.n / 8);
	type->fini(body);
	sample_forget();
	wire_out_fini(&out);
	free(body);
}

static void write_flow(uint8_t version, const char *text)
{
	struct of_flow_mod *mod = calloc(1, sizeof(*mod));
	struct wire_out out;
	struct errbuf err;

	if (!mod)
		abort();
	wire_out_init(&out, version);
	if (!flow_parse(mod, FLOW_ADD, text, NULL, &err) && !flow_encode(&out, mod, 1, &err))
		write_seed(version, out.data, out.n);
	of_flow_mod_fini(mod);
	wire_out_fini(&out);
	free(mod);
}

static void write_group(uint8_t version, const char *text)
{
	struct of_group_mod mod;
	struct wire_out out;
	struct errbuf err;

	wire_out_init(&out, version);
	if (!group_parse(&mod, GROUP_COMMAND_ADD, version, text, NULL, &err)) {
		message_encode(&out, group_message(&mod), 1, &mod);
		write_seed(version, out.data, out.n);
	}
	group_text_fini(&mod);
	wire_out_fini(&out);
}

static void write_meter(uint8_t version, const char *text)
{
	struct of_meter_mod mod;
	struct wire_out out;
	struct errbuf err;

	if (version < OF13)
		return;
	wire_out_init(&out, version);
	if (!meter_parse(&mod, METER_COMMAND_ADD, version, text, &err)) {
		message_encode(&out, &of_meter_mod_type, 1, &mod);
		write_seed(version, out.data, out.n);
	}
	meter_text_fini(&mod);
	wire_out_fini(&out);
}

/* A controller sees a packet, given in hex. */
static void write_packet(uint8_t version, const char *hex)
{
	union message_body *body = calloc(1, sizeof(*body));
	uint8_t bytes[SEED_MAX / 2];
	struct wire_out out;
	unsigned byte, n = 0;

	if (!body)
		abort();
	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		bytes[n++] = (uint8_t)byte;
	match_init(&body->packet_in.match, NULL);
	body->packet_in.total_len = (uint16_t)n;
	body->packet_in.data = (struct wire_bytes){.data = bytes, .n = n, .version = version};
	wire_out_init(&out, version);
	message_encode(&out, &of_packet_in_type, 1, body);
	write_seed(version, out.data, out.n);
	wire_out_fini(&out);
	free(body);
}

static const struct {
	const char *word;
	void (*write)(uint8_t version, const char *text);
} kinds[] = {
	{"flow ", write_flow},
	{"group ", write_group},
	{"meter ", write_meter},
	{"packet ", write_packet}};

static void write_line(uint8_t version, const char *line)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(kinds); i++)
		if (!strncmp(line, kinds[i].word, strlen(kinds[i].word)))
			kinds[i].write(version, line + strlen(kinds[i].word));
}

int main(int argc, char **argv)
{
	char line[SEED_MAX];

	if (argc != 2) {
		fprintf(stderr, "usage: openflow_seeds FOLDER <LINES\n");
		return 1;
	}
	folder = argv[1];
	for (uint8_t version = OF10; version <= OF15; version++)
		for (unsigned i = 0; i < MESSAGES * SAMPLE_VARIANTS; i++)
			if (message_has_version(message_types[i / SAMPLE_VARIANTS], version))
				write_sample(
					message_types[i / SAMPLE_VARIANTS],
					version,
					i % SAMPLE_VARIANTS
				);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		for (uint8_t version = OF10; version <= OF15; version++)
			write_line(version, line);
	}
	return 0;
}
