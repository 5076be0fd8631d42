// SPDX-License-Identifier: GPL-2.0-only
/*
 * timeline.c - what the timeline costs: an event taken into the overview, a frame of everything at
 * hand.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cpu_time.h"
#include "source/source.h"
#include "state/history.h"
#include "state/overview.h"
#include "view/view.h"

#define N_EVENTS (1u << 18)

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

static void measure_frame(const struct machine *machine, struct settings *settings, unsigned n_cpus,
			  const char *name)
{
	struct grid grid = { 0 };
	uint64_t begin_ns;

	if (grid_init(&grid, settings->n_rows, settings->n_columns, false))
		exit(1);
	view_draw(machine->state, settings, &grid); /* the caches are warm for a next frame, too */
	begin_ns = cpu_time_ns();
	if (timeline_update(machine->state, settings))
		exit(1);
	view_draw(machine->state, settings, &grid);
	printf("%s_%ucpus %.2f ms\n", name, n_cpus, (double)(cpu_time_ns() - begin_ns) / NS_PER_MS);
	grid_fini(&grid);
}

static void apply_all(const struct machine *machine, struct overview *overview)
{
	size_t n = history_n(machine->history);

	for (size_t i = 0; i < n; i++)
		overview_apply(overview, history_at(machine->history, i));
}

/* Into memory that is there: what it takes the kernel to find that is paid once. */
static void measure_overview(const struct machine *machine, unsigned n_cpus)
{
	uint64_t begin_ns;

	overview_clear(machine->overview);
	apply_all(machine, machine->overview);
	overview_clear(machine->overview);
	begin_ns = cpu_time_ns();
	apply_all(machine, machine->overview);
	printf("overview_apply_%ucpus %.2f ns\n", n_cpus,
	       (double)(cpu_time_ns() - begin_ns) / (double)history_n(machine->history));
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
	measure_frame(&machine, &settings, n_cpus, "timeline_frame");
	for (unsigned cpu = 0; cpu < n_cpus; cpu++) /* every CPU unfolded */
		settings.timeline.cpus[cpu / 64] |= n_cpus > 4 ? 1ull << cpu % 64 : 0;
	measure_frame(&machine, &settings, n_cpus, "timeline_frame_unfolded");
	settings.timeline.zoom = 1 + 9; /* 1 us a column */
	measure_frame(&machine, &settings, n_cpus, "timeline_frame_close");
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
