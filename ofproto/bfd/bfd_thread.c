/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/bfd/bfd_thread.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <uv.h>

#include "datapath/punt.h"
#include "lib/clock.h"
#include "lib/epoch.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"
#include "ofproto/protocol.h"

enum {
	ASK_MS = 200, /* how old the way of a session's packets gets */
	WAIT_MS = 50, /* tests push the clock on, so it is looked at this often */
	STOP_TRIES = 1000, /* milliseconds for the workers to be done with our packets */
};

/* A program that packets on their way may still need. */
struct retired {
	struct retired *next;
	struct program *program;
	uint32_t injected;
};

/* What main wants of the thread. */
struct wish {
	struct letter letter;
	struct bfd_link *link;
	struct bfd_settings settings;
	int forced;
};

static struct {
	/* Main. */
	bool running;
	uv_thread_t thread;
	void (*changed)(void);
	/* Both. */
	struct mailbox to_thread, to_main;
	_Atomic bool stop;
	int event_fd;
	struct punt_line *line;
	/* The thread. */
	struct hmap links;
	unsigned n_asked; /* courses with the keeper */
	struct retired *retired; /* the newest first */
	unsigned random;
} bfd;

static void wake(void)
{
	uint64_t one = 1;

	(void)!write(bfd.event_fd, &one, sizeof(one));
}

/* The thread. */

static uint32_t hash_of(uint32_t bridge, uint32_t number)
{
	return hash_u64((uint64_t)bridge << 32 | number, 0);
}

static struct bfd_link *find(uint32_t bridge, uint32_t number)
{
	struct bfd_link *link;

	HMAP_FOREACH_WITH_HASH(link, node, hash_of(bridge, number), &bfd.links)
		if (link->bridge == bridge && link->number == number && !link->leaves)
			return link;
	return NULL;
}

/* In what is told of a session. */
static bool are_alike(const struct bfd_session *a, const struct bfd_session *b)
{
	return a->state == b->state && a->diagnostic == b->diagnostic &&
		a->far_state == b->far_state && a->far_diagnostic == b->far_diagnostic &&
		a->far_id == b->far_id && a->far_mult == b->far_mult &&
		a->far_min_tx == b->far_min_tx && a->far_min_rx == b->far_min_rx &&
		a->said_min_tx == b->said_min_tx && a->said_min_rx == b->said_min_rx &&
		a->tx_in_force == b->tx_in_force && a->rx_in_force == b->rx_in_force &&
		a->poll == b->poll && a->forwarding == b->forwarding && a->forced == b->forced &&
		a->flaps == b->flaps && a->config.mult == b->config.mult &&
		a->config.cpath_down == b->config.cpath_down;
}

static void report(struct bfd_link *link)
{
	struct bfd_session *old = link->report, *new;

	if (old && are_alike(old, &link->session))
		return;
	new = XNEW(struct bfd_session);
	*new = link->session;
	epoch_store(&link->report, new);
	epoch_free(old, free);
	bfd.changed();
}

