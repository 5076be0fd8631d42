// SPDX-License-Identifier: GPL-2.0-only
/* live_tape.c - a scene that is played from a recording: what the deck passes is taken in. */
#include <errno.h>
#include <string.h>

#include "cmd/live.h"

static void take_counts(const struct counts *counts, void *ctx)
{
	struct scene *scene = ctx;

	state_measure(scene->state, counts);
}

static void take_lane(unsigned lane, const struct lane_label *label, bool starts, void *ctx)
{
	struct scene *scene = ctx;

	if (lane >= scene->state->n_lanes)
		return;
	if (starts)
		state_start_lane(scene->state, lane, label);
	else
		scene->state->lanes[lane].label = *label;
}

/* With another run the events of the one before go, as they do live. */
static void take_run(const struct run_facts *run, void *ctx)
{
	struct scene *scene = ctx;
	uint64_t start_ns = tape_start_ns(scene->tape, run);

	if (start_ns != scene->start_ns && scene->start_ns) {
		history_clear(scene->history);
		scene_forget_latency(scene);
	}
	scene->start_ns = start_ns;
	scene->facts = *run;
}

/*
 * Told again and again, and mostly known. Who was not seen before was called so before all that is in
 * the history; else it is an event, in no lane, so that it has no line of its own.
 */
static void take_name(uint32_t word, const char *name, void *ctx)
{
	struct scene *scene = ctx;
	struct event event = { .time_ns = deck_position_ns(scene->deck),
			       .kind = EVENT_NAME,
			       .task = task_word(task_pid(word), 0) };

	if (!*name || !strcmp(names_get(scene->state->names, task_pid(word)), name))
		return;
	event_set_name(&event, name);
	names_apply(scene->state->names, &event);
	if (!history_name_first(scene->history, &event))
		history_add(scene->history, &event);
}

static int forget(void *ctx)
{
	struct scene *scene = ctx;
	struct state *state = state_new(scene->state->n_cpus, scene->state->n_lanes);

	if (!state)
		return -ENOMEM;
	state_free(scene->state);
	scene->state = state;
	history_forget(scene->history);
	ledger_clear(scene->ledger);
	task_states_clear(scene->task_states);
	coroutines_clear(scene->coroutines);
	scene_forget_latency(scene);
	scene->start_ns = 0;
	return 0;
}

int scene_open_tape(struct scene *scene, const struct options *options, struct tape *tape,
		    struct error *error)
{
	const struct tape_facts *facts = tape_facts(tape);
	struct deck_taker taker = { .visitor = { .event = scene_take_event,
						 .counts = take_counts,
						 .lane = take_lane,
						 .run = take_run,
						 .name = take_name,
						 .ctx = scene },
				    .forget = forget,
				    .ctx = scene };

	*scene = (struct scene){ .options = options, .tape = tape, .listens = true };
	scene->state = state_new(facts->n_cpus, facts->n_lanes);
	scene->history = history_new(DECK_N_EVENTS);
	scene->ledger = ledger_new();
	scene->task_states = task_states_new();
	scene->coroutines = coroutines_new();
	task_table_init(&scene->task_table);
	if (!scene->state || !scene->history || latency_init(&scene->latency, facts->n_lanes) ||
	    !scene->ledger || !scene->task_states || !scene->coroutines)
		return error_set(error, ENOMEM, "no memory for %u CPUs", facts->n_cpus);
	scene->deck = deck_new(tape, &taker);
	if (!scene->deck)
		return error_set(error, ENOMEM, "no memory to play a recording");
	take_run(&facts->run, scene); /* until it is told */
	return 0;
}

int scene_step_tape(struct scene *scene, uint64_t now_ns)
{
	int n = deck_step(scene->deck, now_ns), err;

	scene->running = !deck_at_end(scene->deck);
	err = scene_step_tasks(scene, now_ns);
	return err ? err : n;
}
