// SPDX-License-Identifier: GPL-2.0-only
/* watch.c - one run from its start to its exit status. */
#include "cmd/watch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"

#define PATIENCE_NS NS_PER_S /* with a command that was interrupted */

int watch_complain(const struct error *error)
{
	fprintf(stderr, "swtch: %s\n", error->text);
	return EXIT_FAILED;
}

int watch_open(struct watch *watch, const struct options *options, struct error *error)
{
	struct source *source;

	*watch = (struct watch){ .options = options };
	watch->session = session_open(options, error);
	if (!watch->session)
		return -EIO;
	source = session_source(watch->session);
	watch->state = state_new(source->n_cpus, source->n_lanes);
	if (!watch->state || counts_init(&watch->counts, source->n_cpus, source->n_lanes))
		return error_set(error, ENOMEM, "cannot keep the state: out of memory");
	session_run_from_options(options, &watch->run);
	watch->started_ns = clock_now_ns();
	return 0;
}

void watch_close(struct watch *watch)
{
	per_task_fini(&watch->per_task);
	session_free(watch->session);
	state_free(watch->state);
	counts_fini(&watch->counts);
}

int watch_measure(struct watch *watch)
{
	struct source *source = session_source(watch->session);
	int err = source->counts(source, &watch->counts);

	if (!err)
		state_measure(watch->state, &watch->counts);
	return err;
}

FILE *watch_destination(const struct options *options, const struct output *output)
{
	return options->command && !options->output ? stderr : output->file;
}

/* One line on a terminal's stderr, written over itself. */
static void progress(struct watch *watch, uint64_t now_ns)
{
	fprintf(stderr, "\r\033[K%.1f s", (double)(now_ns - watch->started_ns) / NS_PER_S);
	for (unsigned i = 1; i < watch->state->n_lanes; i++) {
		const struct lane_state *lane = &watch->state->lanes[i];

		if (lane->label.phase == LANE_RUNNING)
			fprintf(stderr, "  %s: %" PRIu64 " switches", lane->label.name,
				(uint64_t)(lane->total.voluntary + lane->total.involuntary));
	}
	fflush(stderr);
}

/* Ctrl-C reaches a command by itself, and its end is ours; whoever types it twice means us. */
static bool must_end(const struct watch *watch)
{
	int number = interrupt_seen();

	return number && !(watch->options->command && number == SIGINT && interrupt_count() == 1);
}

/* A command that ignores the Ctrl-C which reached it is waited for: who typed it is told, after a while. */
static void tell_waiting(struct watch *watch, uint64_t now_ns)
{
	if (watch->told_waiting || !interrupt_seen() || watch->options->quiet)
		return;
	if (!watch->asked_ns)
		watch->asked_ns = now_ns;
	if (now_ns - watch->asked_ns < PATIENCE_NS)
		return;
	fputs("swtch: waiting for the command to end; Ctrl-C once more ends it\n", stderr);
	watch->told_waiting = true;
}

#define TICK_MS_LEAST 4
#define N_TRIES	      20

/* Milliseconds until the next look: a tick, or less where events come fast, or what is left of -d. */
static int time_left(const struct watch *watch, int tick_ms)
{
	uint64_t wish_ns = session_source(watch->session)->wish_ns, wish_ms = wish_ns / NS_PER_MS;
	uint64_t duration_ns = watch->options->duration_ns;
	uint64_t gone_ns = clock_now_ns() - watch->attached_ns;

	if (wish_ns && wish_ms < (uint64_t)tick_ms)
		tick_ms = wish_ms < TICK_MS_LEAST ? TICK_MS_LEAST : (int)wish_ms;
	if (!duration_ns)
		return tick_ms;
	if (gone_ns >= duration_ns)
		return 0;
	uint64_t left_ms = (duration_ns - gone_ns) / NS_PER_MS + 1;

	return left_ms < (uint64_t)tick_ms ? (int)left_ms : tick_ms;
}

bool watch_shows_progress(const struct options *options)
{
	return isatty(STDERR_FILENO) && !options->quiet && !options->command && !options->wish.log;
}

static uint64_t n_switches(const struct watch *watch)
{
	uint64_t n = 0;

	for (unsigned lane = 1; lane < watch->state->n_lanes; lane++)
		n += watch->state->lanes[lane].total.voluntary +
		     watch->state->lanes[lane].total.involuntary;
	return n;
}

/*
 * Single tasks, where they are asked for: as of the same instant as the counts, if that can be had. A task
 * leaves its CPU for the last time a moment after it can be waited for.
 */
static int measure_tasks(struct watch *watch, struct error *error)
{
	uint64_t n_before;
	int err = 0;

	if (!watch->options->per_task)
		return 0;
	for (unsigned i = 0; !err && i < N_TRIES; i++) {
		n_before = n_switches(watch);
		err = per_task_finish(&watch->per_task, session_source(watch->session));
		watch_measure(watch);
		if (n_switches(watch) == n_before)
			break;
	}
	per_task_sort(&watch->per_task);
	return err ? error_set(error, -err, "cannot tell single tasks: %s", strerror(-err)) : 0;
}

/* What -d ends did not end by itself. */
static void tell_end(const struct watch *watch)
{
	if (watch->options->command && !watch->options->quiet &&
	    session_command_status(watch->session) < 0)
		fputs("swtch: the time of -d is up: the command is ended (SIGTERM)\n", stderr);
}

int watch_run(struct watch *watch, int tick_ms, bool (*each)(struct watch *watch, void *ctx),
	      void *ctx, struct error *error)
{
	bool go_on = true;
	uint64_t shown_ns = 0;
	int err, wait_ms;

	interrupt_watch();
	watch->started_ns = clock_now_ns();
	err = session_start(watch->session, watch->state, &watch->run, error);
	if (err)
		return err;
	watch->attached_ns = clock_now_ns();
	while (go_on && (wait_ms = time_left(watch, tick_ms)) &&
	       session_step(watch->session, watch->state, wait_ms)) {
		uint64_t now = clock_now_ns();

		if (watch->options->per_task)
			per_task_collect(&watch->per_task, session_source(watch->session));
		if (watch->tells_progress && now - shown_ns >= PROGRESS_NS) {
			watch_measure(watch);
			progress(watch, now);
			shown_ns = now;
		}
		go_on = (!each || each(watch, ctx)) && !must_end(watch);
		if (go_on)
			tell_waiting(watch, now);
	}
	if (go_on && !wait_ms)
		tell_end(watch);
	session_stop(watch->session);
	if (each) /* what came meanwhile, before the losses are counted */
		each(watch, ctx);
	if (shown_ns)
		fputs("\r\033[K", stderr);
	watch_measure(watch);
	return measure_tasks(watch, error);
}

int watch_exit_status(const struct watch *watch)
{
	struct error error;
	int status = session_exit_status(watch->session, &error);

	if (error.text[0])
		fprintf(stderr, "swtch: %s\n", error.text);
	return status;
}
