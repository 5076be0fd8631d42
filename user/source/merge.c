// SPDX-License-Identifier: GPL-2.0-only
/*
 * merge.c - a tree of losers over the streams that have events: each of its nodes holds who came
 * second there, so the next oldest is found on one way up, a comparison a level and no branch.
 */
#include "source/merge.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define N_FIRST	     64 /* events of a queue when its first one comes */
#define N_ROOMS_KEPT 4	/* times n_max: room of all queues that a reset leaves them */

struct queue {
	struct event *events; /* n_room of them, a power of two */
	size_t n_room;
	size_t head, tail; /* tail is the oldest; both only grow */
	uint64_t last_ns;  /* of the newest ever queued */
};

/*
 * A stream's oldest event in one word, so that a comparison is one: its time since a base, and of
 * equal times the lower stream, by its number among those that have events.
 */
#define STREAM_BITS 16
#define STREAM_MASK ((1u << STREAM_BITS) - 1)
#define TIME_MOST   ((1ull << (64 - STREAM_BITS)) - 1) /* this or later: not now */
#define NOTHING	    UINT64_MAX
#define N_AHEAD	    4 /* events that the cache is told of before their turn */
#define WORD_BITS   64

_Static_assert(MERGE_N_STREAMS_MAX <= STREAM_MASK, "each has a number of its own");

struct merge {
	unsigned n_streams;
	size_t n_max;
	size_t n_rooms; /* events that all queues have room for */
	size_t n;
	uint64_t handed_ns; /* of the last event handed over */
	uint64_t n_late;
	struct queue *queues;	/* [n_streams] */
	uint64_t *filled;	/* a bit for each stream that has events */
	struct queue **players; /* [n_streams]: of these, in order */
	uint64_t *losers;	/* of the tree, from 1 on; room for twice the streams */
};

static unsigned n_words(unsigned n_streams)
{
	return (n_streams + WORD_BITS - 1) / WORD_BITS;
}

struct merge *merge_new(unsigned n_streams, size_t n_max)
{
	struct merge *merge;

	if (!n_streams || n_streams > MERGE_N_STREAMS_MAX || !n_max || (n_max & (n_max - 1))) {
		errno = EINVAL;
		return NULL;
	}
	merge = calloc(1, sizeof(*merge));
	if (!merge)
		return NULL;
	merge->n_streams = n_streams;
	merge->n_max = n_max;
	merge->queues = calloc(n_streams, sizeof(*merge->queues));
	merge->filled = calloc(n_words(n_streams), sizeof(*merge->filled));
	merge->players = calloc(n_streams, sizeof(struct queue *));
	merge->losers = calloc(2 * (size_t)n_streams, sizeof(*merge->losers));
	if (!merge->queues || !merge->filled || !merge->players || !merge->losers) {
		merge_free(merge);
		errno = ENOMEM;
		return NULL;
	}
	return merge;
}

void merge_free(struct merge *merge)
{
	if (!merge)
		return;
	for (unsigned i = 0; merge->queues && i < merge->n_streams; i++)
		free(merge->queues[i].events);
	free(merge->queues);
	free(merge->filled);
	free(merge->players);
	free(merge->losers);
	free(merge);
}

void merge_reset(struct merge *merge)
{
	bool is_large = merge->n_rooms > N_ROOMS_KEPT * merge->n_max;

	for (unsigned i = 0; i < merge->n_streams; i++) {
		struct queue *queue = &merge->queues[i];

		if (is_large) {
			free(queue->events);
			*queue = (struct queue){ 0 };
		}
		queue->head = queue->tail = 0;
		queue->last_ns = 0;
	}
	if (is_large)
		merge->n_rooms = 0;
	memset(merge->filled, 0, n_words(merge->n_streams) * sizeof(*merge->filled));
	merge->n = 0;
	merge->handed_ns = merge->n_late = 0;
}

/* Twice the room; what is queued keeps its numbers, so it moves to where they point now. */
static int grow(struct merge *merge, struct queue *queue)
{
	size_t n_room = queue->n_room ? queue->n_room * 2 : N_FIRST;
	struct event *events;

	if (n_room > merge->n_max)
		n_room = merge->n_max;
	if (n_room == queue->n_room)
		return -ENOBUFS;
	events = malloc(n_room * sizeof(*events));
	if (!events)
		return -ENOMEM;
	for (size_t i = queue->tail; i != queue->head; i++)
		events[i & (n_room - 1)] = queue->events[i & (queue->n_room - 1)];
	free(queue->events);
	merge->n_rooms += n_room - queue->n_room;
	queue->events = events;
	queue->n_room = n_room;
	return 0;
}

int merge_push(struct merge *merge, unsigned stream, const struct event *event)
{
	struct queue *queue;
	struct event *slot;
	uint64_t floor_ns;

	if (stream >= merge->n_streams)
		return -EINVAL;
	queue = &merge->queues[stream];
	if (queue->head - queue->tail == queue->n_room) {
		int err = grow(merge, queue);

		if (err)
			return err;
	}
	floor_ns = queue->last_ns > merge->handed_ns ? queue->last_ns : merge->handed_ns;
	slot = &queue->events[queue->head & (queue->n_room - 1)];
	*slot = *event;
	if (slot->time_ns < floor_ns) {
		slot->time_ns = floor_ns + (floor_ns < UINT64_MAX);
		merge->n_late++;
	}
	queue->last_ns = slot->time_ns;
	queue->head++;
	merge->filled[stream / WORD_BITS] |= 1ull << stream % WORD_BITS;
	merge->n++;
	return 0;
}

