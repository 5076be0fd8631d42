/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counts.h - everything that is counted rather than told event by event, at one instant.
 *
 * A source fills it (from mapped memory, a recording, or a seed), state/ takes it in with
 * state_measure(). All figures are cumulative since watching began. What was not measured is
 * COUNT_UNKNOWN, never 0.
 */
#ifndef SWTCH_COUNTS_H
#define SWTCH_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "event/area.h"
#include "event/self_cost.h"

#define COUNT_UNKNOWN UINT64_MAX

/* What the processes of a lane occupy: see base/memory.h. Figures are COUNT_UNKNOWN until read. */
struct lane_memory {
	uint64_t pss_bytes;   /* of all its processes */
	uint64_t table_bytes; /* page tables */
	uint64_t stack_bytes; /* of its tasks, in the kernel */
	/* What each task added: its own pages, page tables and stack in the kernel, and the sum. */
	uint64_t task_bytes, task_page_bytes, task_table_bytes, task_stack_bytes;
};

/* What one thread of a pool did. */
struct pool_work {
	uint64_t user_switches, done;
};

/* What the program of a lane says of itself, in shared memory (the lab), and what was read of it. */
struct lane_work {
	uint64_t done;		/* units of work */
	uint64_t user_switches; /* between coroutines; COUNT_UNKNOWN where none can exist */
	uint64_t yielded;	/* calls of sched_yield; COUNT_UNKNOWN where nobody counts them */
	uint64_t coroutines;	/* made; COUNT_UNKNOWN likewise */
	uint64_t checksum;	/* COUNT_UNKNOWN likewise */
	uint64_t wall_ns;	/* time at work so far */
	uint64_t alive;		/* tasks (or coroutines) that exist now */
	/* Of event loops; COUNT_UNKNOWN where there are none. */
	uint64_t turns, polls, ready;	 /* see struct lab_line */
	uint64_t figures[LAB_N_FIGURES]; /* as the job has them; COUNT_UNKNOWN where not counted */
	unsigned n_pool;		 /* threads that ran coroutines; 0: there are none */
	struct pool_work pool[LAB_N_POOL];
	struct latency_counts latency; /* total 0: none was measured */
	struct lane_memory memory;
};

/* Nothing known. */
extern const struct lane_work lane_work_unknown;

/* The CPU as /proc/stat has it. */
struct cpu_time {
	uint64_t idle_ns; /* idle and waiting for I/O */
	uint64_t busy_ns; /* everything else */
};

struct counts {
	uint64_t time_ns;	     /* CLOCK_MONOTONIC */
	unsigned n_cpus;	     /* possible CPUs; the first index below */
	unsigned n_lanes;	     /* lane 0 (others) included */
	struct lane_counters *cells; /* [cpu * n_lanes + lane] */
	struct cpu_counters *cpus;   /* [cpu] */
	struct cpu_time *times;	     /* [cpu] */
	bool *online;		     /* [cpu] */
	struct lane_work *work;	     /* [lane] */
	struct self_cost self;
};

/*
 * counts_init - room for n_cpus x n_lanes, all zero, work unknown.
 * Returns 0 or -ENOMEM. counts_fini releases it; a zeroed struct will do.
 */
int counts_init(struct counts *counts, unsigned n_cpus, unsigned n_lanes);
void counts_fini(struct counts *counts);

/* Both have the same number of CPUs and lanes. */
void counts_copy(struct counts *to, const struct counts *from);

/* The counters of one CPU and lane. Both must be in range. */
static inline struct lane_counters *counts_cell(const struct counts *counts, unsigned cpu,
						unsigned lane)
{
	return &counts->cells[cpu * counts->n_lanes + lane];
}

/* Add one CPU's counters to a sum; wait_max_ns becomes the larger of both. */
void counters_add(struct lane_counters *sum, const struct lane_counters *part);

/*
 * waits_percentile - the waiting time in ns that `share` (0 to 1) of the waits stay at or under,
 * interpolated within its log2 bucket, never above max_ns. COUNT_UNKNOWN without waits.
 */
uint64_t waits_percentile(const uint64_t log2[N_WAIT_BUCKETS], uint64_t max_ns, double share);

#endif
