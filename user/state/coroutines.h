/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * coroutines.h - the coroutines that are there, as their marks tell: whose they are, how often and how
 * long they had their thread.
 *
 * Fed with events; bounded: of more than N_COROUTINES_TOLD at a time the later ones are not told.
 * What was made before anybody listened is known from its first step on. Owned by who made it; one thread.
 */
#ifndef SWTCH_STATE_COROUTINES_H
#define SWTCH_STATE_COROUTINES_H

#include <stdbool.h>
#include <stddef.h>

#include "event.h"

#define N_COROUTINES_TOLD 4096u

struct coroutine_state {
	uint32_t thread; /* task_word() of the thread that it was on last */
	uint32_t lane, id;
	bool is_running;   /* else it was suspended, or has not begun */
	uint64_t since_ns; /* when that began; 0: not known */
	uint64_t steps;	   /* how often it was resumed, */
	uint64_t
		run_ns; /* and how long it had its thread, which may have waited for a CPU meanwhile */
	/* Over the last second, or as far as measurements go back: */
	double step_hz;
	double run_share; /* of its time; NAN: not known yet */
};

struct coroutines {
	struct coroutine_state
		*rows; /* [n], as measured: by thread, then the most steps first, then by id */
	size_t n;
	size_t n_live;	   /* of the events, also those behind the measurement */
	uint64_t n_untold; /* marks of such that found no room */
	uint64_t time_ns;  /* of the measurement; 0: there was none */
	struct coroutines_private *private;
};

/* NULL with ENOMEM. */
struct coroutines *coroutines_new(void);
void coroutines_free(struct coroutines *coroutines);

/* Forget all of them. */
void coroutines_clear(struct coroutines *coroutines);

/* What is known now, for who wants it to stay: to be read, not to be fed. NULL with ENOMEM. */
struct coroutines *coroutines_copy(const struct coroutines *coroutines);

/* Take in one event, in the order of time. Kinds that are not of coroutines are passed over. */
void coroutines_apply(struct coroutines *coroutines, const struct event *event);

/* Make rows of what is known, as of time_ns, not before the last call's. */
void coroutines_measure(struct coroutines *coroutines, uint64_t time_ns);

/* The rows of a thread, by its pid and lane: how many, from *first on. */
size_t coroutines_of(const struct coroutines *coroutines, uint32_t pid, uint32_t lane,
		     size_t *first);

#endif
