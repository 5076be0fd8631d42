// SPDX-License-Identifier: GPL-2.0-only
/* live.c - the verb `live`: watch, draw twenty times a second, answer keys within a frame. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/live.h"
#include "tui/terminal.h"
#include "view/claim_rows.h"
#include "view/view.h"

#define FRAME_NS      (50 * NS_PER_MS)
#define DRAIN_NS      (20 * NS_PER_MS) /* how often rings are drained while anything runs */
#define BUSY_NS	      (10 * NS_PER_MS) /* and while they fill fast */
#define JUDGE_NS      (5 * NS_PER_MS)  /* between looks at short experiments, one after another */
#define N_BUSY	      4000	       /* events of one drain */
#define EVENTS_LAG_NS (200 * NS_PER_MS)
#define MESSAGE_NS    (6 * NS_PER_S)
#define TURN_NS	      (3 * NS_PER_S) /* of each model, when they take turns without an end set */
#define N_JOBS_SHOWN  32

struct live {
	struct scene scene;
	struct terminal *terminal;
	struct grid grid;
	struct settings settings;
	struct figures figures;
	char shows[128];  /* of a command */
	char judged[160]; /* how judging came out */
	struct event_list *events;
	struct job_line jobs[N_JOBS_SHOWN];
	/* While paused: what is seen, apart from what is. */
	struct state *frozen_state;
	struct history *frozen_history;
	struct overview *frozen_overview;
	struct claim_board frozen_board;
	uint64_t message_until_ns;
	uint64_t judge_until_ns; /* until then J drops the verdicts that stand */
	uint64_t next_frame_ns;
	bool quit;
};

static uint64_t frame_ns(const struct live *live)
{
	uint64_t wanted_ns = live->scene.options->interval_ns;

	return wanted_ns ? wanted_ns : FRAME_NS;
}

static void say(struct live *live, const char *message)
{
	snprintf(live->settings.message, sizeof(live->settings.message), "%s", message);
	live->message_until_ns = clock_now_ns() + MESSAGE_NS;
}

static const struct state *seen_state(const struct live *live)
{
	return live->frozen_state ? live->frozen_state : live->scene.state;
}

static const struct history *seen_history(const struct live *live)
{
	return live->frozen_history ? live->frozen_history : live->scene.history;
}

/* What the timeline is drawn from. */
static void show_time(struct live *live)
{
	struct settings *settings = &live->settings;
	const struct scene *scene = &live->scene;

	settings->timeline_events = seen_history(live);
	settings->overview = live->frozen_overview ? live->frozen_overview : scene->overview;
	/* Events of the last moments are on their way yet; where none come, time goes on as well. */
	if (!settings->paused)
		settings->now_ns = scene->state->time_ns - EVENTS_LAG_NS;
	if (settings->now_ns < scene->state->event_ns && !settings->paused)
		settings->now_ns = scene->state->event_ns;
}

/* The claims as they stand; NULL where none can be judged. */
static const struct claim_board *board_now(const struct live *live)
{
	return live->scene.claims ? claims_run_board(live->scene.claims) : NULL;
}

static void thaw(struct live *live)
{
	state_free(live->frozen_state);
	history_free(live->frozen_history);
	overview_free(live->frozen_overview);
	live->frozen_state = NULL;
	live->frozen_history = NULL;
	live->frozen_overview = NULL;
	live->settings.paused = false;
	live->settings.board = board_now(live);
}

static void freeze(struct live *live)
{
	live->frozen_state = state_copy(live->scene.state);
	live->frozen_history = history_copy(live->scene.history);
	live->frozen_overview = overview_copy(live->scene.overview);
	live->settings.paused = live->frozen_state && live->frozen_history && live->frozen_overview;
	if (!live->settings.paused) {
		thaw(live);
		say(live, "no memory to pause");
	} else if (board_now(live)) {
		live->frozen_board = *board_now(live);
		live->settings.board = &live->frozen_board;
	}
}

/* --- what runs ---------------------------------------------------------------------------------- */

