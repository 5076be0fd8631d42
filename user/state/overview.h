/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * overview.h - who had each CPU, summed over stretches of time that widen as time goes on.
 *
 * A fixed number of buckets for each CPU: when time goes beyond what they cover, neighbours merge and
 * each is twice as wide. So memory does not grow, and sums stay exact. Owned by who made it; one
 * thread.
 */
#ifndef SWTCH_OVERVIEW_H
#define SWTCH_OVERVIEW_H

#include <stddef.h>

#include "event.h"

struct overview;

/* Of the time that was asked for: shares that add up to 1. */
struct overview_shares {
	double lanes[N_LANES_MAX]; /* lane 0: tasks that nobody asked to watch */
	double idle, unknown;
	double n_switches; /* told by an event, with what falls into the time of a bucket */
};

/*
 * Room for n_cpus x n_lanes (lane 0 included, at most N_LANES_MAX) in at most `bytes`, but for
 * OVERVIEW_N_MIN buckets even if those need more, and OVERVIEW_N_MAX at most. NULL with ENOMEM or
 * EINVAL.
 */
struct overview *overview_new(unsigned n_cpus, unsigned n_lanes, size_t bytes);
void overview_free(struct overview *overview);

#define OVERVIEW_N_MIN 64
#define OVERVIEW_N_MAX 4096 /* a query over all of them has to fit into a frame */

/* What is known now, for who wants it to stay. NULL with ENOMEM. */
struct overview *overview_copy(const struct overview *overview);

/* Forget everything; the next event is the first. */
void overview_clear(struct overview *overview);

/* Take in one event of any kind, in the order of time. */
void overview_apply(struct overview *overview, const struct event *event);

/* From the first event to the last; both 0 while there is none. */
uint64_t overview_start_ns(const struct overview *overview);
uint64_t overview_end_ns(const struct overview *overview);

/* How wide a bucket is: within one, shares are taken to be even. */
uint64_t overview_width_ns(const struct overview *overview);

/*
 * Whose the time from from_ns to to_ns was on a CPU. Time before the first event, after the last, or
 * on a CPU that is not there is unknown.
 */
void overview_query(const struct overview *overview, unsigned cpu, uint64_t from_ns, uint64_t to_ns,
		    struct overview_shares *shares);

#endif
