// SPDX-License-Identifier: GPL-2.0-only
/* state.c - totals and rates from counts; names, running tasks and slices from events. */
#include "state/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* The counts of the last measurement, which rates are taken against. */
struct state_private {
	struct counts last;
	bool has_last;
	struct self_cost self_then; /* when the second began over which self_now is taken */
	bool has_second;
};

struct state *state_new(unsigned n_cpus, unsigned n_lanes)
{
	struct state *state = calloc(1, sizeof(*state));

	if (!state)
		return NULL;
	state->n_cpus = n_cpus;
	state->n_lanes = n_lanes;
	state->lanes = calloc(n_lanes, sizeof(*state->lanes));
	state->cpus = calloc(n_cpus, sizeof(*state->cpus));
	state->cells = calloc((size_t)n_cpus * n_lanes, sizeof(*state->cells));
	state->names = names_new();
	state->private = calloc(1, sizeof(*state->private));
	if (!state->lanes || !state->cpus || !state->cells || !state->names || !state->private ||
	    counts_init(&state->private->last, n_cpus, n_lanes)) {
		state_free(state);
		return NULL;
	}
	for (unsigned cpu = 0; cpu < n_cpus; cpu++)
		state->cpus[cpu].idle_share = -1;
	return state;
}

void state_free(struct state *state)
{
	if (!state)
		return;
	if (state->private)
		counts_fini(&state->private->last);
	free(state->private);
	names_free(state->names);
	free(state->cells);
	free(state->cpus);
	free(state->lanes);
	free(state);
}

struct state *state_copy(const struct state *state)
{
	struct state *copy = state_new(state->n_cpus, state->n_lanes);
	size_t n_cells = (size_t)state->n_cpus * state->n_lanes;
	struct state fresh;

	if (!copy)
		return NULL;
	fresh = *copy;
	*copy = *state;
	copy->lanes = fresh.lanes;
	copy->cpus = fresh.cpus;
	copy->cells = fresh.cells;
	copy->private = fresh.private;
	names_free(fresh.names);
	copy->names = names_copy(state->names);
	if (!copy->names) {
		state_free(copy);
		return NULL;
	}
	memcpy(copy->lanes, state->lanes, state->n_lanes * sizeof(*copy->lanes));
	memcpy(copy->cpus, state->cpus, state->n_cpus * sizeof(*copy->cpus));
	memcpy(copy->cells, state->cells, n_cells * sizeof(*copy->cells));
	return copy;
}

void state_start_lane(struct state *state, unsigned lane, const struct lane_label *label)
{
	struct counts *last = &state->private->last;

	state->lanes[lane] =
		(struct lane_state){ .label = *label, .n_starts = state->lanes[lane].n_starts + 1 };
	last->work[lane] = (struct lane_work){ 0 };
	for (unsigned cpu = 0; cpu < state->n_cpus; cpu++) {
		*state_cell(state, cpu, lane) = (struct cell_state){ 0 };
		*counts_cell(last, cpu, lane) = (struct lane_counters){ 0 };
	}
}

static void push(struct series *series, double value, uint64_t time_ns)
{
	series->values[series->head] = (float)value;
	series->slots[series->head] = (uint16_t)(time_ns / SAMPLE_SLOT_NS);
	series->head = (series->head + 1) % N_SAMPLES;
	if (series->n < N_SAMPLES)
		series->n++;
}

/* How far a cumulative figure moved, a second. One that fell back or is unknown has no rate. */
static double rate(uint64_t now, uint64_t before, uint64_t step_ns)
{
	if (!step_ns || now == COUNT_UNKNOWN || before == COUNT_UNKNOWN || now < before)
		return 0;
	return (double)(now - before) * NS_PER_S / (double)step_ns;
}

static void measure_cell(struct state *state, const struct counts *counts, unsigned cpu,
			 unsigned lane, struct lane_counters *sum, struct lane_counters *last_sum)
{
	const struct lane_counters *now = counts_cell(counts, cpu, lane);
	const struct lane_counters *last = counts_cell(&state->private->last, cpu, lane);
	struct cell_state *cell = state_cell(state, cpu, lane);

	cell->switches = now->voluntary + now->involuntary;
	cell->switch_hz = rate(cell->switches, last->voluntary + last->involuntary, state->step_ns);
	cell->run_share = rate(now->run_ns, last->run_ns, state->step_ns) / NS_PER_S;
	push(&cell->past, cell->switch_hz, counts->time_ns);
	counters_add(sum, now);
	counters_add(last_sum, last);
}