/* Where its output is, as it is not here, and how it ended. */
static void describe_command(struct live *live)
{
	int status = session_command_status(live->scene.session);

	if (status < 0)
		snprintf(live->shows, sizeof(live->shows),
			 "its output is not shown, it goes to /dev/null");
	else
		snprintf(live->shows, sizeof(live->shows),
			 "ended with status %d; its output went to /dev/null", status);
}

static void describe(struct live *live)
{
	const struct scene *scene = &live->scene;
	const struct run *run = scene_now(scene);
	struct settings *settings = &live->settings;

	settings->job = run->job ? run->job->name : NULL;
	settings->shows = run->job ? run->job->shows : NULL;
	settings->says = run->job ? run->job->says : NULL;
	if (!scene->session) {
		settings->job = "synthetic";
		settings->shows =
			"a machine made up from a seed: pairs that pass a token to and fro";
	} else if (!run->models) {
		settings->job = scene->options->command[0];
		settings->shows = live->shows;
		describe_command(live);
	}
	settings->together = run->together;
	settings->n_tasks = scene_n_tasks(scene);
	if (run != &scene->run && run->job) /* an experiment */
		settings->n_tasks = run->wish.n_tasks ? run->wish.n_tasks : run->job->n_tasks;
}

/* Another run, or the claims in its place. */
static void begin(struct live *live, int (*how)(struct scene *scene, struct error *error))
{
	struct error error;

	thaw(live);
	live->settings.bottom = FOLLOW;
	live->settings.message[0] = '\0';
	if (how(&live->scene, &error))
		say(live, error.text);
	figures_restart(&live->figures, live->scene.n_lost_before);
	live->settings.start_ns = live->scene.start_ns;
	timeline_restart(&live->settings);
	describe(live);
}

static void start(struct live *live)
{
	begin(live, scene_start);
}

static bool is_lab(struct live *live)
{
	if (live->scene.session && live->scene.run.models)
		return true;
	say(live, live->scene.session ? "a command is watched: only the lab can change that"
				      : "the machine is made up: only the lab can change that");
	return false;
}

static void choose_job(struct live *live)
{
	const struct job *job = job_at(live->settings.choice);

	if (!job || !is_lab(live))
		return;
	live->scene.run.job = job;
	live->scene.run.models =
		live->scene.options->models; /* a claim may have asked for others */
	live->scene.run.wish = (struct lab_spec){ 0 };
	memcpy(live->scene.run.wish.pin, live->scene.options->wish.pin,
	       sizeof(live->scene.run.wish.pin));
	start(live);
}

static void set_tasks(struct live *live, unsigned long n_tasks)
{
	const struct job *job = live->scene.run.job;
	unsigned long group = job ? job->group : 1, apart = job ? job->n_apart : 0;
	unsigned long least = apart + group;
	char message[96];

	if (live->scene.session && !is_lab(live))
		return;
	n_tasks -= n_tasks > apart ? (n_tasks - apart) % group : 0;
	if (n_tasks < least || n_tasks > LAB_MAX_TASKS) {
		int n = snprintf(message, sizeof(message), "tasks can be %lu to %d", least,
				 LAB_MAX_TASKS);

		if (group > 1)
			snprintf(message + n, sizeof(message) - (size_t)n, ", in groups of %lu",
				 group);
		say(live, message);
		return;
	}
	live->scene.run.wish.n_tasks = (uint32_t)n_tasks;
	start(live);
}

static void change_turns(struct live *live)
{
	struct run *run = &live->scene.run;

	if (!is_lab(live))
		return;
	run->together = !run->together;
	if (!run->together && !run->wish.work && !run->time_ns)
		run->time_ns = TURN_NS;
	else if (run->together && !live->scene.options->time_ns)
		run->time_ns = 0;
	start(live);
}

static void change_rate(struct live *live)
{
	struct scene *scene = &live->scene;

	if (!is_lab(live))
		return;
	if (scene->judging) {
		say(live, "claims are judged flat out: J or Esc there stops it");
	} else if (scene_rate(scene) != RATE_MAX) {
		scene->run.rate_hz = RATE_MAX;
		session_set_rate(scene->session, RATE_MAX);
	} else if (scene->bounded_hz) {
		scene->run.rate_hz = scene->bounded_hz;
		session_set_rate(scene->session, scene->bounded_hz);
	} else {
		scene->run.rate_hz = RATE_UNSET;
		start(live); /* a rate that all hold has to be looked for */
	}
}

