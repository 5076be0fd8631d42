/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * blame.h - the coroutines that blocked their thread: in the middle of which it left its CPU asleep.
 *
 * All others of the thread wait meanwhile: in code made of coroutines a call that blocks is a fault. That
 * the thread was preempted is nobody's, and that it waits between two coroutines is how loops work. Made
 * from events alone. Owned by who made it; one thread. Memory: 1 MB, and 64 bytes for each pid on a page
 * that any thread with coroutines is on.
 */
#ifndef SWTCH_BLAME_H
#define SWTCH_BLAME_H

#include <stdbool.h>

#include "event/counts.h"

#define N_BLAMED_MAX 8192u

struct blamed {
	uint32_t lane, id;
	uint32_t thread;	   /* task_word() of the last one that it blocked */
	uint32_t n[N_LEAVE_CALLS]; /* how often, by what it waited for */
	uint64_t n_all;
	uint64_t total_ns, max_ns; /* from when the thread left until it came again */
};

/* What coroutines of one lane did together. */
struct blame_sum {
	uint64_t n, total_ns, max_ns;
	uint64_t n_preempted; /* threads that left in the middle of one, and wanted to run */
	uint64_t n_steps;     /* times that one was resumed; 0: nobody tells of coroutines */
};

struct blame {
	unsigned n_lanes;
	struct blame_sum *sums; /* [n_lanes] */
	unsigned n_blamed;	/* coroutines that are in its table, */
	uint64_t n_apart;	/* and how often it was one for which there was no room */
	struct blame_private *private;
};

/* NULL with ENOMEM. n_lanes counts lane 0. */
struct blame *blame_new(unsigned n_lanes);
void blame_free(struct blame *blame);

/* Forget all. */
void blame_clear(struct blame *blame);

/* What is known now, for who wants it to stay: to be read, not to be fed. NULL with ENOMEM. */
struct blame *blame_copy(const struct blame *blame);

/* Take in one event; they come in the order of time. */
void blame_apply(struct blame *blame, const struct event *event);

/*
 * Those that blocked longest in all, the worst first; of a lane, or of all (0). Returns how many.
 */
unsigned blame_worst(const struct blame *blame, unsigned lane, struct blamed *worst, unsigned n);

/* The one that blocked this thread longest, by its task_word(); false: none did. */
bool blame_of_thread(const struct blame *blame, uint32_t thread, struct blamed *worst);

/* What a coroutine mostly waited for: enum leave_call. */
unsigned blamed_call(const struct blamed *blamed);

#endif
