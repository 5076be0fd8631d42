// SPDX-License-Identifier: GPL-2.0-only
/* live_scene.c - a session, a made-up machine or a recording, and what is built from it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/live.h"
#include "cmd/run_facts.h"
#include "event/lost.h"

#define MEASURE_NS    (100 * NS_PER_MS)
#define SYNTH_STEP_NS (200 * NS_PER_MS) /* after a stop the made-up machine does not catch up */
#define SYNTH_RATE_HZ 20000

static int open_synthetic(struct scene *scene, struct error *error)
{
	const uint64_t *parts = scene->options->synthetic_parts;

	scene->run = (struct run){ .wish = { .n_tasks = (uint32_t)parts[1] },
				   .together = true,
				   .rate_hz = SYNTH_RATE_HZ };
	scene->synth_cpus = (unsigned)parts[0];
	scene->synth_seed = parts[2];
	scene->source =
		source_synth_new(scene->synth_cpus, scene->run.wish.n_tasks, scene->synth_seed);
	if (!scene->source)
		return error_set(error, errno, "cannot make up a machine of %u CPUs: %s",
				 scene->synth_cpus, strerror(errno));
	return 0;
}

int scene_open(struct scene *scene, const struct options *options, struct error *error)
{
	*scene = (struct scene){ .options = options };
	if (options->synthetic) {
		int err = open_synthetic(scene, error);

		if (err)
			return err;
	} else {
		scene->session = session_open(options, error);
		if (!scene->session)
			return -EIO; /* the sentence is written */
		scene->source = session_source(scene->session);
		session_run_from_options(options, &scene->run);
	}
	scene->state = state_new(scene->source->n_cpus, scene->source->n_lanes);
	scene->history = history_new(SCENE_N_EVENTS);
	scene->overview =
		overview_new(scene->source->n_cpus, scene->source->n_lanes, SCENE_OVERVIEW_BYTES);
	if (!scene->state || !scene->history || !scene->overview ||
	    latency_init(&scene->latency, scene->source->n_lanes) ||
	    counts_init(&scene->counts, scene->source->n_cpus, scene->source->n_lanes))
		return error_set(error, ENOMEM, "no memory for %u CPUs", scene->source->n_cpus);
	task_table_init(&scene->task_table);
	scene->task_states = scene->source->tasks ? task_states_new() : NULL;
	scene->coroutines = scene->source->tasks ? coroutines_new() : NULL;
	if (scene->source->tasks && (!scene->task_states || !scene->coroutines))
		return error_set(error, ENOMEM, "no memory for tasks");
	if (scene->task_states)
		scene->task_states->window_ns = NS_PER_S;
	if (!scene->session)
		return 0;
	scene->claims = claims_run_new(scene->session, scene->state, &scene->counts);
	return scene->claims ? 0 : error_set(error, ENOMEM, "no memory for the claims");
}

void scene_close(struct scene *scene)
{
	claims_run_free(scene->claims);
	deck_free(scene->deck);
	tape_free(scene->tape);
	if (scene->session)
		session_free(scene->session);
	else if (scene->source)
		scene->source->free(scene->source);
	counts_fini(&scene->counts);
	task_states_free(scene->task_states);
	coroutines_free(scene->coroutines);
	ledger_free(scene->ledger);
	task_table_fini(&scene->task_table);
	overview_free(scene->overview);
	latency_fini(&scene->latency);
	history_free(scene->history);
	state_free(scene->state);
	*scene = (struct scene){ 0 };
}

static int start_synthetic(struct scene *scene, struct error *error)
{
	static const struct lane_label labels[] = {
		{ .name = "process", .model = "process", .via = "pipe" },
		{ .name = "thread", .model = "thread", .via = "condvar" },
		{ .name = "coroutine", .model = "coroutine", .via = "channel" },
	};
	struct source *source =
		source_synth_new(scene->synth_cpus, scene->run.wish.n_tasks, scene->synth_seed);
	int err;

	if (!source)
		return error_set(error, errno, "cannot make up a machine: %s", strerror(errno));
	scene->source->free(scene->source);
	scene->source = source;
	for (unsigned i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
		struct lane_label label = labels[i];

		snprintf(label.unit, sizeof(label.unit), "round trip");
		label.phase = LANE_RUNNING;
		state_start_lane(scene->state, i + 1, &label);
	}
	err = source->counts(source, &scene->counts);
	if (err)
		return error_set(error, -err, "cannot read the counters: %s", strerror(-err));
	scene->start_ns = scene->counts.time_ns;
	scene->n_lost_before = scene->counts.self.lost_events;
	return 0;
}

