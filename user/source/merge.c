// SPDX-License-Identifier: GPL-2.0-only
/* merge.c - a binary heap over the streams' oldest events; runs of one stream leave it in one go. */
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

/* A stream that has events, by the time of its oldest. */
struct node {
	uint64_t time_ns;
	unsigned stream;
};

struct merge {
	unsigned n_streams;
	unsigned n_nodes;
	size_t n_max;
	size_t n_rooms; /* events that all queues have room for */
	size_t n;
	uint64_t handed_ns; /* of the last event handed over */
	uint64_t n_late;
	struct queue *queues; /* [n_streams] */
	struct node *heap;    /* [n_nodes], the oldest at 0 */
};

struct merge *merge_new(unsigned n_streams, size_t n_max)
{
	struct merge *merge;

	if (!n_streams || !n_max || (n_max & (n_max - 1))) {
		errno = EINVAL;
		return NULL;
	}
	merge = calloc(1, sizeof(*merge));
	if (!merge)
		return NULL;
	merge->n_streams = n_streams;
	merge->n_max = n_max;
	merge->queues = calloc(n_streams, sizeof(*merge->queues));
	merge->heap = calloc(n_streams, sizeof(*merge->heap));
	if (!merge->queues || !merge->heap) {
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
	free(merge->heap);
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
	merge->n_nodes = 0;
	merge->n = 0;
	merge->handed_ns = merge->n_late = 0;
}

static bool before(const struct node *a, const struct node *b)
{
	return a->time_ns < b->time_ns || (a->time_ns == b->time_ns && a->stream < b->stream);
}

static void sift_up(struct merge *merge, unsigned i)
{
	struct node node = merge->heap[i];

	while (i && before(&node, &merge->heap[(i - 1) / 2])) {
		merge->heap[i] = merge->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	merge->heap[i] = node;
}

/* The oldest node became younger: let it sink to where it belongs. */
static void sift_down(struct merge *merge)
{
	struct node node = merge->heap[0];
	unsigned i = 0;

	for (;;) {
		unsigned child = 2 * i + 1;

		if (child >= merge->n_nodes)
			break;
		if (child + 1 < merge->n_nodes &&
		    before(&merge->heap[child + 1], &merge->heap[child]))
			child++;
		if (!before(&merge->heap[child], &node))
			break;
		merge->heap[i] = merge->heap[child];
		i = child;
	}
	merge->heap[i] = node;
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
		slot->time_ns = floor_ns;
		merge->n_late++;
	}
	queue->last_ns = slot->time_ns;
	if (queue->head++ == queue->tail) {
		merge->heap[merge->n_nodes] = (struct node){ slot->time_ns, stream };
		sift_up(merge, merge->n_nodes++);
	}
	merge->n++;
	return 0;
}

/*
 * Hand over the oldest stream's events for as long as it stays the oldest, and put its next event
 * into the heap. Events come in runs, so most cost one comparison and no sifting.
 */
static size_t drain_run(struct merge *merge, uint64_t last_ns, source_fn fn, void *ctx)
{
	struct node *top = &merge->heap[0];
	struct queue *queue = &merge->queues[top->stream];
	struct node rival = { UINT64_MAX, UINT32_MAX };
	size_t n = 0;

	for (unsigned i = 1; i < 3 && i < merge->n_nodes; i++)
		if (before(&merge->heap[i], &rival))
			rival = merge->heap[i];
	do {
		fn(&queue->events[queue->tail & (queue->n_room - 1)], ctx);
		merge->handed_ns = top->time_ns;
		n++;
		if (++queue->tail == queue->head)
			break;
		top->time_ns = queue->events[queue->tail & (queue->n_room - 1)].time_ns;
	} while (top->time_ns <= last_ns && before(top, &rival));
	if (queue->tail == queue->head)
		*top = merge->heap[--merge->n_nodes];
	if (merge->n_nodes)
		sift_down(merge);
	merge->n -= n;
	return n;
}

static size_t drain(struct merge *merge, uint64_t last_ns, source_fn fn, void *ctx)
{
	size_t n = 0;

	while (merge->n_nodes && merge->heap[0].time_ns <= last_ns)
		n += drain_run(merge, last_ns, fn, ctx);
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
