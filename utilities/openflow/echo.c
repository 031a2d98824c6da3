/* SPDX-License-Identifier: Apache-2.0 */

/* Commands that ask a switch or a controller to send back what they sent.  */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/errbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/messages.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/openflow/talk.h"

enum {
	PINGS = 10,
	PING_SIZE = 64,
	PAYLOAD_MAX = WIRE_MAX_SIZE - MESSAGE_HEAD_SIZE,
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

struct check {
	const uint8_t *payload;
	uint32_t n;
	bool good;
};

static void check(const struct message_head *head, const union message_body *body, void *check_)
{
	struct check *check = check_;
	const struct wire_bytes *data = &body->echo_reply.data;

	check->good = head->type->id == MESSAGE_ECHO_REPLY && data->n == check->n &&
		(!data->n || !memcmp(data->data, check->payload, data->n));
}

/* One echo; its xid goes to 'xid'. */
static int echo(struct ofconn *conn, const uint8_t *payload, uint32_t n, uint32_t *xid)
{
	const struct of_echo_request request = {
		.data = {.data = payload, .n = n, .version = ofconn_version(conn)},
	};
	struct check result = {.payload = payload, .n = n};
	struct errbuf err = {0};
	struct wire_out out;
	int status;

	*xid = ofconn_xid(conn);
	wire_out_init(&out, ofconn_version(conn));
	message_encode(&out, &of_echo_request_type, *xid, &request);
	status = talk_ask(conn, &out, *xid, check, &result);
	wire_out_fini(&out);
	if (!status && !result.good) {
		errbuf_set(&err, -EPROTO, "the echo came back changed");
		status = fail(&err);
	}
	return status;
}

static uint8_t *random_payload(size_t n)
{
	uint8_t *payload = xmalloc(n + 1);

	srand((unsigned)time(NULL));
	for (size_t i = 0; i < n; i++)
		payload[i] = (uint8_t)rand();
	return payload;
}

static int run_probe(const struct ofctl_command *command, char **args, int n)
{
	struct ofconn *conn = talk_open(command, args[0]);
	uint32_t xid;

	return conn ? talk_end(conn, echo(conn, NULL, 0, &xid)) : EXIT_ERROR;
}

static int run_ping(const struct ofctl_command *command, char **args, int n)
{
	uint64_t size = PING_SIZE;
	struct errbuf err = {0};
	struct ofconn *conn;
	uint8_t *payload;
	int status = EXIT_FINE;

	if (n > 1 && action_number("N", args[1], PAYLOAD_MAX, &size, &err))
		return fail(&err);
	conn = talk_open(command, args[0]);
	if (!conn)
		return EXIT_ERROR;
	payload = random_payload(size);
	for (unsigned i = 0; !status && i < PINGS; i++) {
		double start = now_ms();
		uint32_t xid;

		status = echo(conn, payload, (uint32_t)size, &xid);
		if (!status)
			printf("%zu bytes from %s: xid=%08x time=%.1f ms\n",
			       (size_t)size + MESSAGE_HEAD_SIZE,
			       args[0],
			       xid,
			       now_ms() - start);
	}
	free(payload);
	return talk_end(conn, status);
}

static int run_benchmark(const struct ofctl_command *command, char **args, int n)
{
	uint64_t size, count;
	struct errbuf err = {0};
	struct ofconn *conn;
	uint8_t *payload;
	int status = EXIT_FINE;
	double start, took;

	if (action_number("N", args[1], PAYLOAD_MAX, &size, &err) ||
	    action_number("COUNT", args[2], UINT32_MAX, &count, &err))
		return fail(&err);
	conn = talk_open(command, args[0]);
	if (!conn)
		return EXIT_ERROR;
	payload = random_payload(size);
	printf("Sending %llu packets * %llu bytes (with header) = %llu bytes total\n",
	       (unsigned long long)count,
	       (unsigned long long)size + MESSAGE_HEAD_SIZE,
	       (unsigned long long)count * (size + MESSAGE_HEAD_SIZE));
	start = now_ms();
	for (uint64_t i = 0; !status && i < count; i++) {
		uint32_t xid;

		status = echo(conn, payload, (uint32_t)size, &xid);
	}
	took = now_ms() - start;
	if (!status)
		printf("Finished in %.1f ms (%.0f packets/s) (%.0f bytes/s)\n",
		       took,
		       (double)count / (took / 1e3),
		       (double)(count * (size + MESSAGE_HEAD_SIZE)) / (took / 1e3));
	free(payload);
	return talk_end(conn, status);
}

OFCTL_COMMAND(
	probe,
	.name = "probe",
	.arguments = "TARGET",
	.min_args = 1,
	.max_args = 1,
	.help = "Succeeds if the switch or controller answers.",
	.run = run_probe
);
OFCTL_COMMAND(
	ping,
	.name = "ping",
	.arguments = "TARGET [N]",
	.min_args = 1,
	.max_args = 2,
	.help = "Times ten echoes of N bytes.",
	.run = run_ping
);
OFCTL_COMMAND(
	benchmark,
	.name = "benchmark",
	.arguments = "TARGET N COUNT",
	.min_args = 3,
	.max_args = 3,
	.help = "Times COUNT echoes of N bytes, one after the other.",
	.run = run_benchmark
);
