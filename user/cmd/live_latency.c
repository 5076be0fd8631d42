// SPDX-License-Identifier: GPL-2.0-only
/*
 * live_latency.c - where time goes, for the view: nothing is added up before somebody looks, as each event
 * costs as much again as all else that is done with it.
 */
#include "cmd/live.h"

static void take_history(struct latency *latency, const struct history *history)
{
	for (size_t i = 0; i < history_n(history); i++)
		latency_apply(latency, history_at(history, i));
}

void scene_look_at_latency(struct scene *scene)
{
	if (!scene->has_latency)
		take_history(&scene->latency, scene->history);
	scene->has_latency = true;
}

void scene_take_latency(struct scene *scene, const struct event *event)
{
	if (scene->has_latency)
		latency_apply(&scene->latency, event);
}

/* Who looks on sees what comes from now on. */
void scene_forget_latency(struct scene *scene)
{
	if (scene->has_latency)
		latency_clear(&scene->latency);
}

void live_latency_show(struct live *live)
{
	const struct latency *latency =
		live->frozen_latency.spans ? &live->frozen_latency : &live->scene.latency;

	if (live->settings.view == VIEW_LATENCY || live->settings.view == VIEW_TASKS)
		scene_look_at_latency(&live->scene);
	live->settings.spans = latency->spans;
	live->settings.blame = latency->blame;
}

/* Looked at while it is frozen it shall be as of then. */
int live_latency_freeze(struct live *live)
{
	const struct scene *scene = &live->scene;
	int err;

	if (scene->has_latency)
		return latency_copy(&live->frozen_latency, &scene->latency);
	err = latency_init(&live->frozen_latency, scene->state->n_lanes);
	if (!err)
		take_history(&live->frozen_latency, scene->history);
	return err;
}

void live_latency_thaw(struct live *live)
{
	latency_fini(&live->frozen_latency);
}
