/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vf/vf_wanted.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <uv.h>

#include "lib/clock.h"
#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/netlink/netlink.h"
#include "lib/netlink/sriov.h"
#include "lib/ovsdb/db_row.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "vswitchd/rows.h"
#include "vswitchd/vf/vf_given.h"
#include "vswitchd/vf/vf_kernel.h"

LOG_TOPIC(vf);

enum {
	KEY_SIZE = 8,
	REFUSAL_HOLDS_MS = 30000,
	RETRY_MS = 5000,
};

/* What takes its time: one at a time. */
struct job {
	uv_work_t work;
	char nic[SRIOV_NAME_SIZE];
	char address[SRIOV_NAME_SIZE]; /* "": functions are to be made */
	char driver[SRIOV_NAME_SIZE];
	int n;
	struct errbuf err;
};

static struct {
	struct uv_loop_s *loop;
	void (*done)(void);
	struct job *running;
	json_t *refused; /* {"NIC 4" or "ADDRESS DRIVER": [sentence, when]} */
	json_t *errors; /* {interface: sentence} of the last pass */
	int64_t passed_ms; /* when that was */
} state;

void vf_wanted_start(struct uv_loop_s *loop, void (*done)(void))
{
	state.loop = loop;
	state.done = done;
	state.refused = json_object();
	state.errors = json_object();
}

bool vf_wanted_stop(void)
{
	state.done = NULL;
	json_decref(state.refused);
	json_decref(state.errors);
	state.refused = state.errors = NULL;
	vf_given_fini();
	return !state.running;
}

/* Jobs. */

static char *name_of(const struct job *job)
{
	if (*job->address)
		return xasprintf("%s %s", job->address, job->driver);
	return xasprintf("%s %d", job->nic, job->n);
}

/* Any thread. */
static void on_work(uv_work_t *work)
{
	struct job *job = container_of(work, struct job, work);

	if (*job->address)
		sriov_bind("", job->address, job->driver, &job->err);
	else
		sriov_create("", job->nic, job->n, &job->err);
}

static void on_done(uv_work_t *work, int status)
{
	struct job *job = container_of(work, struct job, work);
	char *name = name_of(job);

	state.running = NULL;
	if (job->err.error) {
		log_warn("%s", job->err.text);
		if (state.refused)
			json_object_set_new(
				state.refused,
				name,
				json_pack("[s, I]", job->err.text, (json_int_t)clock_ms())
			);
	} else {
		log_info("%s: done", name);
	}
	free(name);
	free(job);
	if (state.done)
		state.done();
}

/* What was refused lately, or NULL: it is not tried again with every pass. */
static const char *find_refusal(const struct job *job)
{
	char *name = name_of(job);
	const json_t *refusal = json_object_get(state.refused, name);

	free(name);
	if (!refusal ||
	    clock_ms() - json_integer_value(json_array_get(refusal, 1)) > REFUSAL_HOLDS_MS)
		return NULL;
	return json_string_value(json_array_get(refusal, 0));
}

/* Begins unless something is under way: then the pass that follows it does. A refusal's sentence is
 * in 'out'. */
static void begin(const struct job *wanted, struct strbuf *out)
{
	const char *refusal = find_refusal(wanted);

	if (refusal) {
		strbuf_addf(out, "%s%s", out->length ? "; " : "", refusal);
		return;
	}
	if (state.running)
		return;
	state.running = XNEW(struct job);
	*state.running = *wanted;
	errbuf_init(&state.running->err);
	uv_queue_work(state.loop, &state.running->work, on_work, on_done);
}

/* Rows. */

static const char *get(const struct db_row *row, const char *key)
{
	return db_row_map_get(row, INTERFACE_OTHER_CONFIG, key);
}

static void apply_function(
	const char *nic,
	unsigned index,
	const char *text,
	const struct vf_functions *functions,
	struct strbuf *out
)
{
	struct vf wanted = {.index = index};
	struct job job = {.n = 0};
	char driver[SRIOV_NAME_SIZE];
	struct errbuf err;

	errbuf_init(&err);
	if (vf_parse(text, &wanted, &err)) {
		vf_given_hold(nic, index);
		strbuf_addf(
			out, "%s%s: function %u: %s", out->length ? "; " : "", nic, index, err.text
		);
		return;
	}
	if (!functions->known[index]) {
		strbuf_addf(
			out,
			"%s%s has no virtual function %u: raise sriov-vfs",
			out->length ? "; " : "",
			nic,
			index
		);
		return;
	}
	unsigned refused = vf_kernel_set(nic, &wanted, &functions->now[index], out);

	vf_given_want(nic, index, wanted.has, refused);
	sriov_find("", nic, index, job.address);
	sriov_get_driver("", job.address, driver);
	if (!*wanted.driver || !*job.address || !strcmp(driver, wanted.driver))
		return;
	snprintf(job.driver, sizeof(job.driver), "%s", wanted.driver);
	begin(&job, out);
}

