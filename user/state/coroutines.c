// SPDX-License-Identifier: GPL-2.0-only
/*
 * coroutines.c - marks become coroutines.
 *
 * Entries lie in a table of fixed size; who ends leaves its place, which is found again through a list of
 * free ones. A mark may be missing (they are lost where nobody reads in time), so that who has a thread is
 * remembered for each: another's resume says that the one before was suspended, at a time nobody knows.
 */
#include "state/coroutines.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_BUCKETS 8192u /* powers of two */
#define N_THREADS 1024u
#define NOBODY	  UINT32_MAX
#define N_PAST	  6
#define WINDOW_NS 1000000000ull

struct entry {
	struct coroutine_state known;
	struct {
		uint64_t steps, run_ns;
	} past[N_PAST]; /* as measured before, 0 before it began */
	uint32_t next;	/* of its bucket, or of the free ones */
	bool is_used;
};

struct coroutines_private {
	uint64_t past_ns[N_PAST]; /* when it was measured; */
	unsigned n_past;	  /* so many times, number i in place i % N_PAST */
	struct entry entries[N_COROUTINES_TOLD];
	uint32_t buckets[N_BUCKETS];
	uint32_t free;
	struct {
		uint32_t word, entry;
	} threads
		[N_THREADS]; /* who runs there; two threads may share a place, then one is forgotten */
	struct coroutine_state rows[N_COROUTINES_TOLD];
};

void coroutines_clear(struct coroutines *coroutines)
{
	struct coroutines_private *private = coroutines->private;

	memset(private->buckets, 0xff, sizeof(private->buckets));
	memset(private->threads, 0xff, sizeof(private->threads));
	for (uint32_t i = 0; i < N_COROUTINES_TOLD; i++)
	private->entries[i] = (struct entry){ .next = i + 1 };
	private->entries[N_COROUTINES_TOLD - 1].next = NOBODY;
	private->free = 0;
	private->n_past = 0;
	coroutines->n = coroutines->n_live = 0;
	coroutines->n_untold = coroutines->time_ns = 0;
}

struct coroutines *coroutines_new(void)
{
	struct coroutines *coroutines = calloc(1, sizeof(*coroutines));

	if (!coroutines)
		return NULL;
	coroutines->private = calloc(1, sizeof(*coroutines->private));
	if (!coroutines->private) {
		free(coroutines);
		errno = ENOMEM;
		return NULL;
	}
	coroutines->rows = coroutines->private->rows;
	coroutines_clear(coroutines);
	return coroutines;
}

void coroutines_free(struct coroutines *coroutines)
{
	if (!coroutines)
		return;
	free(coroutines->private);
	free(coroutines);
}

struct coroutines *coroutines_copy(const struct coroutines *coroutines)
{
	struct coroutines *copy = coroutines_new();
	struct coroutines_private *private = copy ? copy->private : NULL;

	if (!copy)
		return NULL;
	*private = *coroutines->private;
	*copy = *coroutines;
	copy->private = private;
	copy->rows = private->rows;
	return copy;
}

/* --- who is who ----------------------------------------------------------------------------------- */

static uint32_t *bucket_of(struct coroutines_private *private, uint32_t lane, uint32_t id)
{
	return &private->buckets[(id * 2654435761u ^ lane * 40503u) % N_BUCKETS];
}

static struct entry *find(struct coroutines_private *private, uint32_t lane, uint32_t id)
{
	uint32_t at = *bucket_of(private, lane, id);

	while (at != NOBODY &&
	       (private->entries[at].known.id != id || private->entries[at].known.lane != lane))
		at = private->entries[at].next;
	return at == NOBODY ? NULL : &private->entries[at];
}

/* NULL: there is no room. */
static struct entry *add(struct coroutines *coroutines, uint32_t lane, const struct event *event)
{
	struct coroutines_private *private = coroutines->private;
	uint32_t *bucket = bucket_of(private, lane, event->coroutine.id), at = private->free;
	struct entry *entry;

	if (at == NOBODY) {
		coroutines->n_untold++;
		return NULL;
	}
	entry = &private->entries[at];
	private->free = entry->next;
	*entry = (struct entry){
		.known = { .thread = event->task, .lane = lane, .id = event->coroutine.id },
		.next = *bucket,
		.is_used = true
	};
	*bucket = at;
	coroutines->n_live++;
	return entry;
}

static void drop(struct coroutines *coroutines, struct entry *entry)
{
	struct coroutines_private *private = coroutines->private;
	uint32_t *link = bucket_of(private, entry->known.lane, entry->known.id);
	uint32_t at = (uint32_t)(entry - private->entries);

	while (*link != at)
		link = &private->entries[*link].next;
	*link = entry->next;
	*entry = (struct entry){ .next = private->free };
	private->free = at;
	coroutines->n_live--;
}

/* --- marks ---------------------------------------------------------------------------------------- */

static uint32_t place_of(uint32_t thread)
{
	return thread * 2654435761u >> 22; /* of N_THREADS */
}

static void suspend(struct entry *entry, uint64_t time_ns)
{
	if (entry->known.is_running && time_ns > entry->known.since_ns)
		entry->known.run_ns += time_ns - entry->known.since_ns;
	entry->known.is_running = false;
	entry->known.since_ns = time_ns;
}