static void measure_lane(struct state *state, const struct counts *counts, unsigned lane)
{
	struct lane_state *known = &state->lanes[lane];
	const struct lane_work *work = &counts->work[lane];
	const struct lane_work *last_work = &state->private->last.work[lane];
	struct lane_counters now = { 0 }, last = { 0 };
	uint64_t step = state->step_ns;

	for (unsigned cpu = 0; cpu < state->n_cpus; cpu++)
		measure_cell(state, counts, cpu, lane, &now, &last);

	known->voluntary_hz = rate(now.voluntary, last.voluntary, step);
	known->involuntary_hz = rate(now.involuntary, last.involuntary, step);
	known->switch_hz = known->voluntary_hz + known->involuntary_hz;
	known->wakeup_hz = rate(now.wakeups, last.wakeups, step);
	known->migration_hz = rate(now.migrations, last.migrations, step);
	known->run_share = rate(now.run_ns, last.run_ns, step) / NS_PER_S;
	known->wait_share = rate(now.wait_ns, last.wait_ns, step) / NS_PER_S;
	known->work_hz = rate(work->done, last_work->done, step);
	known->user_switch_hz = rate(work->user_switches, last_work->user_switches, step);
	push(&known->switches, known->switch_hz, counts->time_ns);
	push(&known->works, known->work_hz, counts->time_ns);
	known->total = now;
	known->work = *work;
}

static void measure_cpu(struct state *state, const struct counts *counts, unsigned cpu)
{
	const struct cpu_time *now = &counts->times[cpu];
	const struct cpu_time *last = &state->private->last.times[cpu];
	struct cpu_state *known = &state->cpus[cpu];

	known->online = counts->online[cpu];
	if (!known->online)
		known->idle_share = -1; /* it is not idle, it is not there */
	known->other_hz = rate(counts->cpus[cpu].other_switches,
			       state->private->last.cpus[cpu].other_switches, state->step_ns);
	if (!state->step_ns || now->idle_ns < last->idle_ns || now->busy_ns < last->busy_ns)
		return;

	/* /proc/stat moves in ticks: over a step without one, the share known before stands. */
	uint64_t idle = now->idle_ns - last->idle_ns;
	uint64_t all = idle + now->busy_ns - last->busy_ns;

	if (all)
		known->idle_share = (double)idle / (double)all;

	/* The kernel looks at each tick whom to charge; whoever runs between ticks is not seen by it. */
	double left = 1;

	for (unsigned lane = 1; lane < state->n_lanes; lane++)
		left -= state_cell(state, cpu, lane)->run_share;
	if (known->idle_share > left)
		known->idle_share = left > 0 ? left : 0;
}

/*
 * Few switches are timed, and a tick is short: figures are those of full seconds. Which these are does
 * not depend on when it was looked at first, so that who jumps into a recording sees what was seen.
 */
static void measure_self(struct state *state, const struct self_cost *self)
{
	struct state_private *private = state->private;
	struct self_cost *then = &private->self_then;
	struct self_figures all;

	state->self = *self;
	self_figures_of(self, &all);
	if (!private->has_last || self->watch_ns < then->watch_ns) {
		*then = *self;
		private->has_second = false;
	} else if (self->watch_ns / NS_PER_S != then->watch_ns / NS_PER_S) {
		self_figures_between(then, self, &state->self_now);
		if (isnan(state->self_now.hook_ns)) /* none was timed */
			state->self_now.hook_ns = all.hook_ns;
		*then = *self;
		private->has_second = true;
	}
	if (!private->has_second)
		state->self_now = all;
}

void state_measure(struct state *state, const struct counts *counts)
{
	struct state_private *private = state->private;

	state->step_ns = private->has_last && counts->time_ns > state->time_ns
				 ? counts->time_ns - state->time_ns
				 : 0;
	state->time_ns = counts->time_ns;
	for (unsigned lane = 0; lane < state->n_lanes; lane++)
		measure_lane(state, counts, lane);
	for (unsigned cpu = 0; cpu < state->n_cpus; cpu++)
		measure_cpu(state, counts, cpu);
	measure_self(state, &counts->self);
	counts_copy(&private->last, counts);
	private->has_last = true;
}

static void close_slice(struct delta *delta, const struct event *event, uint32_t task,
			uint32_t length_ns, bool ran)
{
	if (!delta || !length_ns || !task_lane(task) || event->time_ns < length_ns)
		return;
	delta->slices[delta->n++] = (struct slice){ .start_ns = event->time_ns - length_ns,
						    .end_ns = event->time_ns,
						    .task = task,
						    .cpu = event->cpu,
						    .ran = ran,
						    .state = event->state };
}

void state_apply(struct state *state, const struct event *event, struct delta *delta)
{
	if (delta)
		delta->n = 0;
	state->n_events++;
	state->event_ns = event->time_ns;
	names_apply(state->names, event);
	if (event->kind == EVENT_LOST) {
		state->n_lost += event->lost.n;
		if (event->cpu < state->n_cpus)
			state->cpus[event->cpu].running = 0; /* unknown after a gap */
	} else if (event->kind == EVENT_SWITCH) {
		if (event->cpu < state->n_cpus)
			state->cpus[event->cpu].running = event->to.next;
		close_slice(delta, event, event->task, event->to.ran_ns, true);
		close_slice(delta, event, event->to.next, event->to.waited_ns, false);
	}
}