/* The row of a port that is a function: its PCI address is in its options. */
static void apply_own(const struct db_row *row, const char *text, struct strbuf *out)
{
	const char *device = db_row_map_get(row, INTERFACE_OPTIONS, "dpdk-devargs");
	char address[SRIOV_NAME_SIZE], nic[SRIOV_NAME_SIZE];
	struct vf_functions *functions;
	unsigned index;

	snprintf(
		address,
		sizeof(address),
		"%.*s",
		(int)strcspn(device ? device : "", ","),
		device ? device : ""
	);
	if (sriov_find_owner("", address, nic, &index)) {
		strbuf_addf(
			out,
			"other_config:vf is for a port that is a virtual function of a NIC the "
			"kernel drives, and '%s' is none",
			address
		);
		return;
	}
	functions = XNEW(struct vf_functions);
	vf_kernel_ask(nic, functions);
	apply_function(nic, index, text, functions, out);
	free(functions);
}

/* How many functions are wanted; -1: nothing is, or something that makes no sense, which the row is told by
 * who checks its keys. No typing error shall take functions from guests. */
static int count_wanted(const struct db_row *row)
{
	const char *wish = get(row, "sriov-vfs");
	char *end = NULL;
	/* As lib/option.c reads numbers: 016 is sixteen. */
	int base = wish && !strncasecmp(wish, "0x", 2) ? 16 : 10;
	long n = wish ? strtol(wish, &end, base) : -1;

	return wish && *wish && !*end && n >= 0 && n <= VF_FUNCTIONS_MAX ? (int)n : -1;
}

static void apply_nic(const struct db_row *row, const char *nic, struct strbuf *out)
{
	struct vf_functions *functions = NULL;
	struct job job = {.n = count_wanted(row)};
	int max;

	snprintf(job.nic, sizeof(job.nic), "%.63s", nic);
	if (job.n >= 0 && sriov_count("", nic, &max) != job.n) {
		begin(&job, out);
		/* The rest when they are there. */
		vf_given_hold_all(nic);
		return;
	}
	for (unsigned i = 0; i < VF_FUNCTIONS_MAX; i++) {
		char key[KEY_SIZE];

		snprintf(key, sizeof(key), "vf-%u", i);
		const char *text = get(row, key);

		if (!text)
			continue;
		if (!functions) {
			functions = XNEW(struct vf_functions);
			vf_kernel_ask(nic, functions);
		}
		apply_function(nic, i, text, functions, out);
	}
	free(functions);
}

static bool concerns(const struct db_row *row)
{
	for (size_t i = 0; i < db_row_count(row, INTERFACE_OTHER_CONFIG); i++) {
		const char *key = db_row_string_at(row, INTERFACE_OTHER_CONFIG, i);

		if (!strcmp(key, "vf") || !strncmp(key, "vf-", 3) || !strcmp(key, "sriov-vfs"))
			return true;
	}
	return false;
}

void vf_wanted_begin(void)
{
	json_object_clear(state.errors);
	state.passed_ms = clock_ms();
	vf_given_begin();
}

static void add_error(const char *nic, const char *sentences)
{
	const char *before = json_string_value(json_object_get(state.errors, nic));

	json_object_set_new(
		state.errors,
		nic,
		json_sprintf("%s%s%s", before ? before : "", before ? "; " : "", sentences)
	);
}

void vf_wanted_end(void)
{
	vf_given_end(add_error);
}

bool vf_wanted_retry_due(void)
{
	return json_object_size(state.errors) && clock_ms() - state.passed_ms >= RETRY_MS;
}

void vf_wanted_apply(const struct db_row *row)
{
	const char *name = db_row_string(row, INTERFACE_NAME, "");
	struct strbuf out = STRBUF_INIT;
	const char *own = get(row, "vf");

	if (concerns(row)) {
		apply_nic(row, name, &out);
		if (own)
			apply_own(row, own, &out);
	}
	if (out.length)
		add_error(name, strbuf_text(&out));
	strbuf_fini(&out);
}

char *vf_wanted_error(const struct db_row *row)
{
	const char *text = json_string_value(
		json_object_get(state.errors, db_row_string(row, INTERFACE_NAME, ""))
	);

	return text ? xstrdup(text) : NULL;
}

struct telling {
	json_t *status;
	const char *nic;
};

static void tell(void *telling_, const struct vf *vf)
{
	const struct telling *telling = telling_;
	struct strbuf text = STRBUF_INIT;
	struct vf with_driver = *vf;
	char address[SRIOV_NAME_SIZE], driver[SRIOV_NAME_SIZE], key[32];

	sriov_find("", telling->nic, vf->index, address);
	sriov_get_driver("", address, driver);
	snprintf(with_driver.driver, sizeof(with_driver.driver), "%.31s", driver);
	strbuf_addf(&text, "%s ", address);
	vf_format(&with_driver, &text);
	snprintf(key, sizeof(key), "vf-%u", vf->index);
	json_object_set_new(telling->status, key, json_string(strbuf_text(&text)));
	strbuf_fini(&text);
}

static bool tell_answer(void *telling, const struct nlmsghdr *message)
{
	vf_decode(message, tell, telling);
	return false;
}

void vf_wanted_add_status(const struct db_row *row, json_t *status)
{
	const char *nic = db_row_string(row, INTERFACE_NAME, "");
	struct telling telling = {.status = status, .nic = nic};
	struct netlink_request request;
	int max, n;

	if (!concerns(row))
		return;
	n = sriov_count("", nic, &max);
	if (n < 0)
		return;
	json_object_set_new(status, "sriov_vfs", json_sprintf("%d of %d", n, max));
	vf_encode_question(&request, (int)if_nametoindex(nic));
	netlink_ask_now(&request, tell_answer, &telling);
}
