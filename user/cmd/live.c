// SPDX-License-Identifier: GPL-2.0-only
/* live.c - the screen of live and replay: drawn twenty times a second, keys answered in a frame. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/live.h"
#include "cmd/targets.h"

#define FRAME_NS   (50 * NS_PER_MS)
#define DRAIN_NS   (20 * NS_PER_MS) /* how often rings are drained while anything runs */
#define BUSY_NS	   (10 * NS_PER_MS) /* and while they fill fast */
#define JUDGE_NS   (5 * NS_PER_MS)  /* between looks at short experiments, one after another */
#define N_BUSY	   4000		    /* events of one drain */
#define MESSAGE_NS (6 * NS_PER_S)

static uint64_t frame_ns(const struct live *live)
{
	uint64_t wanted_ns = live->scene.options->interval_ns;

	return wanted_ns ? wanted_ns : FRAME_NS;
}

void live_say(struct live *live, const char *message)
{
	snprintf(live->settings.message, sizeof(live->settings.message), "%s", message);
	live->message_until_ns = clock_now_ns() + MESSAGE_NS;
}

void live_say_for_good(struct live *live, const char *message)
{
	size_t n = strlen(live->kept), room = sizeof(live->kept) - n;

	live_say(live, message);
	if ((size_t)snprintf(live->kept + n, room, "swtch: %s\n", message) >= room)
		live->kept[n] = '\0';
}

const struct state *live_state(const struct live *live)
{
	return live->frozen_state ? live->frozen_state : live->scene.state;
}

const struct history *live_history(const struct live *live)
{
	return live->frozen_history ? live->frozen_history : live->scene.history;
}

/* What the timeline is drawn from. */
static int show_time(struct live *live)
{
	struct settings *settings = &live->settings;
	const struct scene *scene = &live->scene;

	settings->timeline_events = live_history(live);
	settings->overview = live->frozen_overview ? live->frozen_overview : scene->overview;
	live_latency_show(live);
	/* Events of the last moments are on their way yet; where none come, time goes on as well. */
	if (!settings->paused)
		settings->now_ns = scene->state->time_ns > EVENTS_LAG_NS
					   ? scene->state->time_ns - EVENTS_LAG_NS
					   : 0;
	if (settings->now_ns < scene->state->event_ns && !settings->paused)
		settings->now_ns = scene->state->event_ns;
	return scene->deck ? live_play_show_time(live) : 0;
}

/* The claims as they stand; NULL where none can be judged. */
const struct claim_board *live_board(const struct live *live)
{
	return live->scene.claims ? claims_run_board(live->scene.claims) : NULL;
}

void live_thaw(struct live *live)
{
	state_free(live->frozen_state);
	history_free(live->frozen_history);
	overview_free(live->frozen_overview);
	live_latency_thaw(live);
	live_tasks_thaw(live);
	live->frozen_state = NULL;
	live->frozen_history = NULL;
	live->frozen_overview = NULL;
	live->settings.paused = false;
	live->settings.board = live_board(live);
}

void live_freeze(struct live *live)
{
	live->frozen_state = state_copy(live->scene.state);
	live->frozen_history = history_copy(live->scene.history);
	live->frozen_overview = overview_copy(live->scene.overview);
	live->settings.paused = live->frozen_state && live->frozen_history &&
				live->frozen_overview && !live_latency_freeze(live) &&
				!live_tasks_freeze(live);
	if (!live->settings.paused) {
		live_thaw(live);
		live_say(live, "no memory to pause");
	} else if (live_board(live)) {
		live->frozen_board = *live_board(live);
		live->settings.board = &live->frozen_board;
	}
}

static int update_list(struct live *live)
{
	return event_list_update(live->events, live_history(live), live_state(live),
				 live->settings.filter);
}

/*
 * A view may have something to say about a key as well: it stays for a while. What a key leads to is
 * kept before the history lets it go.
 */
