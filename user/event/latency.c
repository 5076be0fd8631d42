// SPDX-License-Identifier: GPL-2.0-only
/* latency.c - buckets: an octave by its highest bit, an eighth of it by the three bits below. */
#include "event/latency.h"

#include <math.h>

#include "event/counts.h"

#define PART_BITS 3

/* Below 2^PART_BITS each number has a bucket of its own, in the octave of that many bits. */
static unsigned bucket_of(uint64_t ns)
{
	unsigned octave, bucket;

	if (ns < LATENCY_PARTS)
		return (unsigned)ns;
	octave = 63 - (unsigned)__builtin_clzll(ns);
	bucket = (octave - PART_BITS + 1) * LATENCY_PARTS +
		 (unsigned)(ns >> (octave - PART_BITS) & (LATENCY_PARTS - 1));
	return bucket < LATENCY_N_BUCKETS ? bucket : LATENCY_N_BUCKETS - 1;
}

/* The lowest number of a bucket; that of the next is the end of it. */
static double bucket_start(unsigned bucket)
{
	unsigned row = bucket / LATENCY_PARTS, part = bucket % LATENCY_PARTS;

	return row ? (double)((uint64_t)(LATENCY_PARTS + part) << (row - 1)) : part;
}

void latency_record(struct latencies *latencies, uint64_t ns)
{
	uint64_t max = atomic_load_explicit(&latencies->max_ns, memory_order_relaxed);

	while (ns > max && !atomic_compare_exchange_weak(&latencies->max_ns, &max, ns))
		;
	atomic_fetch_add_explicit(&latencies->n[bucket_of(ns)], 1, memory_order_relaxed);
}

void latency_read(const struct latencies *latencies, struct latency_counts *counts)
{
	counts->total = 0;
	counts->max_ns = atomic_load_explicit(&latencies->max_ns, memory_order_relaxed);
	for (unsigned i = 0; i < LATENCY_N_BUCKETS; i++) {
		counts->n[i] = atomic_load_explicit(&latencies->n[i], memory_order_relaxed);
		counts->total += counts->n[i];
	}
}

uint64_t latency_percentile(const struct latency_counts *counts, double share)
{
	double rank = share * (double)counts->total, below = 0;

	if (!counts->total)
		return COUNT_UNKNOWN;
	for (unsigned i = 0; i < LATENCY_N_BUCKETS; i++) {
		double here = (double)counts->n[i], low = bucket_start(i);
		double high = i < LATENCY_N_BUCKETS - 1 ? bucket_start(i + 1) : INFINITY;

		if (high > (double)counts->max_ns)
			high = (double)counts->max_ns;
		if (counts->n[i] && below + here >= rank && high > low)
			return (uint64_t)(low + (high - low) * (rank - below) / here);
		below += here;
	}
	return counts->max_ns;
}

uint64_t latency_up_to(const struct latency_counts *counts, uint64_t ns)
{
	uint64_t n = 0;

	for (unsigned i = 0; i <= bucket_of(ns); i++)
		n += counts->n[i];
	return n;
}

uint64_t latency_octave(const struct latency_counts *counts, unsigned octave)
{
	uint64_t n = 0;
	unsigned first, end;

	if (octave < PART_BITS) { /* 1; 2, 3; 4 to 7: all in the first row; 0 goes to the first */
		first = octave ? 1u << octave : 0;
		end = 2u << octave;
	} else {
		first = (octave - PART_BITS + 1) * LATENCY_PARTS;
		end = first + LATENCY_PARTS;
	}
	for (unsigned i = first; i < end && i < LATENCY_N_BUCKETS; i++)
		n += counts->n[i];
	return n;
}
