/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * figures.h - what the screen says, made from what is: numbers that hold still for a quarter of a
 * second, bars that glide, and one scale for all of them. Owned by who made it; one thread.
 */
#ifndef SWTCH_FIGURES_H
#define SWTCH_FIGURES_H

#include "state/state.h"

#define FIGURES_HOLD_NS	 250000000ull
#define FIGURES_GLIDE_NS 150000000ull

/* A rate as a number, and as it is drawn. */
struct figure {
	double number; /* the mean of the last second; changes four times a second */
	double bar;    /* is the number, FIGURES_GLIDE_NS after that changed */
};

struct lane_figures {
	struct figure switches, works;
	double user_switch_hz;
	struct lane_counters total;
	struct lane_work work;
	struct lane_label label;
};

struct figures {
	unsigned n_cpus, n_lanes;
	struct lane_figures *lanes;			      /* [n_lanes] */
	struct figure *cells;				      /* [cpu * n_lanes + lane] */
	struct figure *others;				      /* [cpu] switches of others' tasks */
	double *idle;					      /* [cpu] share; negative: not known */
	double cell_scale_hz, switch_scale_hz, work_scale_hz; /* what a full bar means */
	struct self_cost self;
	struct self_figures self_now;
	uint64_t n_lost;
	uint64_t n_lost_before;	    /* of the runs before this one */
	uint64_t turned_ns;	    /* when a lane began or ended last */
	uint64_t held_ns, moved_ns; /* when numbers, and bars, were last touched */
};

/* For as many CPUs and lanes as the state has. 0 or -ENOMEM; figures_fini takes zeroed memory. */
int figures_init(struct figures *figures, const struct state *state);
void figures_fini(struct figures *figures);

/* Another run: nothing glides from the last one, and what that lost is not counted. */
void figures_restart(struct figures *figures, uint64_t n_lost_before);

/* Once a frame. `now_ns` is the clock of frames, whichever; it must not go back. */
void figures_tick(struct figures *figures, const struct state *state, uint64_t now_ns);

static inline const struct figure *figures_cell(const struct figures *figures, unsigned cpu,
						unsigned lane)
{
	return &figures->cells[cpu * figures->n_lanes + lane];
}

#endif