static void answer(struct live *live, char32_t key)
{
	enum command command = DO_NOTHING;

	if (live->search && key == KEY_OF_ESCAPE) {
		live_play_act(live, DO_CLEAR);
		return;
	}
	if (!show_time(live) && !update_list(live) && !live_tasks_update(live, clock_now_ns()))
		command = view_key(live_state(live), &live->settings, key);
	if (live->settings.bottom != FOLLOW)
		event_list_keep(live->events, live->settings.bottom, live->settings.n_rows);
	live->scene.wants_events = live->settings.view == VIEW_EVENTS ||
				   live->settings.view == VIEW_TIMELINE ||
				   live->settings.view == VIEW_LATENCY;
	live->scene.wants_tasks = live->settings.view == VIEW_TASKS;
	if (live->settings.message[0])
		live->message_until_ns = clock_now_ns() + MESSAGE_NS;
	if (live->scene.deck)
		live_play_act(live, command);
	else
		live_act(live, command);
}

/* --- the screen --------------------------------------------------------------------------------- */

/* As large as the terminal is; without one, as it was made. */
static int fit(struct live *live)
{
	unsigned n_rows, n_columns;

	if (!live->terminal)
		return 0;
	terminal_size(live->terminal, &n_rows, &n_columns);
	if (live->grid.cells && n_rows == live->grid.n_rows && n_columns == live->grid.n_columns)
		return 0;
	grid_fini(&live->grid);
	live->settings.n_rows = n_rows;
	live->settings.n_columns = n_columns;
	live_output_resize(live->output, n_rows, n_columns);
	return grid_init(&live->grid, n_rows, n_columns, terminal_is_ascii(live->terminal));
}

static const char *outcome(struct live *live)
{
	const struct session *session = live->scene.session;
	const char *failure = session ? session_failure(session) : NULL;

	if (live->scene.running)
		return NULL;
	if (live->scene.judged)
		return live_judged(live);
	if (session && !live->scene.run.models)
		live_describe(live);
	if (failure)
		return failure;
	return session && live->scene.options->n_targets && !live->scene.options->command
		       ? "done - q quits"
		       : "done - R restarts, q quits";
}

static void look(struct live *live, uint64_t now_ns)
{
	struct settings *settings = &live->settings;

	if (live->scene.judged)
		live_describe(live);
	figures_tick(&live->figures, live->scene.state, now_ns);
	settings->elapsed_ns = live->scene.ended_ns - live->scene.started_ns;
	settings->rate_hz = scene_rate(&live->scene);
	settings->unread = !live->scene.listens;
	settings->outcome = outcome(live);
}

int live_look_closer(struct live *live)
{
	int err = show_time(live);

	if (!err)
		err = update_list(live);
	if (!err && live->settings.view == VIEW_TIMELINE)
		err = timeline_update(live_state(live), &live->settings);
	return err;
}

int live_draw(struct live *live, uint64_t now_ns)
{
	struct settings *settings = &live->settings;
	int err = fit(live);

	if (err)
		return err;
	if (settings->message[0] && now_ns > live->message_until_ns)
		settings->message[0] = '\0';
	if (live->scene.deck) {
		figures_tick(&live->figures, live->scene.state, now_ns);
		live_play_describe(live);
	} else if (!settings->paused) {
		look(live, now_ns);
	}
	live_record_describe(live);
	err = live_look_closer(live);
	if (!err)
		err = live_tasks_update(live, now_ns);
	if (err)
		return err;
	view_draw(live_state(live), settings, &live->grid);
	if (live->terminal)
		terminal_paint(live->terminal, &live->grid);
	return 0;
}