/* Units as fast as they can be had, which is what a trial does too. A command's are not ours. */
static bool is_flat_out(const struct scene *scene, uint64_t rate_hz)
{
	const struct run *run = &scene->run;

	if (!scene->session || !run->models || run->job->own_pace)
		return false;
	return rate_hz == RATE_MAX || rate_hz == RATE_UNSET;
}

/*
 * Tasks that run flat out make events faster than anyone can read them, and writing those slows
 * what is watched: they are only read for who asks for them. Coroutines then make marks even
 * faster: only a bounded rate is told switch by switch. The counters hold all in either case.
 */
static void listen_to(struct scene *scene, uint64_t rate_hz)
{
	bool flat_out = is_flat_out(scene, rate_hz);
	bool listens = !flat_out || scene->wants_events || scene->recorder;

	if (scene->listens && !listens)
		scene->deaf_ns = clock_now_ns();
	scene->listens = listens;
	if (scene->session)
		session_listen(scene->session, scene->listens, !flat_out);
}

static void note_rate(struct scene *scene)
{
	uint64_t rate_hz = scene_rate(scene);

	if (rate_hz != RATE_MAX && rate_hz != RATE_UNSET)
		scene->bounded_hz = rate_hz;
}

/* Whoever records is told what is watched: at the start, with each run, and when its rate changes. */
static void tell_run(struct scene *scene, bool has_ended)
{
	if (!scene->recorder)
		return;
	run_facts_fill(&scene->facts, scene->options, scene_now(scene), scene->session,
		       scene->start_ns, scene->ended_ns - scene->started_ns);
	scene->facts.has_ended = has_ended;
	recorder_run(scene->recorder, &scene->facts);
}

/* The names of a history's tasks from before it, as events. */
static void record_name(uint32_t pid, const char *name, void *ctx)
{
	struct scene *scene = ctx;
	struct event event = { .time_ns = history_at(scene->history, 0)->time_ns,
			       .kind = EVENT_NAME,
			       .task = task_word(pid, 0) };

	event_set_name(&event, name);
	recorder_event(scene->recorder, &event);
}

void scene_record(struct scene *scene, struct recorder *recorder)
{
	scene->recorder = recorder;
	tell_run(scene, false);
	recorder_look(recorder, scene->state);
	if (history_n(scene->history))
		names_each(history_names(scene->history), record_name, scene);
	for (size_t i = 0; i < history_n(scene->history); i++)
		recorder_event(recorder, history_at(scene->history, i));
	if (scene->state->time_ns) /* measured: these counts were taken in before */
		recorder_counts(recorder, &scene->counts);
}

void scene_record_end(struct scene *scene)
{
	tell_run(scene, true);
	recorder_look(scene->recorder, scene->state);
	recorder_flush(scene->recorder);
	scene->recorder = NULL;
}

static void keep(struct scene *scene, const struct event *event)
{
	history_add(scene->history, event);
	scene_take_latency(scene, event);
	if (scene->overview)
		overview_apply(scene->overview, event);
}

/* Between the last event that was read and the next nobody listened. */
static void keep_gap(struct scene *scene)
{
	struct event gap = event_lost(CPU_UNKNOWN, scene->deaf_ns, 0, 0);

	if (scene->recorder)
		recorder_event(scene->recorder, &gap);
	keep(scene, &gap);
	scene->deaf_ns = 0;
}