static void resume(struct coroutines_private *private, struct entry *entry,
		   const struct event *event)
{
	uint32_t place = place_of(event->task);
	uint32_t before = private->threads[place].entry;

	if (before != NOBODY && private->threads[place].word == event->task &&
	    private->entries[before].known.thread == event->task &&
	    private->entries[before].known.is_running && &private->entries[before] != entry) {
		private->entries[before].known.is_running = false;
		private->entries[before].known.since_ns = 0;
	}
	private->threads[place].word = event->task;
	private->threads[place].entry = (uint32_t)(entry - private->entries);
	entry->known.thread = event->task;
	entry->known.is_running = true;
	entry->known.since_ns = event->time_ns;
	entry->known.steps++;
}

/* With a thread that was killed its coroutines end unsaid; one that goes on elsewhere is found again. */
static void end_thread(struct coroutines *coroutines, uint32_t word)
{
	struct coroutines_private *private = coroutines->private;
	uint32_t place = place_of(word);

	if (private->threads[place].word != word) /* mostly: it has none */
		return;
	private->threads[place].word = private->threads[place].entry = NOBODY;
	for (uint32_t i = 0; i < N_COROUTINES_TOLD; i++)
		if (private->entries[i].is_used && private->entries[i].known.thread == word)
			drop(coroutines, &private->entries[i]);
}

void coroutines_apply(struct coroutines *coroutines, const struct event *event)
{
	uint32_t lane;
	struct entry *entry;

	if (event->kind == EVENT_EXIT)
		end_thread(coroutines, event->task);
	if (!event_is_mark(event->kind) || !event->coroutine.id)
		return;
	lane = task_pid(event->task) ? task_lane(event->task) : event->coroutine.lane;
	entry = find(coroutines->private, lane, event->coroutine.id);
	if (!entry && event->kind != EVENT_END)
		entry = add(coroutines, lane, event);
	if (!entry)
		return;
	switch (event->kind) {
	case EVENT_CREATE:
		entry->known.since_ns = event->time_ns;
		break;
	case EVENT_RESUME:
		resume(coroutines->private, entry, event);
		break;
	case EVENT_SUSPEND:
		suspend(entry, event->time_ns);
		break;
	default:
		drop(coroutines, entry);
	}
}

/* --- rows ----------------------------------------------------------------------------------------- */

static int by_thread(const void *a, const void *b)
{
	const struct coroutine_state *left = a, *right = b;

	if (left->thread != right->thread)
		return left->thread < right->thread ? -1 : 1;
	if (left->step_hz != right->step_hz)
		return left->step_hz > right->step_hz ? -1 : 1;
	return left->id < right->id ? -1 : left->id > right->id;
}

/* The place of the last measurement a window before this one, or else of the oldest; -1: there is none. */
static int place_before(const struct coroutines_private *private, uint64_t time_ns)
{
	int found = -1;

	for (unsigned back = 1; back <= N_PAST && back <= private->n_past; back++) {
		unsigned place = (private->n_past - back) % N_PAST;

		if (private->past_ns[place] >= time_ns)
			continue;
		found = (int)place;
		if (time_ns - private->past_ns[place] >= WINDOW_NS)
			break;
	}
	return found;
}

/* A coroutine that began since then had 0 of both. */
static void find_rates(struct coroutine_state *row, const struct entry *entry, int before,
		       double step_ns)
{
	row->run_share = NAN;
	if (before < 0)
		return;
	row->step_hz = (double)(row->steps - entry->past[before].steps) * 1e9 / step_ns;
	row->run_share = row->run_ns > entry->past[before].run_ns
				 ? (double)(row->run_ns - entry->past[before].run_ns) / step_ns
				 : 0;
}

void coroutines_measure(struct coroutines *coroutines, uint64_t time_ns)
{
	struct coroutines_private *private = coroutines->private;
	int before = place_before(private, time_ns);
	double step_ns = before < 0 ? 0 : (double)(time_ns - private->past_ns[before]);
	unsigned now = private->n_past++ % N_PAST;

	coroutines->n = 0;
	coroutines->time_ns = time_ns;
	private->past_ns[now] = time_ns;
	for (uint32_t i = 0; i < N_COROUTINES_TOLD; i++) {
		struct entry *entry = &private->entries[i];
		struct coroutine_state *row = &private->rows[coroutines->n];

		if (!entry->is_used)
			continue;
		coroutines->n++;
		*row = entry->known;
		if (row->is_running && time_ns > row->since_ns)
			row->run_ns += time_ns - row->since_ns;
		find_rates(row, entry, before, step_ns);
		entry->past[now].steps = row->steps;
		entry->past[now].run_ns = row->run_ns;
	}
	qsort(private->rows, coroutines->n, sizeof(*private->rows), by_thread);
}

size_t coroutines_of(const struct coroutines *coroutines, uint32_t pid, uint32_t lane,
		     size_t *first)
{
	uint32_t word = task_word(pid, lane);
	size_t from = 0, to = coroutines->n, n = 0;

	while (from < to) {
		size_t middle = (from + to) / 2;

		if (coroutines->rows[middle].thread < word)
			from = middle + 1;
		else
			to = middle;
	}
	*first = from;
	while (from + n < coroutines->n && coroutines->rows[from + n].thread == word)
		n++;
	return n;
}