/* --- claims ------------------------------------------------------------------------------------- */

static const char *tell_judged(struct live *live)
{
	const struct claim_board *board = claims_run_board(live->scene.claims);
	char summary[96], others[96];

	claim_summary(board, summary, sizeof(summary));
	claim_others(board, others, sizeof(others));
	snprintf(live->judged, sizeof(live->judged), "%s - R runs the job again, q quits",
		 *others ? others : summary);
	return live->judged;
}

static bool has_verdicts(const struct live *live)
{
	const struct claim_board *board = board_now(live);

	return board && board_count(board, NOT_DECIDED) < N_CLAIMS && board->began;
}

static void judge(struct live *live)
{
	if (!is_lab(live))
		return;
	if (live->scene.judging) {
		scene_stop_claims(&live->scene);
	} else if (has_verdicts(live) && clock_now_ns() > live->judge_until_ns) {
		say(live, "J once more judges anew, and drops what stands here");
		live->judge_until_ns = live->message_until_ns;
	} else {
		begin(live, scene_judge);
	}
}

static void run_claim(struct live *live)
{
	struct error error;

	if (!is_lab(live))
		return;
	if (live->scene.judging) {
		say(live, "claims are being judged: J or Esc stops that");
		return;
	}
	if (scene_choose_claim(&live->scene, live->settings.claim, &error)) {
		say(live, error.text);
		return;
	}
	live->settings.view = VIEW_LANES;
	start(live);
}

static void write_log(struct live *live)
{
	char message[sizeof(live->settings.message)];

	live_write(seen_history(live), seen_state(live), live->scene.start_ns, live->scene.listens,
		   message, sizeof(message));
	say(live, message);
}

static void act(struct live *live, enum command command)
{
	unsigned n_tasks = scene_n_tasks(&live->scene);

	switch (command) {
	case DO_QUIT:
		live->quit = true;
		break;
	case DO_PAUSE:
		live->settings.paused ? thaw(live) : freeze(live);
		break;
	case DO_JOB:
		choose_job(live);
		break;
	case DO_TASKS:
		set_tasks(live, strtoul(live->settings.prompt, NULL, 10));
		break;
	case DO_MORE_TASKS:
		set_tasks(live, n_tasks < LAB_MAX_TASKS / 2 ? 2ul * n_tasks : LAB_MAX_TASKS);
		break;
	case DO_FEWER_TASKS:
		set_tasks(live, n_tasks / 2);
		break;
	case DO_TURNS:
		change_turns(live);
		break;
	case DO_RATE:
		change_rate(live);
		break;
	case DO_RESTART:
		start(live);
		break;
	case DO_JUDGE:
		judge(live);
		break;
	case DO_CLEAR: /* nothing else was to be taken back */
		if (live->scene.judging)
			judge(live);
		break;
	case DO_CHOOSE:
		run_claim(live);
		break;
	case DO_WRITE:
		write_log(live);
		break;
	default:
		break;
	}
}

static int update_list(struct live *live)
{
	return event_list_update(live->events, seen_history(live), seen_state(live),
				 live->settings.filter);
}

/*
 * A view may have something to say about a key as well: it stays for a while. What a key leads to is
 * kept before the history lets it go.
 */
static void answer(struct live *live, char32_t key)
{
	enum command command = DO_NOTHING;

	show_time(live);
	if (!update_list(live))
		command = view_key(seen_state(live), &live->settings, key);
	if (live->settings.bottom != FOLLOW)
		event_list_keep(live->events, live->settings.bottom, live->settings.n_rows);
	live->scene.wants_events =
		live->settings.view == VIEW_EVENTS || live->settings.view == VIEW_TIMELINE;
	if (live->settings.message[0])
		live->message_until_ns = clock_now_ns() + MESSAGE_NS;
	act(live, command);
}

/* --- the screen --------------------------------------------------------------------------------- */

