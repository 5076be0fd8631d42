// SPDX-License-Identifier: GPL-2.0-only
/*
 * merge_state.c - how many events a second one thread puts into one order and builds the live view's
 * state from: merge, state, history, overview. Events of the made-up machine, made beforehand and
 * kept CPU by CPU. Prints `name value unit`.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cpu_time.h"
#include "source/merge.h"
#include "source/source.h"
#include "state/history.h"
#include "state/overview.h"
#include "state/state.h"

#define N_EVENTS  (1u << 20)
#define N_HISTORY (1u << 18) /* as the live view has them */
#define OVERVIEW  (8u << 20)
#define N_TASKS	  10000
#define BATCH_NS  (20 * NS_PER_MS) /* between two looks at the rings */
#define SLACK_NS  NS_PER_MS
#define N_QUEUED  (1u << 20)
#define N_LANES	  4

/* The events of one CPU, in order. */
struct stream {
	struct event *events;
	size_t n, n_room;
};

struct machine {
	unsigned n_cpus, last_cpu;
	size_t n;
	uint64_t begin_ns, end_ns;
	struct stream *streams;
};

static void keep(const struct event *event, void *ctx)
{
	struct machine *machine = ctx;
	struct stream *stream;

	/* A name has bytes where others have their CPU, and comes behind one of its own CPU. */
	if (event->kind != EVENT_NAME)
		machine->last_cpu = event->cpu;
	stream = &machine->streams[machine->last_cpu];
	if (stream->n == stream->n_room) {
		stream->n_room = stream->n_room ? stream->n_room * 2 : 1024;
		stream->events = realloc(stream->events, stream->n_room * sizeof(*event));
		if (!stream->events)
			exit(1);
	}
	stream->events[stream->n++] = *event;
	machine->end_ns = event->time_ns;
	if (!machine->n++)
		machine->begin_ns = event->time_ns;
}

static void make_up(struct machine *machine, unsigned n_cpus)
{
	struct source *source = source_synth_new(n_cpus, N_TASKS, 1);

	*machine = (struct machine){ .n_cpus = n_cpus,
				     .streams = calloc(n_cpus, sizeof(*machine->streams)) };
	if (!source || !machine->streams)
		exit(1);
	while (machine->n < N_EVENTS) {
		source_synth_advance(source, 20 * NS_PER_MS);
		if (source->poll(source, keep, machine) < 0)
			exit(1);
	}
	source->free(source);
}

static void forget(struct machine *machine)
{
	for (unsigned cpu = 0; cpu < machine->n_cpus; cpu++)
		free(machine->streams[cpu].events);
	free(machine->streams);
}

struct taker {
	struct state *state;
	struct history *history;
	struct overview *overview;
	uint64_t sum;
};

static void take_all(const struct event *event, void *ctx)
{
	struct taker *taker = ctx;

	state_apply(taker->state, event, NULL);
	history_add(taker->history, event);
	overview_apply(taker->overview, event);
}

static void take_none(const struct event *event, void *ctx)
{
	((struct taker *)ctx)->sum += event->time_ns;
}

/* All events once, as if they were read from rings every BATCH_NS. */
static uint64_t pass(const struct machine *machine, struct taker *taker, source_fn fn)
{
	struct merge *merge = merge_new(machine->n_cpus, N_QUEUED);
	size_t *next = calloc(machine->n_cpus, sizeof(*next)), n = 0;
	uint64_t begin_ns = cpu_time_ns(), now_ns = machine->begin_ns;

	if (!merge || !next)
		exit(1);
	while (now_ns <= machine->end_ns) {
		now_ns += BATCH_NS;
		for (unsigned cpu = 0; cpu < machine->n_cpus; cpu++) {
			const struct stream *stream = &machine->streams[cpu];

			while (next[cpu] < stream->n && stream->events[next[cpu]].time_ns < now_ns)
				if (merge_push(merge, cpu, &stream->events[next[cpu]++]))
					exit(1);
		}
		n += merge_drain(merge, now_ns - SLACK_NS, fn, taker);
	}
	n += merge_flush(merge, fn, taker);
	if (n != machine->n)
		exit(1);
	merge_free(merge);
	free(next);
	return cpu_time_ns() - begin_ns;
}

static void print(const char *what, const struct machine *machine, uint64_t ns)
{
	printf("%s_%ucpus %.2f Mevents/s %.1f ns an event\n", what, machine->n_cpus,
	       (double)machine->n * 1e3 / (double)ns, (double)ns / (double)machine->n);
}

static void measure(unsigned n_cpus)
{
	struct taker taker = { state_new(n_cpus, N_LANES), history_new(N_HISTORY),
			       overview_new(n_cpus, N_LANES, OVERVIEW), 0 };
	struct machine machine;

	if (!taker.state || !taker.history || !taker.overview)
		exit(1);
	make_up(&machine, n_cpus);
	pass(&machine, &taker, take_all); /* memory is there from now on */
	overview_clear(taker.overview);
	print("merge", &machine, pass(&machine, &taker, take_none));
	print("merge_state", &machine, pass(&machine, &taker, take_all));
	forget(&machine);
	overview_free(taker.overview);
	history_free(taker.history);
	state_free(taker.state);
}

int main(void)
{
	measure(2);
	measure(16);
	measure(256);
	measure(1024);
	return 0;
}
