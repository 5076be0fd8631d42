// SPDX-License-Identifier: GPL-2.0-only
/* live_claims.c - judging in the place of what runs, and running what a claim is about. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/live.h"
#include "source/live.h"

/* Nothing is read beside: that would slow what is measured. And every CPU counts, seen or not. */
static void watch_for_claims(struct scene *scene, bool judging)
{
	static const uint64_t all[LAB_PIN_WORDS];

	live_show_cpus(scene->source, judging ? all : scene->options->cpus);
	if (judging)
		session_listen(scene->session, false, false);
	scene->listens = false;
	scene->judging = judging;
}

int scene_judge(struct scene *scene, struct error *error)
{
	bool wanted[N_CLAIMS];
	int err = scene_clear(scene);

	if (err)
		return error_set(error, -err, "cannot read the counters: %s", strerror(-err));
	memset(wanted, true, sizeof(wanted));
	watch_for_claims(scene, true);
	claims_run_start(scene->claims, wanted);
	scene->running = scene->judged = true;
	scene->started_ns = scene->ended_ns = scene->now_ns = clock_now_ns();
	return 0;
}

bool scene_step_claims(struct scene *scene)
{
	if (claims_run_step(scene->claims, 0))
		return true;
	scene_stop_claims(scene);
	return false;
}

void scene_stop_claims(struct scene *scene)
{
	if (!scene->judging)
		return;
	claims_run_stop(scene->claims);
	for (unsigned i = 1; i < scene->state->n_lanes; i++) /* their turn will not come */
		if (scene->state->lanes[i].label.phase == LANE_WAITING)
			scene->state->lanes[i].label.phase = LANE_UNUSED;
	watch_for_claims(scene, false);
	scene->running = false;
}

/* Its options, but not the end that makes it comparable: it runs on, if the job lets it. */
int scene_choose_claim(struct scene *scene, unsigned claim, struct error *error)
{
	struct run run;
	int err = experiment_read(claims[claim].figures[0].experiment, "live", &run, error);

	if (err)
		return err;
	run.wish.work = 0;
	run.time_ns = 0;
	scene->run = run;
	return 0;
}

const struct run *scene_now(const struct scene *scene)
{
	const struct run *experiment = scene->judged ? claims_run_now(scene->claims) : NULL;

	return experiment && experiment->job ? experiment : &scene->run;
}
