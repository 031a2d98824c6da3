/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vf/vf_given.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/netlink/sriov.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "vswitchd/vf/vf_kernel.h"

LOG_TOPIC(vf_given);

struct function {
	char nic[SRIOV_NAME_SIZE];
	unsigned index;
	unsigned given, wanted; /* enum vf_field */
	bool told; /* that its driver refuses to take something back */
};

static struct {
	struct function *functions;
	size_t n;
} state;

void vf_given_fini(void)
{
	free(state.functions);
	state.functions = NULL;
	state.n = 0;
}

static struct function *find(const char *nic, unsigned index)
{
	for (size_t i = 0; i < state.n; i++)
		if (state.functions[i].index == index && !strcmp(state.functions[i].nic, nic))
			return &state.functions[i];
	return NULL;
}

void vf_given_begin(void)
{
	for (size_t i = 0; i < state.n; i++)
		state.functions[i].wanted = 0;
}

static struct function *find_or_add(const char *nic, unsigned index)
{
	struct function *function = find(nic, index);

	if (function)
		return function;
	state.functions = xrealloc(state.functions, (state.n + 1) * sizeof(*state.functions));
	function = &state.functions[state.n++];
	*function = (struct function){.index = index};
	snprintf(function->nic, sizeof(function->nic), "%.63s", nic);
	return function;
}

void vf_given_want(const char *nic, unsigned index, unsigned fields, unsigned refused)
{
	struct function *function = find_or_add(nic, index);

	function->wanted |= (fields & ~refused) | (function->given & refused);
}

void vf_given_hold(const char *nic, unsigned index)
{
	struct function *function = find(nic, index);

	if (function)
		function->wanted |= function->given;
}

void vf_given_hold_all(const char *nic)
{
	for (size_t i = 0; i < state.n; i++)
		if (!strcmp(state.functions[i].nic, nic))
			state.functions[i].wanted |= state.functions[i].given;
}

/* Returns what was refused. What a driver does not tell of it could not be given either. */
static unsigned take_back(const struct function *function, struct strbuf *out)
{
	/* As the kernel makes them. */
	struct vf fresh = {.index = function->index, .spoofchk = true, .link = VF_LINK_AUTO};
	struct vf_functions *functions = XNEW(struct vf_functions);
	unsigned refused = 0;

	vf_kernel_ask(function->nic, functions);
	if (functions->known[function->index]) {
		const struct vf *now = &functions->now[function->index];

		fresh.has = function->given & ~function->wanted & now->has;
		refused = vf_kernel_set(function->nic, &fresh, now, out);
	}
	free(functions);
	return refused;
}

static void
end_one(struct function *function, void (*refused)(const char *nic, const char *sentences))
{
	struct strbuf out = STRBUF_INIT;
	unsigned left = function->given & ~function->wanted;

	if (left) {
		left = take_back(function, &out);
		if (!left)
			log_info(
				"%s: function %u is as new where nothing is wanted any more",
				function->nic,
				function->index
			);
		else if (!function->told)
			log_warn("%s", strbuf_text(&out));
	}
	function->told = left;
	if (left)
		refused(function->nic, strbuf_text(&out));
	function->given = function->wanted | left;
	strbuf_fini(&out);
}

void vf_given_end(void (*refused)(const char *nic, const char *sentences))
{
	size_t kept = 0;

	for (size_t i = 0; i < state.n; i++) {
		end_one(&state.functions[i], refused);
		if (state.functions[i].given)
			state.functions[kept++] = state.functions[i];
	}
	state.n = kept;
}
