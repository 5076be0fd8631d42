/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * synth_rings.h - the made-up machine's rings: a bounded one for each CPU, whose oldest records are
 * overwritten when nobody reads them, as the hooks' are.
 *
 * Memory: 32 bytes for each of the records that they hold. Owned by synth.c; one thread.
 */
#ifndef SWTCH_SYNTH_RINGS_H
#define SWTCH_SYNTH_RINGS_H

#include "source/merge.h"

struct synth_ring {
	uint64_t head, next; /* records ever written, and read or overwritten */
	uint32_t seq;	     /* of the last one written, cut as event.h has it */
	uint32_t read_seq;   /* of the last one read */
	uint64_t read_ns;    /* and its time */
};

struct synth_rings {
	unsigned n_cpus;
	uint64_t size;		  /* records of one CPU, a power of two */
	struct event *records;	  /* [cpu * size + number % size] */
	struct synth_ring *rings; /* [n_cpus] */
	uint64_t n_read, n_lost;  /* over all CPUs */
};

/* 0 or -ENOMEM; `size` is a power of two. synth_rings_fini() in either case. */
int synth_rings_init(struct synth_rings *rings, unsigned n_cpus, uint64_t size);
void synth_rings_fini(struct synth_rings *rings);

/* Write a copy of `event`, with the CPU's next sequence number. */
void synth_rings_write(struct synth_rings *rings, unsigned cpu, const struct event *event);

/* As if the next n records had been written and overwritten. */
void synth_rings_skip(struct synth_rings *rings, unsigned cpu, unsigned n);

/*
 * Hand what is there to `merge`, stream by CPU. A step in the sequence numbers is a loss, told before
 * what follows it: how many, the first one's number, the time of the last record before them. What
 * `merge` has no room for stays.
 */
void synth_rings_drain(struct synth_rings *rings, struct merge *merge);

#endif
