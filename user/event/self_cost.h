/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * self_cost.h - what watching itself costs: what is counted of it, and what follows from that.
 *
 * Nothing here is computed from a constant: what was not measured is COUNT_UNKNOWN, and NAN as a
 * figure. No state; any thread may call.
 */
#ifndef SWTCH_SELF_COST_H
#define SWTCH_SELF_COST_H

#include <stdint.h>

struct self_cost {
	uint64_t hook_ns;     /* sum over the timed switches, the timing itself taken off */
	uint64_t hook_n;      /* how many were timed */
	uint64_t cpu_ns;      /* CPU time of all our own processes, from their start */
	uint64_t lost_events; /* records overwritten before they were read */
	uint64_t n_events;    /* records and marks read */
	/* Since the probes were attached; older recordings do not say. */
	uint64_t watch_ns;	/* how long ago that was */
	uint64_t watch_cpu_ns;	/* CPU time of all our own processes since then */
	uint64_t read_bytes;	/* of records and marks */
	uint64_t written_bytes; /* of a recording, while one is made */
	uint64_t n_switches;	/* of our own processes, which no lane and nobody else counts */
};

/* Nothing counted, and what older recordings do not say unknown. */
extern const struct self_cost self_cost_unknown;

struct self_figures {
	double hook_ns;	  /* a switch, of those that were timed */
	double cpu_share; /* of one CPU, of all our own processes; 1 is all of it */
	double event_ns;  /* CPU time of all our own processes for each record read */
	double read_hz;	  /* bytes a second out of rings and marks */
	double written_hz;
	double switch_hz; /* our own */
};

/* What it cost between two readings of the same counters. */
void self_figures_between(const struct self_cost *from, const struct self_cost *to,
			  struct self_figures *figures);

/* And since the probes were attached. */
void self_figures_of(const struct self_cost *self, struct self_figures *figures);

/* A figure as an integer; COUNT_UNKNOWN where there is none. */
uint64_t self_whole(double figure);

#endif
