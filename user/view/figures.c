// SPDX-License-Identifier: GPL-2.0-only
/* figures.c - the mean of a second for numbers, an easing for bars, a scale that stays put. */
#include "view/figures.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"

#define EASE_NS	   (120 * NS_PER_MS) /* bars have gone two thirds of their way after this */
#define SCALE_DOWN 0.3		     /* a scale is let go once less than this share of it is used */

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

static void rescale(double *scale, double largest)
{
	if (largest > *scale || largest < *scale * SCALE_DOWN)
		*scale = round_up(largest);
}

static void glide(struct figure *figure, const struct series *past, unsigned n, double ease)
{
	double target = mean(past, n);

	figure->bar += (target - figure->bar) * ease;
	if (figure->bar < target * 0.01 || (target <= 0 && figure->bar < 0.5))
		figure->bar = target; /* an asymptote is no place to end */
}

static void move_bars(struct figures *figures, const struct state *state, double ease)
{
	unsigned n = samples_in(state, 300 * NS_PER_MS);
	double cell_max = 0, switch_max = 0, work_max = 0;

	for (unsigned lane = 1; lane < figures->n_lanes; lane++) {
		struct lane_figures *figure = &figures->lanes[lane];

		glide(&figure->switches, &state->lanes[lane].switches, n, ease);
		glide(&figure->works, &state->lanes[lane].works, n, ease);
		if (figure->switches.bar > switch_max)
			switch_max = figure->switches.bar;
		if (figure->works.bar > work_max)
			work_max = figure->works.bar;
		for (unsigned cpu = 0; cpu < figures->n_cpus; cpu++) {
			struct figure *cell = &figures->cells[cpu * figures->n_lanes + lane];

			glide(cell, &state_cell(state, cpu, lane)->past, n, ease);
			if (cell->bar > cell_max)
				cell_max = cell->bar;
		}
	}
	rescale(&figures->cell_scale_hz, cell_max);
	rescale(&figures->switch_scale_hz, switch_max);
	rescale(&figures->work_scale_hz, work_max);
}

static void hold_numbers(struct figures *figures, const struct state *state)
{
	unsigned n = samples_in(state, NS_PER_S);

	for (unsigned lane = 1; lane < figures->n_lanes; lane++) {
		const struct lane_state *known = &state->lanes[lane];
		struct lane_figures *figure = &figures->lanes[lane];

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
	figures->self_cpu_share = state->self_cpu_share;
	figures->n_lost = state->self.lost_events;
}

void figures_tick(struct figures *figures, const struct state *state, uint64_t now_ns)
{
	uint64_t since_ns = now_ns - figures->moved_ns;
	bool first = !figures->moved_ns;

	/* Near enough to 1 - exp(-t / EASE), without needing libm. */
	double ease = (double)since_ns / (double)(since_ns + EASE_NS);

	figures->moved_ns = now_ns;
	move_bars(figures, state, first ? 1 : ease);
	if (first || now_ns - figures->held_ns >= FIGURES_HOLD_NS) {
		figures->held_ns = now_ns;
		hold_numbers(figures, state);
	}
}
