// SPDX-License-Identifier: GPL-2.0-only
/*
 * timeline.c - what the timeline costs: an event taken into the overview, a frame of everything at
 * hand. Prints `name value unit`.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "source/source.h"
#include "state/history.h"
#include "state/overview.h"
#include "view/view.h"

#define N_EVENTS (1u << 18)
#define N_ROUNDS 21

struct machine {
	struct state *state;
	struct history *history;
	struct overview *overview;
};

static void take_in(const struct event *event, void *ctx)
{
	struct machine *machine = ctx;

	state_apply(machine->state, event, NULL);
	history_add(machine->history, event);
	overview_apply(machine->overview, event);
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

/* The median of rounds, and the longest of them. */
static void print(const char *name, unsigned n_cpus, double rounds[N_ROUNDS], const char *unit)
{
	qsort(rounds, N_ROUNDS, sizeof(*rounds), compare);
	printf("%s_%ucpus %.2f %s (longest of %d: %.2f)\n", name, n_cpus, rounds[N_ROUNDS / 2],
	       unit, N_ROUNDS, rounds[N_ROUNDS - 1]);
}

static void measure_frames(const struct machine *machine, struct settings *settings,
			   unsigned n_cpus, const char *name)
{
	struct grid grid = { 0 };
	double rounds[N_ROUNDS];

	if (grid_init(&grid, settings->n_rows, settings->n_columns, false))
		exit(1);
	for (unsigned i = 0; i < N_ROUNDS; i++) {
		uint64_t begin_ns = clock_now_ns();

		if (timeline_update(machine->state, settings))
			exit(1);
		view_draw(machine->state, settings, &grid);
		rounds[i] = (double)(clock_now_ns() - begin_ns) / NS_PER_MS;
	}
	print(name, n_cpus, rounds, "ms");
	grid_fini(&grid);
}

static void measure_overview(const struct machine *machine, unsigned n_cpus)
{
	size_t n = history_n(machine->history);
	double rounds[N_ROUNDS];

	for (unsigned i = 0; i < N_ROUNDS; i++) {
		struct overview *overview = overview_new(n_cpus, 4, 64u << 20);
		uint64_t begin_ns = clock_now_ns();

		for (size_t j = 0; overview && j < n; j++)
			overview_apply(overview, history_at(machine->history, j));
		rounds[i] = (double)(clock_now_ns() - begin_ns) / (double)n;
		overview_free(overview);
	}
	print("overview_apply", n_cpus, rounds, "ns");
}

static void measure(unsigned n_cpus)
{
	struct source *source = source_synth_new(n_cpus, 1000, 1);
	struct machine machine = { state_new(n_cpus, source ? source->n_lanes : 4),
				   history_new(N_EVENTS), overview_new(n_cpus, 4, 8u << 20) };
	struct settings settings = { .view = VIEW_TIMELINE,
				     .n_rows = 60,
				     .n_columns = 200,
				     .start_ns = NS_PER_S,
				     .timeline_events = machine.history,
				     .overview = machine.overview };

	if (!source || !machine.state || !machine.history || !machine.overview)
		exit(1);
	while (history_n(machine.history) < N_EVENTS) {
		source_synth_advance(source, 50 * NS_PER_MS);
		if (source->poll(source, take_in, &machine) < 0)
			exit(1);
	}
	measure_overview(&machine, n_cpus);
	measure_frames(&machine, &settings, n_cpus, "timeline_frame");
	for (unsigned cpu = 0; cpu < n_cpus; cpu++) /* every CPU unfolded */
		settings.timeline.cpus[cpu / 64] |= n_cpus > 4 ? 1ull << cpu % 64 : 0;
	measure_frames(&machine, &settings, n_cpus, "timeline_frame_unfolded");
	settings.timeline.zoom = 1 + 9; /* 1 us a column */
	measure_frames(&machine, &settings, n_cpus, "timeline_frame_close");
	overview_free(machine.overview);
	history_free(machine.history);
	state_free(machine.state);
	source->free(source);
}

int main(void)
{
	measure(2);
	measure(256);
	measure(1024);
	return 0;
}
