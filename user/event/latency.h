/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * latency.h - times that a program measured itself, counted in buckets that user space can share.
 *
 * Eight buckets to an octave, so a percentile is off by 6 % at most. Any task may record; whoever
 * reads takes a copy first. Cumulative.
 */
#ifndef SWTCH_LATENCY_H
#define SWTCH_LATENCY_H

#include <stdatomic.h>
#include <stdint.h>

#define LATENCY_PARTS	  8   /* of an octave */
#define LATENCY_N_OCTAVES 42  /* the last also holds all above: more than an hour */
#define LATENCY_N_BUCKETS 320 /* the octaves below 8 ns share one row of eight */

struct latencies {
	_Atomic uint64_t n[LATENCY_N_BUCKETS];
	_Atomic uint64_t max_ns;
};

/* The same, read at one instant. */
struct latency_counts {
	uint64_t total;
	uint64_t max_ns;
	uint64_t n[LATENCY_N_BUCKETS];
};

/* Count one. */
void latency_record(struct latencies *latencies, uint64_t ns);

/* Copy what stands there now; another program may be writing it, and nothing of it is trusted. */
void latency_read(const struct latencies *latencies, struct latency_counts *counts);

/*
 * The time in ns that `share` (0 to 1) of what was counted stays at or under, interpolated within a
 * bucket, never above the longest. COUNT_UNKNOWN when nothing was counted.
 */
uint64_t latency_percentile(const struct latency_counts *counts, double share);

/* How many took at most ns, to the bucket that ns falls in: it counts when it begins no later. */
uint64_t latency_up_to(const struct latency_counts *counts, uint64_t ns);

/* How many took from 2^octave ns to less than twice that; the first octaves begin at 0. */
uint64_t latency_octave(const struct latency_counts *counts, unsigned octave);

#endif
