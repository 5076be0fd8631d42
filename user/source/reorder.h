/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reorder.h - events that come nearly in order, put in order within a window of so many.
 *
 * For a trace of another tool: the events of each CPU are in order there, stretches of CPUs come one
 * after another, and nobody says how long these are. merge.h is for streams that are known and
 * drained; here nothing but the window costs memory, however the events come: at most 40 bytes
 * for each event of it, and 16 for each stretch. Owned by who made it; one thread.
 */
#ifndef SWTCH_REORDER_H
#define SWTCH_REORDER_H

#include <stddef.h>

#include "event.h"

struct reorder;

/* Takes one event, in the order of time. Not 0 ends what led to it, which returns the same. */
typedef int (*reorder_fn)(const struct event *event, void *ctx);

/* A window of n_max events, handed to `fn` when it is full: the older half. NULL with ENOMEM. */
struct reorder *reorder_new(size_t n_max, reorder_fn fn, void *ctx);
void reorder_free(struct reorder *reorder);

/*
 * Take a copy of an event. One that is older than what was handed over already gets that one's time,
 * and reorder_n_late() counts it. Of equal times, the one that came first is first. 0, -ENOMEM, or
 * what `fn` returned.
 */
int reorder_push(struct reorder *reorder, const struct event *event);

/* Hand over all there is. 0, -ENOMEM, or what `fn` returned. */
int reorder_flush(struct reorder *reorder);

uint64_t reorder_n_late(const struct reorder *reorder);

#endif
