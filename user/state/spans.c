// SPDX-License-Identifier: GPL-2.0-only
/* spans.c - since when each pid is off its CPU and what for, and a table of who woke whom. */
#include "state/spans.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"

#define TASKS_SIZE ((TASK_PID_MASK + 1) * sizeof(struct off))
#define N_PLACES   (2 * N_WAKE_PAIRS_MAX) /* of the hash table: half empty at least */

/* A task that left its CPU. */
struct off {
	uint64_t left_ns; /* 0: it is not known to be off */
	uint32_t word;
	uint8_t kind; /* enum span_kind */
};

struct spans_private {
	struct off *tasks;	 /* [TASK_PID_MASK + 1], by pid */
	uint64_t lost_ns;	 /* before that, events are missing; 0: none are */
	struct wake_pair *pairs; /* [N_PLACES]; n 0: a free place */
	unsigned n_pairs;
};

struct spans *spans_new(unsigned n_lanes)
{
	struct spans *spans = calloc(1, sizeof(*spans));

	if (!spans)
		return NULL;
	spans->n_lanes = n_lanes;
	spans->sums = calloc((size_t)n_lanes * N_SPAN_KINDS, sizeof(*spans->sums));
	spans->private = calloc(1, sizeof(*spans->private));
	if (spans->private) {
		spans->private->pairs = calloc(N_PLACES, sizeof(*spans->private->pairs));
		spans->private->tasks = mmap(NULL, TASKS_SIZE, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	}
	if (spans->sums && spans->private && spans->private->pairs &&
	    spans->private->tasks != MAP_FAILED)
		return spans;
	spans_free(spans);
	errno = ENOMEM;
	return NULL;
}

void spans_free(struct spans *spans)
{
	if (!spans)
		return;
	if (spans->private) {
		memory_unmap(spans->private->tasks, TASKS_SIZE);
		free(spans->private->pairs);
	}
	free(spans->private);
	free(spans->sums);
	free(spans);
}

/* Also since when tasks are off: a span that began before this is not told. */
void spans_clear(struct spans *spans)
{
	struct spans_private *private = spans->private;
	struct spans empty = { .n_lanes = spans->n_lanes, .sums = spans->sums, .private = private };

	memset(spans->sums, 0, (size_t)spans->n_lanes * N_SPAN_KINDS * sizeof(*spans->sums));
	memset(private->pairs, 0, N_PLACES * sizeof(*private->pairs));
	private->n_pairs = 0;
	private->lost_ns = 0;
	madvise(private->tasks, TASKS_SIZE, MADV_DONTNEED);
	*spans = empty;
}

struct spans *spans_copy(const struct spans *spans)
{
	struct spans *copy = spans_new(spans->n_lanes);
	struct spans all;

	if (!copy)
		return NULL;
	all = *spans;
	all.sums = copy->sums;
	all.private = copy->private;
	memcpy(copy->sums, spans->sums,
	       (size_t)spans->n_lanes * N_SPAN_KINDS * sizeof(*spans->sums));
	memcpy(copy->private->pairs, spans->private->pairs,
	       N_PLACES * sizeof(*spans->private->pairs));
	copy->private->n_pairs = spans->private->n_pairs;
	*copy = all;
	return copy;
}

/* --- spans ---------------------------------------------------------------------------------------- */

static unsigned bucket_of(uint64_t ns)
{
	unsigned bucket = ns ? 63 - (unsigned)__builtin_clzll(ns) : 0;

	return bucket < N_WAIT_BUCKETS ? bucket : N_WAIT_BUCKETS - 1;
}

static void add(struct spans *spans, uint32_t word, enum span_kind kind, uint64_t ns)
{
	struct span_sum *sum = &spans->sums[task_lane(word) * N_SPAN_KINDS + kind];

	sum->n++;
	sum->total_ns += ns;
	sum->log2[bucket_of(ns)]++;
	if (ns > sum->max_ns)
		sum->max_ns = ns;
}

/* In a lane that is counted. */
static bool is_watched(const struct spans *spans, uint32_t word)
{
	return task_lane(word) && task_lane(word) < spans->n_lanes;
}

/* What it does from now on that leaves its CPU like this. */
static enum span_kind kind_of(uint8_t state)
{
	static const uint8_t kinds[N_LEAVE_CALLS] = {
		[CALL_UNKNOWN] = SPAN_SLEEP, [CALL_LOCK] = SPAN_LOCK,	[CALL_POLL] = SPAN_POLL,
		[CALL_IO] = SPAN_IO,	     [CALL_TIMER] = SPAN_TIMER, [CALL_CHILD] = SPAN_CHILD,
		[CALL_OTHER] = SPAN_OTHER,   [CALL_NONE] = SPAN_MEMORY,
	};

