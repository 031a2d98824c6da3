/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/l2/mirror.h"

#include <stdlib.h>
#include <string.h>

#include "lib/flow/match.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/groups/groups.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/l2/l2.h"

struct mirror {
	struct mirror *next;
	char *id;
	char **src, **dst;
	unsigned n_src, n_dst;
	char *output;
	struct match *filter;
	struct mirror_config config; /* the plain values */
	uint32_t output_id; /* of the lport that was the output last, 0 if there was none */
	bool wanted;
	struct errand errand; /* to be freed after */
	struct group_counts counts; /* the keeper adds to them */
};

static bool same_names(char *const *a, unsigned n_a, const char *const *b, unsigned n_b)
{
	if (n_a != n_b)
		return false;
	for (unsigned i = 0; i < n_a; i++)
		if (strcmp(a[i], b[i]))
			return false;
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same(const struct mirror *mirror, const struct mirror_config *config)
{
	const struct mirror_config *old = &mirror->config;
	const struct match *a = mirror->filter, *b = config->filter;

	return old->all == config->all && old->output_vlan == config->output_vlan &&
		old->snaplen == config->snaplen && same_text(mirror->output, config->output) &&
		!memcmp(old->vlans, config->vlans, sizeof(old->vlans)) &&
		same_names(mirror->src, mirror->n_src, config->src, config->n_src) &&
		same_names(mirror->dst, mirror->n_dst, config->dst, config->n_dst) &&
		(a && b ? match_equal(a, b) : a == b);
}

static char **copy_names(const char *const *names, unsigned n)
{
	char **copy = XNEW_N(char *, n + 1);

	for (unsigned i = 0; i < n; i++)
		copy[i] = xstrdup(names[i]);
	return copy;
}

static void free_names(char **names, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

static void clear(struct mirror *mirror)
{
	free_names(mirror->src, mirror->n_src);
	free_names(mirror->dst, mirror->n_dst);
	free(mirror->output);
	free(mirror->filter);
}

static void set(struct mirror *mirror, const struct mirror_config *config)
{
	clear(mirror);
	mirror->config = *config;
	mirror->src = copy_names(config->src, config->n_src);
	mirror->dst = copy_names(config->dst, config->n_dst);
	mirror->n_src = config->n_src;
	mirror->n_dst = config->n_dst;
	mirror->output = config->output ? xstrdup(config->output) : NULL;
	mirror->filter = NULL;
	if (!config->filter)
		return;
	mirror->filter = xalloc_aligned(alignof(struct match), sizeof(struct match));
	*mirror->filter = *config->filter;
}

static struct mirror *find(const struct mirror *mirrors, const char *id)
{
	const struct mirror *mirror = mirrors;

	while (mirror && strcmp(mirror->id, id))
		mirror = mirror->next;
	return (struct mirror *)mirror;
}

static void free_after(struct errand *errand)
{
	struct mirror *mirror = container_of(errand, struct mirror, errand);

	clear(mirror);
	free(mirror->id);
	free(mirror);
}

static uint32_t find_output(const struct bridge *bridge, const char *output)
{
	const struct lport *lport = output ? bridge_find_lport(bridge, output) : NULL;

	return lport ? lport->id : 0;
}

/* Takes those out that nobody wants; they are freed when no flow counts for them any more. */
static bool sweep(struct mirror **mirrors, struct change *change)
{
	bool changed = false;

	for (struct mirror **at = mirrors; *at;) {
		struct mirror *mirror = *at;

		if (mirror->wanted) {
			at = &mirror->next;
			continue;
		}
		*at = mirror->next;
		change_add(change, DEP_GROUP_COUNTS, 0, 0, (uintptr_t)&mirror->counts);
		mirror->errand.done = free_after;
		bridge_changes_after(&mirror->errand);
		changed = true;
	}
	return changed;
}

bool mirrors_apply(
	struct bridge *bridge,
	struct mirror **mirrors,
	const struct mirror_config *configs,
	unsigned n,
	struct change *change
)
{
	bool changed = false;
	struct lport *lport;

	for (struct mirror *mirror = *mirrors; mirror; mirror = mirror->next)
		mirror->wanted = false;
	for (unsigned i = 0; i < n && i < MIRRORS_MAX; i++) {
		struct mirror *mirror = find(*mirrors, configs[i].id);

		if (!mirror) {
			mirror = XNEW(struct mirror);
			mirror->id = xstrdup(configs[i].id);
			mirror->next = *mirrors;
			*mirrors = mirror;
			set(mirror, &configs[i]);
			changed = true;
		} else if (!same(mirror, &configs[i])) {
			set(mirror, &configs[i]);
			changed = true;
		}
		mirror->wanted = true;
		/* A port that comes back is another, if of the same name. */
		uint32_t output_id = find_output(bridge, mirror->output);

		changed |= output_id != mirror->output_id;
		mirror->output_id = output_id;
	}
	changed |= sweep(mirrors, change);
	/* Whatever passes the bridge may have to be copied now, or no more. */
	HMAP_FOREACH(lport, node, &bridge->lports)
		if (changed)
			change_add(change, DEP_LPORT, lport->id, 0, 0);
	return changed;
}

static uint32_t *
ids_of(const struct bridge *bridge, char *const *names, unsigned n, unsigned *n_ids)
{
	uint32_t *ids = XNEW_N(uint32_t, n + 1);

	*n_ids = 0;
	for (unsigned i = 0; i < n; i++) {
		const struct lport *lport = bridge_find_lport(bridge, names[i]);

		if (lport)
			ids[(*n_ids)++] = lport->id;
	}
	return ids;
}

static void draw(const struct bridge *bridge, const struct mirror *mirror, struct mirror_view *view)
{
	bool any = true;

	for (unsigned i = 0; i < ARRAY_LENGTH(mirror->config.vlans); i++)
		any &= mirror->config.vlans[i] == UINT64_MAX;
	view->all = mirror->config.all;
	view->src = ids_of(bridge, mirror->src, mirror->n_src, &view->n_src);
	view->dst = ids_of(bridge, mirror->dst, mirror->n_dst, &view->n_dst);
	view->vlans = any ? NULL : memcpy(xmalloc(4096 / 8), mirror->config.vlans, 4096 / 8);
	view->output = find_output(bridge, mirror->output);
	view->output_vlan = mirror->config.output_vlan;
	view->snaplen = mirror->config.snaplen;
	view->counts = (uintptr_t)&mirror->counts;
	if (!mirror->filter)
		return;
	view->filter = xalloc_aligned(alignof(struct match), sizeof(struct match));
	*view->filter = *mirror->filter;
}

void mirrors_draw(const struct bridge *bridge, const struct mirror *mirrors, struct l2_view *view)
{
	unsigned n = 0;

	for (const struct mirror *mirror = mirrors; mirror; mirror = mirror->next)
		n++;
	if (!n)
		return;
	view->mirrors = XNEW_N(struct mirror_view, n);
	for (const struct mirror *mirror = mirrors; mirror; mirror = mirror->next)
		draw(bridge, mirror, &view->mirrors[view->n_mirrors++]);
}

void mirrors_view_free(struct l2_view *view)
{
	for (unsigned i = 0; i < view->n_mirrors; i++) {
		free(view->mirrors[i].src);
		free(view->mirrors[i].dst);
		free(view->mirrors[i].vlans);
		free(view->mirrors[i].filter);
	}
	free(view->mirrors);
}

bool mirrors_get_stats(const struct mirror *mirrors, const char *id, struct mirror_stats *stats)
{
	const struct mirror *mirror = find(mirrors, id);

	if (!mirror)
		return false;
	stats->packets = __atomic_load_n(&mirror->counts.packets, __ATOMIC_RELAXED);
	stats->bytes = __atomic_load_n(&mirror->counts.bytes, __ATOMIC_RELAXED);
	return true;
}