void scene_take_event(const struct event *event, void *ctx)
{
	struct scene *scene = ctx;
	bool is_old = event->time_ns < scene->start_ns; /* of the run before */

	state_apply(scene->state, event, NULL);
	if (scene->ledger)
		scene_take_tape_event(scene, event);
	if (scene->coroutines)
		coroutines_apply(scene->coroutines, event);
	if (!is_old && scene->deaf_ns && event->time_ns > scene->deaf_ns)
		keep_gap(scene);
	if (scene->recorder)
		recorder_event(scene->recorder, event);
	if (!is_old)
		keep(scene, event);
}

int scene_clear(struct scene *scene)
{
	int n, err;

	scene_stop_claims(scene);
	if (scene->session)
		session_stop(scene->session);
	n = scene->source->flush(scene->source, scene_take_event, scene);
	if (n < 0)
		return n;
	history_clear(scene->history);
	if (scene->coroutines)
		coroutines_clear(scene->coroutines);
	overview_clear(scene->overview);
	scene_forget_latency(scene);
	scene->deaf_ns = 0;
	scene->tasks_ns = 0;
	err = scene->source->counts(scene->source, &scene->counts);
	if (err)
		return err;
	scene->n_lost_before = scene->counts.self.lost_events;
	scene->start_ns = scene->counts.time_ns;
	return 0;
}

int scene_start(struct scene *scene, struct error *error)
{
	int err = scene_clear(scene);

	scene->running = scene->judged = false;
	if (err)
		return error_set(error, -err, "cannot read the counters: %s", strerror(-err));
	listen_to(scene, scene->run.rate_hz);
	err = scene->session ? session_start(scene->session, scene->state, &scene->run, error)
			     : start_synthetic(scene, error);
	if (err)
		return err;
	scene->running = true;
	if (scene->session)
		scene->now_ns = clock_now_ns(); /* starting takes a while */
	scene->started_ns = scene->ended_ns = scene->now_ns;
	tell_run(scene, false);
	return 0;
}

void scene_take_counts(struct scene *scene)
{
	if (scene->recorder)
		recorder_counts(scene->recorder, &scene->counts);
	state_measure(scene->state, &scene->counts);
}

/* Before the events that came since: which lanes started, and what runs how fast. */
static void tell_recorder(struct scene *scene)
{
	if (!scene->recorder)
		return;
	if (scene_rate(scene) != scene->facts.rate_hz || recorder_is_due(scene->recorder))
		tell_run(scene, false);
	recorder_look(scene->recorder, scene->state);
	if (recorder_is_due(scene->recorder))
		recorder_flush(scene->recorder);
}

static void advance(struct scene *scene, uint64_t since_ns)
{
	if (scene->judging) {
		scene->running = scene_step_claims(scene);
	} else if (scene->session) {
		scene->running = session_step(scene->session, scene->state, 0);
		note_rate(scene);
		listen_to(scene, scene_rate(scene));
	} else {
		source_synth_advance(scene->source,
				     since_ns < SYNTH_STEP_NS ? since_ns : SYNTH_STEP_NS);
	}
}

int scene_step(struct scene *scene, uint64_t now_ns)
{
	uint64_t since_ns = now_ns - scene->now_ns;
	int n, err;

	scene->now_ns = now_ns;
	if (scene->deck)
		return scene_step_tape(scene, now_ns);
	if (scene->running)
		scene->ended_ns = now_ns;
	advance(scene, since_ns);
	tell_recorder(scene);
	n = scene->source->poll(scene->source, scene_take_event, scene);
	if (n < 0 || now_ns - scene->measured_ns < MEASURE_NS)
		return n;
	scene->measured_ns = now_ns;
	err = scene->source->counts(scene->source, &scene->counts);
	if (err)
		return err;
	scene_take_counts(scene);
	err = scene_step_tasks(scene, now_ns);
	return err ? err : n;
}

unsigned scene_n_tasks(const struct scene *scene)
{
	return scene->session && !scene->run.models ? 0 : run_n_tasks(&scene->run);
}

uint64_t scene_rate(const struct scene *scene)
{
	return scene->session ? session_rate(scene->session) : scene->run.rate_hz;
}
