/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * merge.h - one order in time out of many streams, each (nearly) in order by itself.
 *
 * A stream is a CPU's ring, or a ring of coroutine marks. Owned by a source; one thread. No memory
 * is taken for an event: a stream's queue doubles when it is full, up to a bound.
 */
#ifndef SWTCH_MERGE_H
#define SWTCH_MERGE_H

#include <stddef.h>

#include "source/source.h"

struct merge;

/*
 * merge_new - n_streams queues (at most MERGE_N_STREAMS_MAX) of at most n_max events each (a power of
 * two). NULL with ENOMEM, or EINVAL when a number is out of range.
 */
#define MERGE_N_STREAMS_MAX 65535u
struct merge *merge_new(unsigned n_streams, size_t n_max);
void merge_free(struct merge *merge);

/* As new, with the memory that it has: nothing queued, no time yet. */
void merge_reset(struct merge *merge);

/*
 * merge_push - queue a copy of `event` behind the others of `stream` (below n_streams).
 *
 * An event that claims to be older than its predecessor, or than what was handed over already, comes
 * a nanosecond behind that: order is kept, times tell it, and merge_n_late() counts it. (One in two
 * hundred of a busy CPU does, by 14 us at most: the run queue's clock stands still at times.)
 * Returns 0, -ENOBUFS when the stream holds n_max events, or -ENOMEM; then it was not taken.
 */
int merge_push(struct merge *merge, unsigned stream, const struct event *event);

/*
 * merge_drain - hand over every event older than up_to_ns, oldest first; of equal times, the lower
 * stream first. `fn` must not call into `merge`. Returns how many there were.
 */
size_t merge_drain(struct merge *merge, uint64_t up_to_ns, source_fn fn, void *ctx);

/* As merge_drain, holding nothing back. */
size_t merge_flush(struct merge *merge, source_fn fn, void *ctx);

size_t merge_n(const struct merge *merge);	  /* events queued now */
uint64_t merge_n_late(const struct merge *merge); /* events whose time was corrected */

#endif
