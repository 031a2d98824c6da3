/* SPDX-License-Identifier: Apache-2.0 */

/* The commands of dummy ports.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_mbuf.h>
#include <uv.h>

#include "datapath/port.h"
#include "datapath/ports/dummy.h"
#include "datapath/ports/dummy_text.h"
#include "datapath/worker.h"
#include "lib/command.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"

enum {
	WAIT_MS = 1, /* between two looks */
	WAIT_QUIET_LOOKS = 2, /* in a row, with a turn of the main loop between them */
};

struct waiter {
	uv_timer_t timer;
	struct command_call *call;
	int quiet;
};

static struct port *find_dummy(const char *name, struct errbuf *err)
{
	struct port *port = port_find(name);

	if (!port)
		errbuf_set(err, -ENODEV, "there is no port %s", name);
	else if (!dummy_is(port))
		errbuf_set(err, -EINVAL, "port %s is not of type dummy", name);
	else
		return port;
	return NULL;
}

static int inject(struct port *port, const char *text, size_t length, struct errbuf *err)
{
	struct rte_mbuf *packet = dummy_text_parse(text, length, err);

	if (!packet)
		return err->error;
	if (!dummy_inject(port, packet))
		return errbuf_set(
			err, -ENOBUFS, "port %s: too many packets wait to be received", port->name
		);
	return 0;
}

static json_t *cmd_receive(struct command_call *call, struct errbuf *err)
{
	struct port *port = find_dummy(call->argv[0], err);
	size_t length = 0;

	if (!port)
		return NULL;
	for (int i = 1; i < call->argc; i++) {
		const char *text = call->argv[i];

		if (!strcmp(text, "--len") && i + 1 < call->argc)
			length = strtoul(call->argv[++i], NULL, 0);
		else if (inject(port, text, length, err))
			return NULL;
	}
	return json_string("");
}
MGMT_COMMAND(
	dummy_receive,
	"netdev-dummy/receive",
	"PORT [--len BYTES] HEX|FLOW…",
	2,
	1000,
	cmd_receive,
	"Lets packets arrive at a dummy port: their bytes, or made from a flow."
);

static json_t *hex_of(struct rte_mbuf *packet)
{
	struct strbuf text = STRBUF_INIT;

	for (const struct rte_mbuf *segment = packet; segment; segment = segment->next)
		for (uint32_t i = 0; i < segment->data_len; i++)
			strbuf_addf(&text, "%02x", *rte_pktmbuf_mtod_offset(segment, uint8_t *, i));
	json_t *hex = json_string(strbuf_text(&text));

	strbuf_fini(&text);
	return hex;
}

static json_t *cmd_sent(struct command_call *call, struct errbuf *err)
{
	struct port *port = find_dummy(call->argv[0], err);
	struct rte_mbuf *packet;

	if (!port)
		return NULL;
	json_t *all = json_array();

	while ((packet = dummy_take_sent(port))) {
		json_array_append_new(all, hex_of(packet));
		rte_pktmbuf_free(packet);
	}
	return all;
}

static void format_sent(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *packet;

	json_array_foreach((json_t *)answer, i, packet)
		strbuf_addf(out, "%s\n", json_string_value(packet));
}
MGMT_COMMAND_TEXT(
	dummy_sent,
	"dummy/sent",
	"PORT",
	1,
	1,
	cmd_sent,
	"Shows and forgets the packets a dummy port has sent.",
	format_sent
);

static void look_for_waiting(struct port *port, void *found)
{
	if (dummy_is(port) && dummy_has_waiting(port))
		*(bool *)found = true;
}

static void free_waiter(uv_handle_t *timer)
{
	free(container_of((uv_timer_t *)timer, struct waiter, timer));
}

static void look_again(uv_timer_t *timer)
{
	struct waiter *waiter = container_of(timer, struct waiter, timer);
	bool found = false;

	port_foreach(look_for_waiting, &found);
	waiter->quiet = found || !workers_are_quiet() ? 0 : waiter->quiet + 1;
	if (waiter->quiet < WAIT_QUIET_LOOKS && !waiter->call->cancelled)
		return;
	command_finish(waiter->call, json_string(""), NULL);
	uv_close((uv_handle_t *)timer, free_waiter);
}

static json_t *cmd_wait(struct command_call *call, struct errbuf *err)
{
	struct waiter *waiter = XNEW(struct waiter);

	waiter->call = call;
	uv_timer_init(uv_default_loop(), &waiter->timer);
	uv_timer_start(&waiter->timer, look_again, WAIT_MS, WAIT_MS);
	command_defer(call);
	return NULL;
}
MGMT_COMMAND(
	dummy_wait,
	"dummy/wait",
	"",
	0,
	0,
	cmd_wait,
	"Answers when every packet given to dummy ports has been dealt with."
);

static void set_link(struct port *port, void *up)
{
	if (dummy_is(port))
		dummy_set_link(port, *(bool *)up);
}

static json_t *cmd_set_admin_state(struct command_call *call, struct errbuf *err)
{
	const char *state = call->argv[call->argc - 1];
	bool up = !strcmp(state, "up");

	if (!up && strcmp(state, "down")) {
		errbuf_set(err, -EINVAL, "the state is up or down, not '%s'", state);
		return NULL;
	}
	if (call->argc == 1) {
		port_foreach(set_link, &up);
		return json_string("OK");
	}
	struct port *port = find_dummy(call->argv[0], err);

	if (!port)
		return NULL;
	dummy_set_link(port, up);
	return json_string("OK");
}
MGMT_COMMAND(
	dummy_set_admin_state,
	"netdev-dummy/set-admin-state",
	"[PORT] up|down",
	1,
	2,
	cmd_set_admin_state,
	"Sets the link of one or all dummy ports."
);
