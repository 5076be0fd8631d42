/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * marks.h - coroutine marks as events: read a lane's rings, bring their ticks onto CLOCK_MONOTONIC.
 */
#ifndef SWTCH_MARKS_H
#define SWTCH_MARKS_H

#include "event/area.h"
#include "event/counts.h"

/* ticks -> CLOCK_MONOTONIC, from pairs of both taken now and then. */
struct mark_clock {
	uint64_t first_ticks, first_ns; /* the first pair: 0 before there is one */
	uint64_t last_ticks, last_ns;	/* the last pair */
	double ns_per_tick;		/* between the two */
};

void mark_clock_sample(struct mark_clock *clock);
uint64_t mark_clock_ns(const struct mark_clock *clock, uint64_t ticks);

/* How far the rings of one area were read. */
struct marks {
	const struct lab_area *area; /* NULL: none */
	uint32_t lane;
	uint64_t next[LAB_N_POOL];
	uint16_t cpu[LAB_N_POOL]; /* where each ring's thread came last, or CPU_UNKNOWN */
};

/* Begin with what is in the rings now; `area` stays the caller's, NULL for none. */
void marks_init(struct marks *marks, const struct lab_area *area, uint32_t lane);

typedef void (*marks_fn)(const struct event *event, unsigned ring, void *ctx);

/*
 * Hand over every mark that is there and not yet read, ring by ring, in order within a ring. What
 * was overwritten unread becomes one EVENT_LOST. The area is another program's: nothing in it is
 * trusted. Samples the clock first. Returns how many were lost.
 */
uint64_t marks_read(struct marks *marks, struct mark_clock *clock, marks_fn fn, void *ctx);

/* The kernel says that a thread came to a CPU: its marks are made there from now on. */
void marks_thread_runs(struct marks *marks, uint32_t tid, uint16_t cpu);
uint16_t marks_thread_cpu(const struct marks *marks, uint32_t tid);

#endif
