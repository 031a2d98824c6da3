/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/groups/group_set.h"

#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"
#include "ofproto/groups/groups.h"

enum {
	PIECE_SIZE =
		256, /* so that copies of a piece and of the list of pieces cost about the same */
};

struct piece {
	unsigned users; /* sets; main adds, main and the reclaim thread take away */
	unsigned n;
	const struct group *list[PIECE_SIZE]; /* in order of their ids */
};

struct group_set {
	uint32_t n;
	unsigned n_pieces, size;
	struct piece **pieces; /* in order, none of them empty */
};

static void piece_unref(struct piece *piece)
{
	/* Pairs with itself and with own(): who frees or changes it does so after all others. */
	if (!__atomic_sub_fetch(&piece->users, 1, __ATOMIC_ACQ_REL))
		free(piece);
}

/* The piece in which the id is, or would be. */
static unsigned find_piece(const struct group_set *set, uint32_t id)
{
	unsigned low = 0, high = set->n_pieces;

	while (high - low > 1) {
		unsigned middle = (low + high) / 2;

		if (set->pieces[middle]->list[0]->id <= id)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The place of the id in the piece, or where it would be. */
static unsigned find_place(const struct piece *piece, uint32_t id)
{
	unsigned low = 0, high = piece->n;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (piece->list[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct piece *piece, unsigned place, uint32_t id)
{
	return place < piece->n && piece->list[place]->id == id;
}

const struct group *group_set_find(const struct group_set *set, uint32_t id)
{
	if (!set->n_pieces)
		return NULL;
	const struct piece *piece = set->pieces[find_piece(set, id)];
	unsigned place = find_place(piece, id);

	return is_at(piece, place, id) ? piece->list[place] : NULL;
}

const struct group *group_set_find_from(const struct group_set *set, uint32_t id)
{
	if (!set->n_pieces)
		return NULL;
	unsigned i = find_piece(set, id);
	unsigned place = find_place(set->pieces[i], id);

	if (place < set->pieces[i]->n)
		return set->pieces[i]->list[place];
	return i + 1 < set->n_pieces ? set->pieces[i + 1]->list[0] : NULL;
}

uint32_t group_set_count(const struct group_set *set)
{
	return set->n;
}

struct group_set *group_set_new(void)
{
	return XNEW(struct group_set);
}

struct group_set *group_set_copy(const struct group_set *set)
{
	struct group_set *copy = XNEW(struct group_set);

	*copy = *set;
	copy->size = set->n_pieces + 1;
	copy->pieces = XNEW_N(struct piece *, copy->size);
	for (unsigned i = 0; i < set->n_pieces; i++) {
		copy->pieces[i] = set->pieces[i];
		__atomic_add_fetch(&copy->pieces[i]->users, 1, __ATOMIC_RELAXED);
	}
	return copy;
}

void group_set_clear(struct group_set *set)
{
	for (unsigned i = 0; i < set->n_pieces; i++)
		piece_unref(set->pieces[i]);
	set->n = set->n_pieces = 0;
}

void group_set_free(void *set_)
{
	struct group_set *set = set_;

	if (!set)
		return;
	group_set_clear(set);
	free(set->pieces);
	free(set);
}

/* The i-th piece, which no other set has. */
static struct piece *own(struct group_set *set, unsigned i)
{
	struct piece *piece = set->pieces[i];

	/* Pairs with piece_unref(). */
	if (__atomic_load_n(&piece->users, __ATOMIC_ACQUIRE) == 1)
		return piece;
	struct piece *copy = XNEW(struct piece);

	copy->users = 1;
	copy->n = piece->n;
	memcpy(copy->list, piece->list, piece->n * sizeof(piece->list[0]));
	set->pieces[i] = copy;
	piece_unref(piece);
	return copy;
}

static struct piece *add_piece(struct group_set *set, unsigned i)
{
	struct piece *piece = XNEW(struct piece);

	if (set->n_pieces == set->size) {
		set->size = set->size * 2 + 1;
		set->pieces = xrealloc(set->pieces, set->size * sizeof(set->pieces[0]));
	}
	memmove(set->pieces + i + 1, set->pieces + i, (set->n_pieces - i) * sizeof(set->pieces[0]));
	set->n_pieces++;
	piece->users = 1;
	set->pieces[i] = piece;
	return piece;
}

static void del_piece(struct group_set *set, unsigned i)
{
	piece_unref(set->pieces[i]);
	set->n_pieces--;
	memmove(set->pieces + i, set->pieces + i + 1, (set->n_pieces - i) * sizeof(set->pieces[0]));
}

/* Moves what stands in 'from' from the n-th on to the end of 'to'. */
static void move(struct piece *from, unsigned n, struct piece *to)
{
	memcpy(to->list + to->n, from->list + n, (from->n - n) * sizeof(from->list[0]));
	to->n += from->n - n;
	from->n = n;
}

const struct group *group_set_put(struct group_set *set, const struct group *group)
{
	unsigned i = find_piece(set, group->id);
	struct piece *piece = set->n_pieces ? own(set, i) : add_piece(set, 0);
	unsigned place = find_place(piece, group->id);

	if (is_at(piece, place, group->id)) {
		const struct group *old = piece->list[place];

		piece->list[place] = group;
		return old;
	}
	if (piece->n == PIECE_SIZE) {
		struct piece *upper = add_piece(set, i + 1);

		move(piece, PIECE_SIZE / 2, upper);
		if (place > piece->n) {
			place -= piece->n;
			piece = upper;
		}
	}
	memmove(piece->list + place + 1,
		piece->list + place,
		(piece->n - place) * sizeof(piece->list[0]));
	piece->list[place] = group;
	piece->n++;
	set->n++;
	return NULL;
}

/* Puts two neighbours together that have become small. */
static void join(struct group_set *set, unsigned i)
{
	if (i + 1 >= set->n_pieces || set->pieces[i]->n + set->pieces[i + 1]->n > PIECE_SIZE / 2)
		return;
	move(own(set, i + 1), 0, own(set, i));
	del_piece(set, i + 1);
}

const struct group *group_set_del(struct group_set *set, uint32_t id)
{
	const struct group *old = group_set_find(set, id);

	if (!old)
		return NULL;
	unsigned i = find_piece(set, id);
	struct piece *piece = own(set, i);
	unsigned place = find_place(piece, id);

	piece->n--;
	set->n--;
	memmove(piece->list + place,
		piece->list + place + 1,
		(piece->n - place) * sizeof(piece->list[0]));
	if (!piece->n) {
		del_piece(set, i);
		return old;
	}
	join(set, i);
	if (i)
		join(set, i - 1);
	return old;
}