static int fit(struct live *live)
{
	unsigned n_rows, n_columns;

	terminal_size(live->terminal, &n_rows, &n_columns);
	if (live->grid.cells && n_rows == live->grid.n_rows && n_columns == live->grid.n_columns)
		return 0;
	grid_fini(&live->grid);
	live->settings.n_rows = n_rows;
	live->settings.n_columns = n_columns;
	return grid_init(&live->grid, n_rows, n_columns, terminal_is_ascii(live->terminal));
}

static const char *outcome(struct live *live)
{
	const struct session *session = live->scene.session;
	const char *failure = session ? session_failure(session) : NULL;

	if (live->scene.running)
		return NULL;
	if (live->scene.judged)
		return tell_judged(live);
	if (session && !live->scene.run.models)
		describe_command(live);
	return failure ? failure : "done - R restarts, q quits";
}

static int draw(struct live *live, uint64_t now_ns)
{
	struct settings *settings = &live->settings;
	int err = fit(live);

	if (err)
		return err;
	if (settings->message[0] && now_ns > live->message_until_ns)
		settings->message[0] = '\0';
	if (!settings->paused) {
		if (live->scene.judged)
			describe(live);
		figures_tick(&live->figures, live->scene.state, now_ns);
		settings->elapsed_ns = live->scene.ended_ns - live->scene.started_ns;
		settings->rate_hz = scene_rate(&live->scene);
		settings->unread = !live->scene.listens;
		settings->outcome = outcome(live);
	}
	show_time(live);
	err = update_list(live);
	if (!err && settings->view == VIEW_TIMELINE)
		err = timeline_update(seen_state(live), settings);
	if (err)
		return err;
	view_draw(seen_state(live), settings, &live->grid);
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

static int run_loop(struct live *live, struct error *error)
{
	uint64_t duration_ns = live->scene.options->duration_ns, begin_ns = clock_now_ns();

	while (!live->quit) {
		uint64_t now_ns = clock_now_ns(), until_ns;
		int n = scene_step(&live->scene, now_ns);

		if (n < 0)
			return error_set(error, -n, "cannot read events: %s", strerror(-n));
		if (now_ns >= live->next_frame_ns) {
			int err = draw(live, now_ns);

			if (err)
				return error_set(error, -err, "cannot draw: %s", strerror(-err));
			live->next_frame_ns = now_ns + frame_ns(live);
		}
		if (duration_ns && now_ns - begin_ns >= duration_ns)
			break;
		until_ns = now_ns + (live->scene.judging   ? JUDGE_NS
				     : n > N_BUSY	   ? BUSY_NS
				     : live->scene.running ? DRAIN_NS
							   : frame_ns(live));
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

static int live_open(struct live *live, const struct options *options, struct error *error)
{
	struct terminal_wishes wishes = { options->no_color, options->ascii };
	int err = terminal_check(error);

	if (err)
		return err;
	err = scene_open(&live->scene, options, error);
	if (err)
		return err;
	live->events = event_list_new();
	if (!live->events || figures_init(&live->figures, live->scene.state))
		return error_set(error, ENOMEM, "no memory for the screen");
	live->settings.bottom = FOLLOW;
	live->settings.figures = &live->figures;
	live->settings.events = live->events;
	live->settings.board = board_now(live);
	list_jobs(live);
	err = scene_start(&live->scene, error);
	if (err)
		return err;
	live->settings.start_ns = live->scene.start_ns;
	describe(live);
	live->terminal = terminal_new(&wishes, error);
	return live->terminal ? 0 : -EIO;
}

static void live_close(struct live *live)
{
	terminal_free(live->terminal);
	thaw(live);
	grid_fini(&live->grid);
	event_list_free(live->events);
	figures_fini(&live->figures);
	scene_close(&live->scene);
}

int cmd_live(const struct options *options)
{
	struct error error = { "" };
	struct live live = { 0 };
	int status = -1;
	int err = live_open(&live, options, &error);

	if (!err)
		err = run_loop(&live, &error);
	if (!err && live.scene.session)
		status = session_command_status(live.scene.session);
	live_close(&live);
	if (err) {
		fprintf(stderr, "swtch: %s\n", error.text);
		return err == -ERANGE ? EXIT_USAGE : EXIT_FAILED;
	}
	return status >= 0 ? status : EXIT_OK;
}
