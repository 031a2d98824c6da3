/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/capture/remains.h"

#include <string.h>

#include "datapath/drop.h"
#include "datapath/fast/parse.h"
#include "datapath/pages.h"
#include "datapath/port.h"
#include "datapath/worker.h"
#include "lib/clock.h"
#include "lib/command.h"
#include "lib/flow/dptext.h"
#include "lib/flow/key.h"
#include "lib/render.h"
#include "lib/strbuf.h"

enum {
	LATELY_MS = 1000, /* a place that was used since is not given to others */
	TRIES = 8, /* to read what is being written */
};

static struct remains *tables[WORKERS_MAX];
static int64_t forgotten_ms[PORT_IDS]; /* main's */

/* Workers. */

static uint32_t name_of(uint16_t port_id, const struct drop_reason *reason)
{
	return 1 + ((uint32_t)reason->id << 16 | port_id);
}

static uint32_t first_of_set(uint32_t name)
{
	return (uint32_t)(name * 0x9e3779b1u >> 25) % REMAINS_SETS * REMAINS_WAYS;
}

/* The place of this port and reason; or one that nobody has used lately, or NULL. */
static struct remains_place *find_place(struct remains *remains, uint32_t name, int64_t now_ms)
{
	uint32_t first = first_of_set(name), oldest = first;

	for (uint32_t i = first; i < first + REMAINS_WAYS; i++) {
		if (remains->names[i] == name)
			return &remains->places[i];
		if (remains->places[i].refill_ms < remains->places[oldest].refill_ms)
			oldest = i;
	}
	struct remains_place *place = &remains->places[oldest];

	if (remains->names[oldest] && now_ms - place->refill_ms < LATELY_MS)
		return NULL;
	__atomic_store_n(&remains->names[oldest], 0, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < REMAINS_EACH; i++)
		__atomic_store_n(&place->kept[i].length, 0, __ATOMIC_RELAXED);
	place->refill_ms = now_ms;
	place->tokens = REMAINS_BURST;
	__atomic_store_n(&remains->names[oldest], name, __ATOMIC_RELEASE);
	return place;
}

static bool may_keep(struct remains_place *place, int64_t now_ms)
{
	int64_t due = (now_ms - place->refill_ms) / REMAINS_MS;

	if (likely(!place->tokens && due <= 0))
		return false;
	if (due > 0) {
		place->tokens = place->tokens + due < REMAINS_BURST ? place->tokens + (uint32_t)due
								    : REMAINS_BURST;
		place->refill_ms = now_ms;
	}
	place->tokens--;
	return true;
}

