/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state.h - what is known at an instant: lanes, CPUs, tasks; rates and their recent past.
 *
 * Built from events (state_apply) and counts (state_measure), read by views and sinks. Owned by who
 * made it; one thread. Views get it as const.
 */
#ifndef SWTCH_STATE_H
#define SWTCH_STATE_H

#include "event/counts.h"
#include "event/label.h"
#include "event/names.h"

#define N_SAMPLES 256 /* of recent past, one for each state_measure() */

#define SAMPLE_SLOT_NS 100000000ull

/* The recent past of one rate: sample i of n is values[(head - n + i) % N_SAMPLES]. */
struct series {
	float values[N_SAMPLES];   /* in units a second */
	uint16_t slots[N_SAMPLES]; /* when, in SAMPLE_SLOT_NS; wraps */
	unsigned n;		   /* up to N_SAMPLES */
	unsigned head;		   /* where the next goes */
};

/* The i-th newest value, 0 the newest; 0.0 beyond what is there. */
static inline float series_back(const struct series *series, unsigned i)
{
	return i < series->n ? series->values[(series->head - 1 - i) % N_SAMPLES] : 0;
}

/* And when that was. */
static inline uint16_t series_slot_back(const struct series *series, unsigned i)
{
	return series->slots[(series->head - 1 - i) % N_SAMPLES];
}

struct lane_state {
	struct lane_label label;
	unsigned n_starts; /* how often it was started: with another number its past is another */
	struct lane_counters total; /* over all CPUs, since the lane started */
	struct lane_work work;
	/* Over the last measured step, a second: */
	double switch_hz, voluntary_hz, involuntary_hz, user_switch_hz, work_hz;
	double wakeup_hz, migration_hz;
	double run_share, wait_share;  /* of one CPU */
	struct series switches, works; /* their past */
};

/* One CPU and lane. */
struct cell_state {
	uint64_t switches; /* since the lane started */
	double switch_hz;
	double run_share;   /* of this CPU */
	struct series past; /* switch_hz */
};

struct cpu_state {
	bool online;
	double other_hz;   /* switches of tasks in no lane */
	double idle_share; /* 0 to 1; negative: not known yet */
	uint32_t running;  /* task_word(), as the events say; 0 idle or unknown */
};

/* A stretch of time in one task's life that an event closed. */
struct slice {
	uint64_t start_ns, end_ns;
	uint32_t task; /* task_word() */
	uint16_t cpu;
	bool ran;      /* else: was runnable and waited */
	uint8_t state; /* as struct event's, when `ran` */
};

struct delta {
	unsigned n;
	struct slice slices[2];
};

struct state {
	unsigned n_cpus, n_lanes;
	uint64_t time_ns;	  /* of the last measurement */
	uint64_t step_ns;	  /* between the last two; 0 before there are two */
	uint64_t event_ns;	  /* of the last event */
	struct lane_state *lanes; /* [n_lanes]; lane 0 is what nobody asked for */
	struct cpu_state *cpus;	  /* [n_cpus] */
	struct cell_state *cells; /* [cpu * n_lanes + lane] */
	struct names *names;
	struct self_cost self;
	struct self_figures
		self_now;  /* over the last full second; before there is one, since the start */
	uint64_t n_events; /* applied */
	uint64_t n_lost;   /* told by EVENT_LOST */
	struct state_private *private;
};

/* NULL with ENOMEM. n_lanes counts lane 0. */
struct state *state_new(unsigned n_cpus, unsigned n_lanes);
void state_free(struct state *state);

/* What is known now, for who wants it to stay: to be read, not to be fed. NULL with ENOMEM. */
struct state *state_copy(const struct state *state);

/* Take in one event; `delta` gets the slices it closed, and may be NULL. */
void state_apply(struct state *state, const struct event *event, struct delta *delta);

/* Take in the counts of a later instant: totals, and rates over the step since the last call. */
void state_measure(struct state *state, const struct counts *counts);

/* A lane starts anew: its label, and no past. Its kernel counters must start from 0 as well. */
void state_start_lane(struct state *state, unsigned lane, const struct lane_label *label);

static inline struct cell_state *state_cell(const struct state *state, unsigned cpu, unsigned lane)
{
	return &state->cells[cpu * state->n_lanes + lane];
}

#endif
