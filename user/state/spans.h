/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spans.h - where the time of each lane's tasks goes: on a CPU, woken and not there yet, off it and
 * what for; and who wakes whom. Made from events alone.
 *
 * A span counts when it ends. Off a CPU, a task that was preempted waits until it comes again; one that
 * sleeps, until it is runnable: what it waits then, for a CPU, is the span of its waking. Owned by who
 * made it; one thread. Memory: 1 MB, and 16 bytes for each pid on a page that any is on.
 */
#ifndef SWTCH_SPANS_H
#define SWTCH_SPANS_H

#include "event/counts.h"

enum span_kind {
	SPAN_WOKEN, /* from being woken, or made, to running */
	SPAN_RAN,   /* on a CPU, each time */
	/* Off it: */
	SPAN_PREEMPTED, /* while it wanted to run */
	SPAN_LOCK,	/* in the order of enum leave_call */
	SPAN_POLL,
	SPAN_IO,
	SPAN_TIMER,
	SPAN_CHILD,
	SPAN_OTHER,
	SPAN_MEMORY,
	SPAN_SLEEP,   /* in a call that is not known */
	SPAN_BLOCKED, /* state D, whatever the call */
	N_SPAN_KINDS,
};

struct span_sum {
	uint64_t n, total_ns, max_ns;
	uint64_t log2[N_WAIT_BUCKETS]; /* as struct lane_counters has it */
};

struct wake_pair {
	uint32_t waker, wakee; /* task_word(); pid 0 is an interrupt on an idle CPU */
	uint64_t n;
};

#define N_WAKE_PAIRS_MAX 16384u

struct spans {
	unsigned n_lanes;
	struct span_sum *sums; /* [lane * N_SPAN_KINDS + kind] */
	uint64_t since_ns;     /* of the first event; 0: there was none */
	uint64_t until_ns;     /* of the last */
	uint64_t n_unknown;    /* spans that a loss of events left without a beginning */
	uint64_t n_wakeups;
	uint64_t n_wakeups_apart; /* of them, of pairs for which there was no room */
	struct spans_private *private;
};

/* NULL with ENOMEM. n_lanes counts lane 0. */
struct spans *spans_new(unsigned n_lanes);
void spans_free(struct spans *spans);

/* Forget all. */
void spans_clear(struct spans *spans);

/* What is known now, for who wants it to stay: to be read, not to be fed. NULL with ENOMEM. */
struct spans *spans_copy(const struct spans *spans);

/* Take in one event; they come in the order of time. */
void spans_apply(struct spans *spans, const struct event *event);

static inline const struct span_sum *spans_sum(const struct spans *spans, unsigned lane,
					       enum span_kind kind)
{
	return &spans->sums[lane * N_SPAN_KINDS + kind];
}

/* All time that a lane's tasks were seen to spend, in ns: the whole that each sum is a share of. */
uint64_t spans_total_ns(const struct spans *spans, unsigned lane);

/* The pairs that woke most often, the first first; those of a lane's wakees, or of all (0). Returns how many. */
unsigned spans_pairs(const struct spans *spans, unsigned lane, struct wake_pair *pairs, unsigned n);

/* "lock", for machines; and "off: for a lock", for people. */
const char *span_name(enum span_kind kind);
const char *span_says(enum span_kind kind);

/* What that is, for the help. */
const char *span_explains(enum span_kind kind);

#endif