	if ((state & LEAVE_MASK) == LEAVE_RUNNABLE)
		return SPAN_PREEMPTED;
	if ((state & LEAVE_MASK) == LEAVE_BLOCKED)
		return SPAN_BLOCKED;
	return kinds[leave_call(state)];
}

static void leave(struct spans *spans, const struct event *event)
{
	struct off *task = &spans->private->tasks[task_pid(event->task)];

	if (event->to.ran_ns)
		add(spans, event->task, SPAN_RAN, event->to.ran_ns);
	*task = (struct off){ event->time_ns, event->task, (uint8_t)kind_of(event->state) };
	if ((event->state & LEAVE_MASK) == LEAVE_DEAD)
		*task = (struct off){ 0 };
}

/* How long it was off is known where it was seen to leave; that it waited was measured in any case. */
static void come(struct spans *spans, const struct event *event)
{
	uint32_t word = event->to.next;
	struct off *task = &spans->private->tasks[task_pid(word)], off = *task;
	uint64_t waited_ns = event->to.waited_ns, off_ns;
	bool was_seen = off.left_ns && off.word == word && off.left_ns >= spans->private->lost_ns;

	*task = (struct off){ 0 };
	spans->n_unknown += !was_seen && off.left_ns != 0;
	if (waited_ns && (!was_seen || off.kind != SPAN_PREEMPTED))
		add(spans, word, SPAN_WOKEN, waited_ns);
	if (!was_seen || event->time_ns < off.left_ns)
		return;
	off_ns = event->time_ns - off.left_ns;
	if (off.kind != SPAN_PREEMPTED)
		off_ns = waited_ns < off_ns ? off_ns - waited_ns : 0;
	add(spans, word, off.kind, off_ns);
}

/* --- who wakes whom ------------------------------------------------------------------------------- */

static size_t place_of(uint32_t waker, uint32_t wakee)
{
	uint64_t key = ((uint64_t)waker << 32 | wakee) * 0x9e3779b97f4a7c15ull;

	return key >> 32 & (N_PLACES - 1);
}

static void wake(struct spans *spans, const struct event *event)
{
	struct spans_private *private = spans->private;
	size_t at = place_of(event->task, event->wake.wakee);
	struct wake_pair *pair = &private->pairs[at];

	spans->n_wakeups++;
	while (pair->n && (pair->waker != event->task || pair->wakee != event->wake.wakee)) {
		at = (at + 1) & (N_PLACES - 1);
		pair = &private->pairs[at];
	}
	if (!pair->n && private->n_pairs == N_WAKE_PAIRS_MAX) {
		spans->n_wakeups_apart++;
		return;
	}
	private->n_pairs += !pair->n;
	*pair = (struct wake_pair){ event->task, event->wake.wakee, pair->n + 1 };
}

void spans_apply(struct spans *spans, const struct event *event)
{
	if (!spans->since_ns)
		spans->since_ns = event->time_ns;
	if (event->time_ns > spans->until_ns)
		spans->until_ns = event->time_ns;
	switch (event->kind) {
	case EVENT_SWITCH:
		if (is_watched(spans, event->task))
			leave(spans, event);
		if (is_watched(spans, event->to.next))
			come(spans, event);
		break;
	case EVENT_WAKING:
		if (is_watched(spans, event->wake.wakee))
			wake(spans, event);
		break;
	case EVENT_CLONE: /* its pid may have been another's */
		spans->private->tasks[task_pid(event->made.child)] = (struct off){ 0 };
		break;
	case EVENT_LOST:
		if (!task_pid(event->task)) /* else of a coroutine's marks */
			spans->private->lost_ns = event->time_ns;
		break;
	default:
		break;
	}
}

/* --- what is known -------------------------------------------------------------------------------- */

uint64_t spans_total_ns(const struct spans *spans, unsigned lane)
{
	uint64_t total_ns = 0;

	for (unsigned kind = 0; kind < N_SPAN_KINDS; kind++)
		total_ns += spans_sum(spans, lane, kind)->total_ns;
	return total_ns;
}

/* The more frequent; of equals an order that is the same each time. */
static bool is_before(const struct wake_pair *a, const struct wake_pair *b)
{
	if (a->n != b->n)
		return a->n > b->n;
	return a->wakee != b->wakee ? a->wakee < b->wakee : a->waker < b->waker;
}

unsigned spans_pairs(const struct spans *spans, unsigned lane, struct wake_pair *pairs, unsigned n)
{
	unsigned n_found = 0;

	for (size_t i = 0; n && i < N_PLACES; i++) {
		struct wake_pair pair = spans->private->pairs[i];
		unsigned at;

		if (!pair.n || (lane && task_lane(pair.wakee) != lane))
			continue;
		if (n_found == n && !is_before(&pair, &pairs[n - 1]))
			continue;
		n_found += n_found < n;
		for (at = n_found - 1; at && is_before(&pair, &pairs[at - 1]); at--)
			pairs[at] = pairs[at - 1];
		pairs[at] = pair;
	}
	return n_found;
}

static const struct {
	const char *name, *says, *explains;
} words[N_SPAN_KINDS] = {
	[SPAN_WOKEN] = { "woken", "woken to running",
			 "it was made runnable, and waited until it had a CPU" },
	[SPAN_RAN] = { "ran", "on a CPU", "from when it came until it left" },
	[SPAN_PREEMPTED] = { "preempted", "off: preempted",
			     "it wanted to run on: another had the CPU, or it yielded" },
	[SPAN_LOCK] = { "lock", "off: for a lock",
			"futex, semop, flock: until another task lets it go on" },
	[SPAN_POLL] = { "poll", "off: for events",
			"epoll_wait, poll, select, io_uring_enter: whichever of several comes first" },
	[SPAN_IO] = { "io", "off: for I/O", "read, send, accept, fsync: one pipe, socket or file" },
	[SPAN_TIMER] = { "timer", "off: for a timer", "nanosleep: for time to pass" },
	[SPAN_CHILD] = { "child", "off: for a child", "wait4, vfork: for a process that it made" },
	[SPAN_OTHER] = { "other", "off: other calls", "a signal, a device, its own end" },
	[SPAN_MEMORY] = { "memory", "off: for memory",
			  "in no call: mostly for a page that is not in memory" },
	[SPAN_SLEEP] = { "sleep", "off: asleep",
			 "in a call that is not known: a kernel's thread, a 32-bit program, an older "
			 "kernel" },
	[SPAN_BLOCKED] = { "blocked", "off: blocked (D)",
			   "asleep so deeply that no signal wakes it: mostly for a disk" },
};

const char *span_name(enum span_kind kind)
{
	return words[kind].name;
}

const char *span_says(enum span_kind kind)
{
	return words[kind].says;
}

const char *span_explains(enum span_kind kind)
{
	return words[kind].explains;
}