/* Who has events. Returns how many. */
static unsigned gather(struct merge *merge)
{
	unsigned n = 0;

	for (unsigned i = 0; i < n_words(merge->n_streams); i++)
		for (uint64_t word = merge->filled[i]; word; word &= word - 1)
			merge->players[n++] =
				&merge->queues[i * WORD_BITS + (unsigned)__builtin_ctzll(word)];
	return n;
}

static uint64_t oldest_ns(const struct queue *queue)
{
	return queue->events[queue->tail & (queue->n_room - 1)].time_ns;
}

static uint64_t key_of(const struct queue *queue, unsigned player, uint64_t base_ns)
{
	uint64_t since_ns;

	if (queue->tail == queue->head)
		return NOTHING;
	since_ns = oldest_ns(queue) - base_ns;
	return (since_ns < TIME_MOST ? since_ns : TIME_MOST) << STREAM_BITS | player;
}

/* From a player's leaf to the root: at each node the greater key stays, the lesser one goes on. */
static uint64_t play(uint64_t *losers, unsigned leaf, uint64_t key)
{
	for (unsigned node = leaf / 2; node; node /= 2) {
		uint64_t other = losers[node], less = key < other ? key : other;

		losers[node] = key < other ? other : key;
		key = less;
	}
	return key;
}

static uint64_t least_loser(const uint64_t *losers, unsigned leaf)
{
	uint64_t least = NOTHING;

	for (unsigned node = leaf / 2; node; node /= 2)
		least = losers[node] < least ? losers[node] : least;
	return least;
}

/* All that is older than base_ns + TIME_MOST, up to and with last_ns. */
static size_t drain_from(struct merge *merge, uint64_t base_ns, uint64_t last_ns, source_fn fn,
			 void *ctx)
{
	unsigned n_players = gather(merge), n_leaves = 1;
	uint64_t last = last_ns - base_ns < TIME_MOST ? last_ns - base_ns : TIME_MOST - 1, key = 0;
	size_t n = 0;

	while (n_leaves < n_players)
		n_leaves *= 2;
	/* Before there are two to play for a node it holds the least of all, who wins: no-one. */
	memset(merge->losers, 0, n_leaves * sizeof(*merge->losers));
	for (unsigned i = n_leaves; i--;)
		key = play(merge->losers, n_leaves + i,
			   i < n_players ? key_of(merge->players[i], i, base_ns) : NOTHING);
	for (last = last << STREAM_BITS | STREAM_MASK; key <= last;) {
		unsigned player = key & STREAM_MASK;
		struct queue *queue = merge->players[player];
		uint64_t rival = least_loser(merge->losers, n_leaves + player);

		do {
			__builtin_prefetch(
				&queue->events[(queue->tail + N_AHEAD) & (queue->n_room - 1)]);
			fn(&queue->events[queue->tail++ & (queue->n_room - 1)], ctx);
			merge->handed_ns = base_ns + (key >> STREAM_BITS);
			key = key_of(queue, player, base_ns);
			n++;
		} while (key < rival && key <= last);
		key = play(merge->losers, n_leaves + player, key);
	}
	return n;
}

static void note_emptied(struct merge *merge)
{
	for (unsigned i = 0; i < n_words(merge->n_streams); i++)
		for (uint64_t word = merge->filled[i]; word; word &= word - 1) {
			unsigned bit = (unsigned)__builtin_ctzll(word);
			const struct queue *queue = &merge->queues[i * WORD_BITS + bit];

			if (queue->tail == queue->head)
				merge->filled[i] &= ~(1ull << bit);
		}
}

/* Of all streams; UINT64_MAX when nothing is queued. */
static uint64_t first_ns(struct merge *merge)
{
	unsigned n = gather(merge);
	uint64_t first = UINT64_MAX;

	for (unsigned i = 0; i < n; i++)
		if (oldest_ns(merge->players[i]) < first)
			first = oldest_ns(merge->players[i]);
	return first;
}

static size_t drain(struct merge *merge, uint64_t last_ns, source_fn fn, void *ctx)
{
	size_t n = 0;

	while (merge->n) {
		uint64_t base_ns = first_ns(merge);
		size_t n_handed;

		if (base_ns > last_ns)
			break;
		n_handed = drain_from(merge, base_ns, last_ns, fn, ctx);
		merge->n -= n_handed;
		n += n_handed;
		note_emptied(merge);
	}
	return n;
}

size_t merge_drain(struct merge *merge, uint64_t up_to_ns, source_fn fn, void *ctx)
{
	return up_to_ns ? drain(merge, up_to_ns - 1, fn, ctx) : 0;
}

size_t merge_flush(struct merge *merge, source_fn fn, void *ctx)
{
	return drain(merge, UINT64_MAX, fn, ctx);
}

size_t merge_n(const struct merge *merge)
{
	return merge->n;
}

uint64_t merge_n_late(const struct merge *merge)
{
	return merge->n_late;
}
