/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * claims.h - what the lecture says, and how each sentence is judged: one table, in claims.c.
 *
 * All of it is constant; any thread may call.
 */
#ifndef SWTCH_CLAIMS_H
#define SWTCH_CLAIMS_H

#include "state/metric.h"

#define CLAIM_FIGURES	 16 /* at most, of a claim */
#define CLAIM_CONDITIONS 12
#define ALONE		 (-1) /* a figure is held against a number, not against another figure */

/* The lanes of a lab run, one for each model. */
enum claim_lane { OF_PROCESS = 1, OF_THREAD, OF_COROUTINE };

/*
 * What is run: command lines of `swtch stat` without those two words. Several models run one after
 * another. Claims share them.
 */
enum experiment {
	RUN_PRIVATE,
	RUN_UNSYNCHRONISED,
	RUN_ATOMIC,
	RUN_MUTEX,
	RUN_SEMAPHORE,
	RUN_CONDVAR,
	RUN_CRASH,
	RUN_SPAWN,
	RUN_PINGPONG_PIPES,
	RUN_VIA_PIPE,
	RUN_VIA_SOCKETPAIR,
	RUN_VIA_SHM,
	RUN_VIA_MQUEUE,
	RUN_PINGPONG,
	RUN_IDLE,
	RUN_THREAD_1,
	RUN_THREADS_4,
	RUN_COROUTINE_1,
	RUN_COROUTINES_4,
	RUN_SLEEP,
	RUN_YIELD,
	RUN_YIELD_POOL,
	RUN_SEND,
	RUN_HOG,
	RUN_ECHO,
	N_EXPERIMENTS,
};

extern const char *const experiments[N_EXPERIMENTS];

/* One figure: of which experiment, of which lane of it, which metric. */
struct claim_figure {
	const char *name; /* for people; NULL ends the list */
	enum experiment experiment;
	enum claim_lane lane;
	enum metric_id metric;
	unsigned index; /* of METRIC_FIGURE */
};

enum comparison {
	COMPARE_END, /* of the list */
	/* Measured: times, memory, what the scheduler happened to do. The spread decides. */
	AT_LEAST,
	AT_MOST,
	/* Counted: the same in every round, or nothing is said. */
	EQUAL,
	ABOVE,
	BELOW,
};

/* `figure` compared with `bound`, or with `bound` times the figure `beside`, of the same round. */
struct claim_condition {
	unsigned figure;
	enum comparison comparison;
	double bound;
	int beside; /* a figure, or ALONE */
};

struct claim {
	const char *id;
	const char *says; /* the lecture */
	struct claim_figure figures[CLAIM_FIGURES + 1];
	struct claim_condition conditions[CLAIM_CONDITIONS + 1]; /* all of them must hold */
};

enum { N_CLAIMS = 17 };
extern const struct claim claims[N_CLAIMS]; /* in the lecture's order */

/* The number of the claim called `id`, in whatever case, or -1. */
int claim_find(const char *id);

/* Does the claim take a figure from this experiment? */
bool claim_uses(const struct claim *claim, enum experiment experiment);

/* True when the comparison is of counts: exact, whatever the spread. */
static inline bool comparison_is_exact(enum comparison comparison)
{
	return comparison >= EQUAL;
}

#endif
