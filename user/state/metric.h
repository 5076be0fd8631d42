/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metric.h - single figures of a lane, each by its number: what claims are judged by.
 *
 * A metric is a pure function of what is known of one lane once its run has ended. What was not
 * measured is NAN, never 0. No state; any thread may call.
 */
#ifndef SWTCH_METRIC_H
#define SWTCH_METRIC_H

#include "state/state.h"

enum metric_unit {
	UNIT_NS,
	UNIT_BYTES,
	UNIT_COUNT,    /* whole: of switches, tasks, additions */
	UNIT_EACH,     /* a count for each of something */
	UNIT_CHECKSUM, /* 32 bits, to be compared and not to be reckoned with */
	N_UNITS,
};

/* "ns", "bytes", "count", "each", "checksum". */
const char *metric_unit_name(enum metric_unit unit);

/* "For each unit" is for each unit of work; "kernel switches" are tasks leaving a CPU. */
enum metric_id {
	METRIC_WALL_NS,	 /* time at work */
	METRIC_ALONE_NS, /* the same, where it tells nothing unless the CPUs were free */
	METRIC_DONE,	 /* units of work */
	METRIC_CHECKSUM,
	METRIC_UNIT_NS,	    /* wall time for each unit */
	METRIC_UNIT_CPU_NS, /* time on a CPU for each unit */
	METRIC_UNIT_SWITCHES,
	METRIC_UNIT_USER_SWITCHES,
	METRIC_SWITCH_NS,	/* wall time for each kernel switch */
	METRIC_USER_SWITCH_NS,	/* and for each switch between coroutines */
	METRIC_KERNEL_PER_USER, /* kernel switches for each of those */
	METRIC_UNASKED,		/* switches that no step and no first run of a coroutine explains */
	METRIC_INVOLUNTARY,
	METRIC_THREADS,	     /* made */
	METRIC_POOL_THREADS, /* of a pool, that ran coroutines */
	METRIC_TASK_BYTES,   /* memory that each task added */
	METRIC_LATENCY_P50_NS,
	METRIC_TURNS,	   /* of event loops */
	METRIC_POLL_READY, /* events for each epoll_wait */
	METRIC_FIGURE,	   /* of the job's own, number `index` */
	N_METRICS,
};

enum metric_unit metric_unit(enum metric_id metric);

/* The figure, in metric_unit(); NAN when it was not measured. `index`: see METRIC_FIGURE, else 0. */
double metric_measure(enum metric_id metric, unsigned index, const struct lane_state *lane);

#endif
