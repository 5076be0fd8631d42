// SPDX-License-Identifier: GPL-2.0-only
/* live_act.c - what keys do to what runs: another job, more tasks, another rate, the claims. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/live.h"
#include "cmd/run_facts.h"
#include "cmd/targets.h"
#include "view/claim_rows.h"

#define TURN_NS (3 * NS_PER_S) /* of each model, when they take turns without an end set */

/* --- what runs ---------------------------------------------------------------------------------- */

/* What is watched; and of a command where its output is, and how it ended. */
static void describe_targets(struct live *live)
{
	const struct options *options = live->scene.options;
	int status = session_command_status(live->scene.session);

	live->settings.job = options->n_targets == 1 ? target_kind_name(options->targets[0].kind)
						     : "side by side";
	if (!options->command)
		snprintf(live->shows, sizeof(live->shows), "%s%s", live->watched,
			 live->scene.running ? ", which goes on when this ends"
					     : ", as it was until the end");
	else if (status < 0)
		snprintf(live->shows, sizeof(live->shows),
			 "what it writes is in the output (Tab): %s", live->watched);
	else
		snprintf(live->shows, sizeof(live->shows),
			 "ended with status %d; what it wrote is in the output (Tab): %s", status,
			 live->watched);
}

void live_describe(struct live *live)
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
		settings->programs = true;
		settings->shows = live->shows;
		describe_targets(live);
	}
	settings->together = run->together;
	settings->n_tasks = scene_n_tasks(scene);
	if (run != &scene->run && run->job) /* an experiment */
		settings->n_tasks = run_n_tasks(run);
}

/* Another run, or the claims in its place. */
static void begin(struct live *live, int (*how)(struct scene *scene, struct error *error))
{
	struct error error;

	live_thaw(live);
	if (!live->scene.session && live->recorder) /* the clock of what is made up begins anew */
		live_record_turn(live);
	live->settings.bottom = FOLLOW;
	live->settings.message[0] = '\0';
	if (how(&live->scene, &error))
		live_say(live, error.text);
	figures_restart(&live->figures, live->scene.n_lost_before);
	live->settings.start_ns = live->scene.start_ns;
	timeline_restart(&live->settings);
	live_describe(live);
}

void live_start(struct live *live)
{
	begin(live, scene_start);
}

static bool is_lab(struct live *live)
{
	if (live->scene.session && live->scene.run.models)
		return true;
	live_say(live, live->scene.session
			       ? "programs are watched: only the lab can change that"
			       : "the machine is made up: only the lab can change that");
	return false;
}

/*
 * What was not started cannot be started again, nor its counts be begun anew while it runs. A command is
 * the user's own: it is not ended by a slip.
 */
static void restart(struct live *live)
{
	const struct options *options = live->scene.options;
	bool ends_command = live->scene.session && options->n_targets && live->scene.running;

	for (unsigned i = 0; live->scene.session && i < options->n_targets; i++)
		if (options->targets[i].kind != TARGET_COMMAND) {
			live_say(live,
				 "it was not started from here: R is for the lab and commands");
			return;
		}
	if (ends_command && clock_now_ns() > live->restart_until_ns) {
		live_say(live, "it still runs: R once more ends it and starts it anew");
		live->restart_until_ns = live->message_until_ns;
		return;
	}
	live_start(live);
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
	live_start(live);
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
		live_say(live, message);
		return;
	}
	live->scene.run.wish.n_tasks = (uint32_t)n_tasks;
	live_start(live);
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
	live_start(live);
}

static void change_rate(struct live *live)
{
	struct scene *scene = &live->scene;

	if (!is_lab(live))
		return;
	if (scene->judging) {
		live_say(live, "claims are judged flat out: J or Esc there stops it");
	} else if (scene_rate(scene) != RATE_MAX) {
		scene->run.rate_hz = RATE_MAX;
		session_set_rate(scene->session, RATE_MAX);
	} else if (scene->bounded_hz) {
		scene->run.rate_hz = scene->bounded_hz;
		session_set_rate(scene->session, scene->bounded_hz);
	} else {
		scene->run.rate_hz = RATE_UNSET;
		live_start(live); /* a rate that all hold has to be looked for */
	}
}

/* --- claims ------------------------------------------------------------------------------------- */

const char *live_judged(struct live *live)
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
	const struct claim_board *board = live_board(live);

	return board && board_count(board, NOT_DECIDED) < N_CLAIMS && board->began;
}

static void judge(struct live *live)
{
	if (!is_lab(live))
		return;
	if (live->scene.judging) {
		scene_stop_claims(&live->scene);
	} else if (has_verdicts(live) && clock_now_ns() > live->judge_until_ns) {
		live_say(live, "J once more judges anew, and drops what stands here");
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
		live_say(live, "claims are being judged: J or Esc stops that");
		return;
	}
	if (scene_choose_claim(&live->scene, live->settings.claim, &error)) {
		live_say(live, error.text);
		return;
	}
	live->settings.view = VIEW_LANES;
	live_start(live);
}

static void write_log(struct live *live)
{
	char message[sizeof(live->settings.message)];

	if (live_write(live_history(live), live_state(live), live->scene.start_ns,
		       live->scene.listens, message, sizeof(message)))
		live_say(live, message);
	else
		live_say_for_good(live, message);
}

void live_act(struct live *live, enum command command)
{
	unsigned n_tasks = scene_n_tasks(&live->scene);

	switch (command) {
	case DO_QUIT:
		live->quit = true;
		break;
	case DO_PAUSE:
		live->settings.paused ? live_thaw(live) : live_freeze(live);
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
		restart(live);
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
	case DO_RECORD:
		live_record_turn(live);
		break;
	case DO_SLOWER:
	case DO_FASTER:
	case DO_JUMP:
		live_say(live, "this happens now: only a recording has another time or speed");
		break;
	default:
		break;
	}
}