static void count(uint64_t *counter)
{
	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

static void receive(const uint8_t *bytes, const uint8_t *frame, uint32_t n, uint32_t total)
{
	struct protocol_note note;
	struct bfd_packet packet;
	const char *wrong;
	struct bfd_link *link;

	memcpy(&note, bytes, sizeof(note));
	link = find(note.bridge, note.port);
	if (!link)
		return;
	wrong = bfd_decode(frame, n, &packet);
	if (!wrong && packet.your_id && packet.your_id != link->session.id)
		wrong = "it is of another session";
	if (wrong) {
		count(&link->refused);
		__atomic_store_n(&link->last_refusal, wrong, __ATOMIC_RELAXED);
		return;
	}
	count(&link->received);
	bfd_session_receive(&link->session, &packet, clock_ms());
	report(link);
}

static struct punt_target target = {.name = "bfd", .receive = receive};

/* Programs. */

static void retire(struct program *program)
{
	struct retired *retired;

	if (!program)
		return;
	retired = XNEW(struct retired);
	retired->program = program;
	retired->injected = punt_injected();
	retired->next = bfd.retired;
	bfd.retired = retired;
}

static void release_retired(void)
{
	struct retired **at = &bfd.retired, *retired;

	while ((retired = *at)) {
		if (punt_has_passed(retired->injected)) {
			*at = retired->next;
			course_release(retired->program);
			free(retired);
		} else {
			at = &retired->next;
		}
	}
}

static void free_link(struct letter *letter)
{
	bfd_link_free(container_of(letter, struct bfd_link, letter));
}

static void let_go(struct bfd_link *link)
{
	hmap_del(&bfd.links, &link->node);
	retire(link->program);
	link->letter.open = free_link;
	mailbox_post(&bfd.to_main, &link->letter);
}

/* The keeper has found a course. */
static void open_course(struct letter *letter)
{
	struct packet_course *course = container_of(letter, struct packet_course, letter);
	struct bfd_link *link = container_of(course, struct bfd_link, course);

	bfd.n_asked--;
	link->course_is_asked = false;
	if (course->program != link->program) {
		retire(link->program);
		link->program = course->program;
	}
	if (link->leaves)
		let_go(link);
}

static void
encode(const struct bfd_link *link, const struct bfd_packet *packet, uint8_t frame[BFD_FRAME_SIZE])
{
	const struct bfd_settings *settings = &link->settings;
	const struct bfd_ends ends = {
		.from = settings->from,
		.to = settings->to,
		.from_ip = settings->from_ip,
		.to_ip = settings->to_ip,
		.from_port = link->from_port,
	};

	bfd_encode(packet, &ends, frame);
}

/* On the keeper. */
static void found_course(struct packet_course *course)
{
	course->letter.open = open_course;
	mailbox_post(&bfd.to_thread, &course->letter);
	wake();
}

static void ask_course(struct bfd_link *link, int64_t now)
{
	static const struct bfd_packet any = {.state = BFD_DOWN, .mult = 1};

	if (link->course_is_asked || now < link->ask_ms || bfd.stop)
		return;
	encode(link, &any, link->sample);
	link->course.bridge = link->bridge;
	link->course.program = link->program;
	link->course.bytes = link->sample;
	link->course.n = sizeof(link->sample);
	link->course.done = found_course;
	link->course_is_asked = true;
	link->ask_ms = now + ASK_MS;
	bfd.n_asked++;
	course_ask(&link->course);
}

/* Sending. */

static void send_packet(struct bfd_link *link, int64_t now)
{
	uint8_t frame[BFD_FRAME_SIZE];
	struct bfd_packet packet;

	bfd.random = bfd.random * 1103515245U + 12345U;
	bfd_session_make(&link->session, &packet, bfd.random >> 16, now);
	encode(link, &packet, frame);
	if (punt_inject(frame, sizeof(frame), 0, link->program))
		count(&link->sent);
}

/* Returns when the link wants to be looked at again. */
static int64_t serve(struct bfd_link *link, int64_t now)
{
	uint64_t seen = __atomic_load_n(&link->rx_packets, __ATOMIC_RELAXED);
	int64_t next;

	if (link->leaves)
		return INT64_MAX;
	ask_course(link, now);
	bfd_session_see_traffic(&link->session, seen, now);
	bfd_session_tick(&link->session, now);
	if (link->program && bfd_session_must_send(&link->session, now))
		send_packet(link, now);
	report(link);
	if (!link->program)
		return INT64_MAX; /* the keeper's answer wakes us */
	next = bfd_session_next(&link->session);
	return next < link->ask_ms ? next : link->ask_ms;
}

/* Returns in how many milliseconds there is something to do, or -1 for never. */
static int serve_all(void)
{
	int64_t now = clock_ms(), next = now + WAIT_MS;
	struct bfd_link *link;

	HMAP_FOREACH(link, node, &bfd.links) {
		int64_t wish = serve(link, now);

		if (wish < next)
			next = wish;
	}
	if (!hmap_count(&bfd.links) && !bfd.retired)
		return -1;
	return next > now ? (int)(next - now) : 0;
}

/* Letters from the main thread. */

static void open_add(struct letter *letter)
{
	struct wish *wish = container_of(letter, struct wish, letter);
	struct bfd_link *link = wish->link;

	hmap_add(&bfd.links, &link->node, hash_of(link->bridge, link->number));
	bfd_session_init(&link->session, &link->settings.config, link->id, clock_ms());
	report(link);
	free(wish);
}

static void open_set(struct letter *letter)
{
	struct wish *wish = container_of(letter, struct wish, letter);
	struct bfd_link *link = wish->link;

	link->settings = wish->settings;
	link->ask_ms = 0;
	bfd_session_configure(&link->session, &link->settings.config, clock_ms());
	report(link);
	free(wish);
}

static void open_force(struct letter *letter)
{
	struct wish *wish = container_of(letter, struct wish, letter);

	bfd_session_force(&wish->link->session, wish->forced, clock_ms());
	report(wish->link);
	free(wish);
}

static void open_remove(struct letter *letter)
{
	struct wish *wish = container_of(letter, struct wish, letter);
	struct bfd_link *link = wish->link;

	bfd_session_end(&link->session);
	if (link->program)
		send_packet(link, clock_ms());
	link->leaves = true;
	if (!link->course_is_asked)
		let_go(link);
	free(wish);
}

static void rest(int ms)
{
	struct pollfd bell = {.fd = bfd.event_fd, .events = POLLIN};
	uint64_t rings;

	epoch_offline();
	poll(&bell, 1, ms);
	epoch_online();
	(void)!read(bfd.event_fd, &rings, sizeof(rings));
}

/* Packets of ours have left, and the keeper has nothing of ours. */
static void finish(void)
{
	for (unsigned i = 0; i < STOP_TRIES && (bfd.retired || bfd.n_asked); i++) {
		mailbox_open_all(&bfd.to_thread);
		release_retired();
		rest(1);
	}
}

static void run(void *unused)
{
	epoch_register();
	while (!bfd.stop) {
		unsigned done = mailbox_open_all(&bfd.to_thread);

		done += punt_line_deliver(bfd.line);
		int ms = serve_all();

		release_retired();
		epoch_quiesce();
		if (!done && ms)
			rest(ms);
	}
	mailbox_open_all(&bfd.to_thread);
	finish();
	epoch_unregister();
}

/* Main thread. */

int bfd_thread_prepare(void)
{
	if (bfd.line)
		return 0;
	bfd.event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (bfd.event_fd < 0)
		return -errno;
	bfd.line = punt_line_new("bfd", wake);
	target.line = bfd.line;
	return 0;
}

int bfd_thread_start(void (*changed)(void))
{
	int error;

	bfd.changed = changed;
	bfd.stop = false;
	bfd.random = (unsigned)uv_hrtime();
	mailbox_init(&bfd.to_thread);
	mailbox_init(&bfd.to_main);
	hmap_init(&bfd.links);
	error = uv_thread_create(&bfd.thread, run, NULL);
	bfd.running = !error;
	return error;
}

void bfd_thread_stop(void)
{
	if (!bfd.running)
		return;
	bfd.stop = true;
	wake();
	epoch_offline();
	uv_thread_join(&bfd.thread);
	epoch_online();
	bfd.running = false;
	bfd_thread_poll();
	hmap_fini(&bfd.links);
}

void bfd_thread_poll(void)
{
	mailbox_open_all(&bfd.to_main);
}

const struct punt_target *bfd_thread_target(void)
{
	return &target;
}

static struct wish *wish_new(struct bfd_link *link, void (*open)(struct letter *letter))
{
	struct wish *wish = XNEW(struct wish);

	wish->letter.open = open;
	wish->link = link;
	return wish;
}

static void post(struct wish *take_wish)
{
	mailbox_post(&bfd.to_thread, &take_wish->letter);
	wake();
}

void bfd_thread_add(struct bfd_link *take_link)
{
	post(wish_new(take_link, open_add));
}

void bfd_thread_set(struct bfd_link *link, const struct bfd_settings *settings)
{
	struct wish *wish = wish_new(link, open_set);

	wish->settings = *settings;
	post(wish);
}

void bfd_thread_force(struct bfd_link *link, int forced)
{
	struct wish *wish = wish_new(link, open_force);

	wish->forced = forced;
	post(wish);
}

void bfd_thread_remove(struct bfd_link *take_link)
{
	post(wish_new(take_link, open_remove));
}