/* Wait for the next frame or drain, and answer what comes before it. */
static void listen_until(struct live *live, uint64_t until_ns)
{
	uint64_t now_ns = clock_now_ns();
	int timeout_ms = 0;
	char32_t key;

	if (until_ns > now_ns)
		timeout_ms = (int)((until_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS);
	switch (terminal_wait(live->terminal, timeout_ms, &key)) {
	case TERMINAL_KEY:
		if (key == ('L' & 0x1f))
			terminal_repaint(live->terminal);
		else
			answer(live, key);
		live->next_frame_ns = 0;
		break;
	case TERMINAL_RESIZED:
		live->next_frame_ns = 0;
		break;
	case TERMINAL_SIGNAL:
	case TERMINAL_GONE:
		live->quit = true;
		break;
	case TERMINAL_TICK:
		break;
	}
}

/* When to look again, at the latest. */
static uint64_t look_after_ns(struct live *live, int n_events)
{
	if (live->search || live_play_survey(live))
		return 0;
	if (live->scene.judging)
		return JUDGE_NS;
	if (n_events > N_BUSY)
		return BUSY_NS;
	return live->scene.running ? DRAIN_NS : frame_ns(live);
}

static int loop(struct live *live, struct error *error)
{
	uint64_t duration_ns = live->scene.options->duration_ns, begin_ns = clock_now_ns();

	while (!live->quit) {
		uint64_t now_ns = clock_now_ns(), until_ns;
		int n = scene_step(&live->scene, now_ns);

		if (n < 0)
			return error_set(error, -n, "cannot read events: %s", strerror(-n));
		live_play_search(live);
		if (now_ns >= live->next_frame_ns) {
			int err = live_draw(live, now_ns);

			if (err)
				return error_set(error, -err, "cannot draw: %s", strerror(-err));
			live->next_frame_ns = now_ns + frame_ns(live);
		}
		if (duration_ns && now_ns - begin_ns >= duration_ns)
			break;
		until_ns = now_ns + look_after_ns(live, n);
		listen_until(live, until_ns < live->next_frame_ns ? until_ns : live->next_frame_ns);
	}
	return 0;
}

static void list_jobs(struct live *live)
{
	const struct job *job;
	unsigned n = 0;

	for (; n < N_JOBS_SHOWN && (job = job_at(n)); n++)
		live->jobs[n] = (struct job_line){ job->name, job->says };
	live->settings.jobs = live->jobs;
	live->settings.n_jobs = n;
}

static int open_terminal(void *ctx)
{
	struct live *live = ctx;
	int fd = live_output_open(live->output);

	live->settings.output_end = FOLLOW;
	return fd;
}

/* A command has a terminal of its own. */
static int open_output(struct live *live)
{
	if (!live->scene.session || !live->scene.options->command)
		return 0;
	live->output = live_output_new();
	if (!live->output)
		return -ENOMEM;
	live->settings.pane = live_output_pane(live->output);
	session_set_terminal(live->scene.session, open_terminal, live);
	return 0;
}

int live_open(struct live *live, const struct options *options, struct tape *tape, uint64_t now_ns,
	      struct error *error)
{
	int err = tape ? scene_open_tape(&live->scene, options, tape, error)
		       : scene_open(&live->scene, options, error);

	if (err)
		return err;
	live->events = event_list_new();
	if (!live->events || figures_init(&live->figures, live->scene.state))
		return error_set(error, ENOMEM, "no memory for the screen");
	live->settings.bottom = FOLLOW;
	live->settings.figures = &live->figures;
	live->settings.events = live->events;
	live->settings.board = live_board(live);
	live->scene.now_ns = now_ns;
	targets_describe(options, live->watched, sizeof(live->watched));
	err = live_tasks_open(live);
	if (!err && tape) {
		live_play_describe(live);
		return deck_play(live->scene.deck, now_ns);
	}
	list_jobs(live);
	if (!err)
		err = open_output(live);
	if (err)
		return error_set(error, -err,
				 "no memory for what the command writes, or for tasks");
	err = scene_start(&live->scene, error);
	if (err)
		return err;
	live->settings.start_ns = live->scene.start_ns;
	live_describe(live);
	return 0;
}

void live_close(struct live *live)
{
	terminal_free(live->terminal);
	fputs(live->kept, stderr);
	live_record_end(live);
	live_thaw(live);
	grid_fini(&live->grid);
	tape_search_free(live->search);
	tape_window_free(live->window);
	event_list_free(live->events);
	live_tasks_close(live);
	figures_fini(&live->figures);
	scene_close(&live->scene);
	live_output_free(live->output);
}

int live_run(struct live *live, struct error *error)
{
	const struct options *options = live->scene.options;
	struct terminal_wishes wishes = { options->no_color, options->ascii };

	live->terminal = terminal_new(&wishes, error);
	return live->terminal ? loop(live, error) : -EIO;
}

int cmd_live(const struct options *options)
{
	struct error error = { "" };
	struct live live = { 0 };
	int status = EXIT_OK;
	int err = terminal_check(&error);

	if (!err)
		err = live_open(&live, options, NULL, clock_now_ns(), &error);
	if (!err)
		err = live_run(&live, &error);
	if (!err && live.scene.session)
		status = session_exit_status(live.scene.session, &error);
	live_close(&live);
	if (error.text[0])
		fprintf(stderr, "swtch: %s\n", error.text);
	if (err)
		return err == -ERANGE ? EXIT_USAGE : EXIT_FAILED;
	return status;
}