void remains_keep(
	struct remains *remains,
	uint16_t port_id,
	const struct drop_reason *reason,
	const struct rte_mbuf *pkt,
	int64_t now_ms
)
{
	struct remains_place *place = find_place(remains, name_of(port_id, reason), now_ms);

	if (!place || !may_keep(place, now_ms))
		return;
	struct remain *remain = &place->kept[place->n % REMAINS_EACH];
	uint16_t length = pkt->data_len < REMAINS_BYTES ? pkt->data_len : REMAINS_BYTES;

	/* Pairs with read_remain(): odd before, even after. */
	__atomic_store_n(&remain->number, remain->number + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	remain->total = pkt->pkt_len;
	remain->when_ms = now_ms;
	remain->length = length;
	memcpy(remain->bytes, rte_pktmbuf_mtod(pkt, const void *), length);
	__atomic_store_n(&remain->number, remain->number + 1, __ATOMIC_RELEASE);
	__atomic_store_n(&place->n, place->n + 1, __ATOMIC_RELEASE);
}

/* Main thread. */

struct remains *remains_of_worker(unsigned index)
{
	if (!tables[index])
		tables[index] = pages_map(sizeof(struct remains), false);
	return tables[index];
}

void remains_forget_port(uint16_t port_id)
{
	forgotten_ms[port_id] = clock_ms();
}

/* False if there is none, or it would not stand still. */
static bool read_remain(const struct remain *remain, struct remain *copy)
{
	for (unsigned i = 0; i < TRIES; i++) {
		uint32_t before = __atomic_load_n(&remain->number, __ATOMIC_ACQUIRE);

		memcpy(copy, remain, sizeof(*copy));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (before % 2 == 0 && before == __atomic_load_n(&remain->number, __ATOMIC_RELAXED))
			return copy->length > 0 && copy->length <= REMAINS_BYTES;
	}
	return false;
}

static char *add_hex(const struct remain *remain, char text[2 * REMAINS_BYTES + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned i = 0; i < remain->length; i++) {
		text[2 * i] = digits[remain->bytes[i] >> 4];
		text[2 * i + 1] = digits[remain->bytes[i] & 15];
	}
	text[2 * remain->length] = '\0';
	return text;
}

static json_t *
describe(const struct port *port, const struct drop_reason *reason, const struct remain *remain)
{
	char hex[2 * REMAINS_BYTES + 1];
	struct strbuf words = STRBUF_INIT;
	const char *text = "(no Ethernet header)";
	struct key key;

	if (!parse_frame(remain->bytes, remain->length, remain->total, 0, &key)) {
		dptext_format(&key, NULL, NULL, &words);
		/* The port is said before. */
		text = dptext_headers(strbuf_text(&words));
	}
	json_t *row = json_pack(
		"{s:s, s:s, s:I, s:I, s:s, s:s}",
		"port",
		port ? port->name : "(none)",
		"reason",
		reason->name,
		"ms-ago",
		(json_int_t)(clock_ms() - remain->when_ms),
		"bytes",
		(json_int_t)remain->total,
		"packet",
		text,
		"hex",
		add_hex(remain, hex)
	);

	strbuf_fini(&words);
	return row;
}

/* What the question is about. */
struct wanted {
	const char *port, *reason; /* NULL: any */
	json_t *rows;
};

static void show_place(const struct remains *remains, unsigned i, const struct wanted *wanted)
{
	uint32_t name = __atomic_load_n(&remains->names[i], __ATOMIC_ACQUIRE);
	uint16_t port_id = (name - 1) & UINT16_MAX;
	const struct port *port = name ? port_by_id(port_id) : NULL;
	const struct drop_reason *reason = name ? drop_reason_of((name - 1) >> 16) : NULL;
	struct remain copy;

	if (!reason || (!port && port_id))
		return;
	if ((wanted->port && (!port || strcmp(port->name, wanted->port))) ||
	    (wanted->reason && strcmp(reason->name, wanted->reason)))
		return;
	for (unsigned k = 0; k < REMAINS_EACH; k++)
		if (read_remain(&remains->places[i].kept[k], &copy) &&
		    copy.when_ms >= forgotten_ms[port_id] &&
		    __atomic_load_n(&remains->names[i], __ATOMIC_ACQUIRE) == name)
			json_array_append_new(wanted->rows, describe(port, reason, &copy));
}

static int check_words(const struct wanted *wanted, struct errbuf *err)
{
	if (wanted->port && !port_find(wanted->port))
		return errbuf_set(err, -ENOENT, "there is no port named '%s'", wanted->port);
	return wanted->reason && !drop_reason_find(wanted->reason, err) ? err->error : 0;
}

static json_t *cmd_last(struct command_call *call, struct errbuf *err)
{
	struct wanted wanted = {
		.port = call->argc > 0 && strcmp(call->argv[0], "any") ? call->argv[0] : NULL,
		.reason = call->argc > 1 ? call->argv[1] : NULL,
	};

	if (check_words(&wanted, err))
		return NULL;
	wanted.rows = json_array();
	for (unsigned worker = 0; worker < WORKERS_MAX; worker++)
		for (unsigned i = 0; tables[worker] && i < REMAINS_PLACES; i++)
			show_place(tables[worker], i, &wanted);
	return wanted.rows;
}

static void format_last(const json_t *rows, struct strbuf *out)
{
	if (json_array_size(rows))
		render_json(rows, out);
	else
		strbuf_add(
			out, "No such packet is kept. drops/show counts all that were dropped.\n"
		);
}

MGMT_COMMAND_TEXT(
	drops_last,
	"drops/last",
	"[PORT|any [REASON]]",
	0,
	2,
	cmd_last,
	"The last packets dropped, up to four of each port and reason (and worker), with their first "
	"bytes in words and in hexadecimal, for ofproto/trace.",
	format_last
);
