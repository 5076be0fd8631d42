// SPDX-License-Identifier: GPL-2.0-only
/*
 * sink.c - what it takes to write an event in each format: events of the made-up machine, kept in
 * memory first, then written to /dev/null.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cpu_time.h"
#include "sink/sink.h"
#include "source/source.h"

#define N_EVENTS 1000000u
#define N_CPUS	 4

struct tape_in_memory {
	struct event *events;
	size_t n;
};

static void keep(const struct event *event, void *ctx)
{
	struct tape_in_memory *memory = ctx;

	if (memory->n < N_EVENTS)
		memory->events[memory->n++] = *event;
}

static uint64_t write_all(const struct sink_format *format, const struct tape_in_memory *memory)
{
	FILE *out = fopen("/dev/null", "w");
	struct state *state = state_new(N_CPUS, 4);
	struct sink_context context = { .names = state->names,
					.lanes = state->lanes,
					.n_lanes = 4,
					.n_cpus = N_CPUS,
					.start_ns = memory->events[0].time_ns,
					.from_ns = memory->events[0].time_ns,
					.to_ns = memory->events[memory->n - 1].time_ns };
	struct sink *sink = format->make(out, &context);
	uint64_t start_ns = cpu_time_ns();
	struct delta delta;

	for (size_t i = 0; i < memory->n; i++) {
		state_apply(state, &memory->events[i], &delta);
		sink->event(sink, &memory->events[i], &delta);
	}
	sink_flush(sink);
	start_ns = cpu_time_ns() - start_ns;
	sink_free(sink);
	state_free(state);
	fclose(out);
	return start_ns;
}

int main(void)
{
	struct tape_in_memory memory = { .events = malloc(N_EVENTS * sizeof(struct event)) };
	struct source *source = source_synth_new(N_CPUS, 12, 1);

	while (memory.n < N_EVENTS) {
		source_synth_advance(source, 10 * NS_PER_MS);
		source->poll(source, keep, &memory);
	}
	for (const struct sink_format *format = sink_formats; format->name; format++)
		printf("write_%s %.0f ns/event\n", format->name,
		       (double)write_all(format, &memory) / N_EVENTS);
	source->free(source);
	free(memory.events);
	return 0;
}
