/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring.h - the last blocks of a recording in memory: as many as fit a time and a number of bytes.
 *
 * Owned by who made it; one thread.
 */
#ifndef SWTCH_RING_H
#define SWTCH_RING_H

#include "sink/recording.h"

#define RING_BYTES_MOST (1ull << 30) /* whatever time was asked for */

struct ring;

/*
 * Keep what is not older than `time_ns` (0: no matter how old), in at most `n_bytes` (0, and what is
 * above it: RING_BYTES_MOST). The newest block is always kept. NULL with ENOMEM.
 */
struct ring *ring_new(uint64_t time_ns, uint64_t n_bytes);
void ring_free(struct ring *ring);

/* A chunk_fn that keeps a copy; `ctx` is the ring. -ENOMEM: it was not taken. */
int ring_take(const struct chunk *chunk, void *ctx);

/* Hand every block to `fn`, the oldest first, until one is refused. 0, or what `fn` answered. */
int ring_each(const struct ring *ring, chunk_fn fn, void *ctx);

/* Of what is in it. */
uint64_t ring_n_bytes(const struct ring *ring);
uint64_t ring_n_events(const struct ring *ring);
uint64_t ring_span_ns(const struct ring *ring);
bool ring_is_tight(const struct ring *ring); /* it let blocks go that were young enough */

#endif
