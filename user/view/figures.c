// SPDX-License-Identifier: GPL-2.0-only
/* figures.c - the mean of a second for numbers, an easing for bars, a scale that stays put. */
#include "view/figures.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"

#define SCALE_DOWN 0.3 /* a scale is let go once less than this share of it is used */
#define TURN_NS	   (1500 * NS_PER_MS) /* after a turn, until the mean of a second is all of the new */
#define RATE_SHOWN 0.05		      /* a rate below this is written as 0 */

int figures_init(struct figures *figures, const struct state *state)
{
	*figures = (struct figures){ .n_cpus = state->n_cpus, .n_lanes = state->n_lanes };
	figures->lanes = calloc(state->n_lanes, sizeof(*figures->lanes));
	figures->cells = calloc((size_t)state->n_cpus * state->n_lanes, sizeof(*figures->cells));
	figures->others = calloc(state->n_cpus, sizeof(*figures->others));
	figures->idle = calloc(state->n_cpus, sizeof(*figures->idle));
	if (!figures->lanes || !figures->cells || !figures->others || !figures->idle) {
		figures_fini(figures);
		return -ENOMEM;
	}
	return 0;
}

void figures_fini(struct figures *figures)
{
	free(figures->lanes);
	free(figures->cells);
	free(figures->others);
	free(figures->idle);
	*figures = (struct figures){ 0 };
}

static double mean(const struct series *series, unsigned n)
{
	double sum = 0;

	if (n > series->n)
		n = series->n;
	for (unsigned i = 0; i < n; i++)
		sum += series_back(series, i);
	return n ? sum / n : 0;
}

/* How many measurements make a stretch of time. */
static unsigned samples_in(const struct state *state, uint64_t ns)
{
	uint64_t n = state->step_ns ? (ns + state->step_ns / 2) / state->step_ns : 1;

	return n < 1 ? 1 : n > N_SAMPLES ? N_SAMPLES : (unsigned)n;
}

/* The next of 1, 2, 5, 10, ... above. */
static double round_up(double value)
{
	double power = 1;

	while (power * 10 < value)
		power *= 10;
	return power * (value <= power ? 1 : value <= 2 * power ? 2 : value <= 5 * power ? 5 : 10);
}

/* Nothing has no scale; in the first moments of a turn it fits tightly, then it stays put. */
static void rescale(double *scale, double largest, bool is_new)
{
	if (largest < RATE_SHOWN)
		*scale = 0;
	else if (is_new || largest > *scale || largest < *scale * SCALE_DOWN)
		*scale = round_up(largest);
}

static void rescale_all(struct figures *figures, bool is_new)
{
	double cell_max = 0, switch_max = 0, work_max = 0;

	for (unsigned lane = 1; lane < figures->n_lanes; lane++) {
		const struct lane_figures *figure = &figures->lanes[lane];

		if (figure->switches.number > switch_max)
			switch_max = figure->switches.number;
		if (figure->works.number > work_max)
			work_max = figure->works.number;
		for (unsigned cpu = 0; cpu < figures->n_cpus; cpu++)
			if (figures_cell(figures, cpu, lane)->number > cell_max)
				cell_max = figures_cell(figures, cpu, lane)->number;
	}
	rescale(&figures->cell_scale_hz, cell_max, is_new);
	rescale(&figures->switch_scale_hz, switch_max, is_new);
	rescale(&figures->work_scale_hz, work_max, is_new);
}

/* What is written as 0 has no bar. */
static void glide(struct figure *figure, double ease)
{
	if (ease >= 1 || figure->number < RATE_SHOWN)
		figure->bar = figure->number < RATE_SHOWN ? 0 : figure->number;
	else
		figure->bar += (figure->number - figure->bar) * ease;
}

static void move_bars(struct figures *figures, double ease)
{
	for (unsigned lane = 1; lane < figures->n_lanes; lane++) {
		glide(&figures->lanes[lane].switches, ease);
		glide(&figures->lanes[lane].works, ease);
		for (unsigned cpu = 0; cpu < figures->n_cpus; cpu++)
			glide(&figures->cells[cpu * figures->n_lanes + lane], ease);
	}
}

static void hold_numbers(struct figures *figures, const struct state *state, uint64_t now_ns)
{
	unsigned n = samples_in(state, NS_PER_S);

	for (unsigned lane = 1; lane < figures->n_lanes; lane++) {
		const struct lane_state *known = &state->lanes[lane];
		struct lane_figures *figure = &figures->lanes[lane];

		if (figure->label.phase != known->label.phase)
			figures->turned_ns = now_ns;
		figure->switches.number = mean(&known->switches, n);
		figure->works.number = mean(&known->works, n);
		figure->user_switch_hz = known->user_switch_hz;
		figure->total = known->total;
		figure->work = known->work;
		figure->label = known->label;
		for (unsigned cpu = 0; cpu < figures->n_cpus; cpu++)
			figures->cells[cpu * figures->n_lanes + lane].number =
				mean(&state_cell(state, cpu, lane)->past, n);
	}
	for (unsigned cpu = 0; cpu < figures->n_cpus; cpu++) {
		figures->others[cpu].number = state->cpus[cpu].other_hz;
		figures->idle[cpu] = state->cpus[cpu].idle_share;
	}
	figures->self = state->self;
	figures->self_now = state->self_now;
	figures->n_lost = state->self.lost_events > figures->n_lost_before
				  ? state->self.lost_events - figures->n_lost_before
				  : 0;
}

void figures_restart(struct figures *figures, uint64_t n_lost_before)
{
	figures->moved_ns = 0;
	figures->n_lost_before = n_lost_before;
}

void figures_tick(struct figures *figures, const struct state *state, uint64_t now_ns)
{
	bool first = !figures->moved_ns;
	uint64_t there_ns;
	double ease = 1;

	if (first || now_ns - figures->held_ns >= FIGURES_HOLD_NS) {
		figures->held_ns = now_ns;
		hold_numbers(figures, state, now_ns);
		rescale_all(figures, first || now_ns - figures->turned_ns < TURN_NS);
	}
	/* At one speed from where the bars are to where they must be by then. */
	there_ns = figures->held_ns + FIGURES_GLIDE_NS;
	if (!first && now_ns < there_ns)
		ease = (double)(now_ns - figures->moved_ns) /
		       (double)(there_ns - figures->moved_ns);
	figures->moved_ns = now_ns;
	move_bars(figures, ease);
}
