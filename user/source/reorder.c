// SPDX-License-Identifier: GPL-2.0-only
/* reorder.c - the window is one array: runs that ascend, merged by a heap of where each stands. */
#include "source/reorder.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define N_FIRST 1024

/* Events first to end-1 of the window, in order. */
struct stretch {
	uint32_t first, end;
};

struct reorder {
	struct event *events; /* [n_room] */
	struct stretch *runs; /* [n_runs_room], in the order in which they came */
	uint32_t *heap; /* [n_runs_room] numbers of runs, the one with the oldest event at 0 */
	size_t n, n_room, n_max;
	size_t n_runs, n_runs_room, n_heap;
	uint64_t handed_ns, n_late;
	reorder_fn fn;
	void *ctx;
};

struct reorder *reorder_new(size_t n_max, reorder_fn fn, void *ctx)
{
	struct reorder *reorder = calloc(1, sizeof(*reorder));

	if (!reorder)
		return NULL;
	reorder->n_max = n_max < 2 ? 2 : n_max > UINT32_MAX ? UINT32_MAX : n_max;
	reorder->fn = fn;
	reorder->ctx = ctx;
	return reorder;
}

void reorder_free(struct reorder *reorder)
{
	if (!reorder)
		return;
	free(reorder->events);
	free(reorder->runs);
	free(reorder->heap);
	free(reorder);
}

uint64_t reorder_n_late(const struct reorder *reorder)
{
	return reorder->n_late;
}

/* --- the heap --------------------------------------------------------------------------------- */

static bool before(const struct reorder *reorder, uint32_t a, uint32_t b)
{
	uint64_t a_ns = reorder->events[reorder->runs[a].first].time_ns;
	uint64_t b_ns = reorder->events[reorder->runs[b].first].time_ns;

	return a_ns < b_ns || (a_ns == b_ns && a < b);
}

static void sift_down(struct reorder *reorder, size_t at)
{
	uint32_t *heap = reorder->heap, run = heap[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= reorder->n_heap)
			break;
		if (child + 1 < reorder->n_heap && before(reorder, heap[child + 1], heap[child]))
			child++;
		if (!before(reorder, heap[child], run))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = run;
}

static void heapify(struct reorder *reorder)
{
	reorder->n_heap = reorder->n_runs;
	for (uint32_t i = 0; i < reorder->n_runs; i++)
		reorder->heap[i] = i;
	for (size_t i = reorder->n_heap / 2; i--;)
		sift_down(reorder, i);
}

/* --- handing over ------------------------------------------------------------------------------- */

/* What is left of each run moves to the front; runs that are empty go. */
static void compact(struct reorder *reorder)
{
	size_t n = 0, n_runs = 0;

	for (size_t i = 0; i < reorder->n_runs; i++) {
		struct stretch run = reorder->runs[i];
		size_t length = run.end - run.first;

		if (!length)
			continue;
		memmove(&reorder->events[n], &reorder->events[run.first],
			length * sizeof(*reorder->events));
		reorder->runs[n_runs++] = (struct stretch){ (uint32_t)n, (uint32_t)(n + length) };
		n += length;
	}
	reorder->n = n;
	reorder->n_runs = n_runs;
}

static int hand_over(struct reorder *reorder, size_t n)
{
	int err = 0;

	heapify(reorder);
	while (!err && n-- && reorder->n_heap) {
		struct stretch *run = &reorder->runs[reorder->heap[0]];
		const struct event *event = &reorder->events[run->first++];

		reorder->handed_ns = event->time_ns;
		err = reorder->fn(event, reorder->ctx);
		if (run->first == run->end)
			reorder->heap[0] = reorder->heap[--reorder->n_heap];
		if (reorder->n_heap)
			sift_down(reorder, 0);
	}
	compact(reorder);
	return err;
}

int reorder_flush(struct reorder *reorder)
{
	return hand_over(reorder, reorder->n);
}

/* --- taking --------------------------------------------------------------------------------------- */

static int grow_events(struct reorder *reorder)
{
	size_t n = reorder->n_room ? 2 * reorder->n_room : N_FIRST;
	struct event *events;

	n = n < reorder->n_max ? n : reorder->n_max;
	events = realloc(reorder->events, n * sizeof(*events));
	if (!events)
		return -ENOMEM;
	reorder->events = events;
	reorder->n_room = n;
	return 0;
}

static int grow_runs(struct reorder *reorder)
{
	size_t n = reorder->n_runs_room ? 2 * reorder->n_runs_room : N_FIRST;
	struct stretch *runs = realloc(reorder->runs, n * sizeof(*runs));
	uint32_t *heap;

	if (!runs)
		return -ENOMEM;
	reorder->runs = runs;
	heap = realloc(reorder->heap, n * sizeof(*heap));
	if (!heap)
		return -ENOMEM;
	reorder->heap = heap;
	reorder->n_runs_room = n;
	return 0;
}

int reorder_push(struct reorder *reorder, const struct event *event)
{
	struct event copy = *event;
	int err = 0;

	if (reorder->n == reorder->n_max)
		err = hand_over(reorder, (reorder->n + 1) / 2);
	if (!err && reorder->n == reorder->n_room)
		err = grow_events(reorder);
	if (!err && reorder->n_runs == reorder->n_runs_room)
		err = grow_runs(reorder);
	if (err)
		return err;
	if (copy.time_ns < reorder->handed_ns) {
		copy.time_ns = reorder->handed_ns;
		reorder->n_late++;
	}
	if (!reorder->n_runs || copy.time_ns < reorder->events[reorder->n - 1].time_ns)
		reorder->runs[reorder->n_runs++] =
			(struct stretch){ (uint32_t)reorder->n, (uint32_t)reorder->n };
	reorder->events[reorder->n++] = copy;
	reorder->runs[reorder->n_runs - 1].end = (uint32_t)reorder->n;
	return 0;
}
