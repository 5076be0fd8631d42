// SPDX-License-Identifier: GPL-2.0-only
/* live_tasks.c - single tasks: read while somebody looks at them, four times a second. */
#include <errno.h>

#include "base/clock.h"
#include "cmd/live.h"

#define TASKS_NS (240 * NS_PER_MS) /* figures change at most four times a second */
#define STALE_NS NS_PER_S	   /* what is measured over so long says nothing of now */
#define SORT_BY	 3		   /* the column: switches a second */

int scene_step_tasks(struct scene *scene, uint64_t now_ns)
{
	uint64_t since_ns = now_ns - scene->tasks_ns;
	int err;

	if (!scene->task_states || !scene->wants_tasks || since_ns < TASKS_NS)
		return 0;
	if (since_ns > STALE_NS)
		task_states_clear(scene->task_states);
	scene->tasks_ns = now_ns;
	err = scene->source->tasks(scene->source, &scene->task_table);
	return err ? err : task_states_measure(scene->task_states, &scene->task_table);
}

int live_tasks_open(struct live *live)
{
	if (!live->scene.task_states)
		return 0;
	live->settings.tasks.sort = SORT_BY;
	live->settings.tasks.list = task_list_new();
	return live->settings.tasks.list ? 0 : -ENOMEM;
}

void live_tasks_close(struct live *live)
{
	task_list_free(live->settings.tasks.list);
	live->settings.tasks.list = NULL;
}

int live_tasks_update(struct live *live, uint64_t now_ns)
{
	struct task_view *view = &live->settings.tasks;

	view->states = live->frozen_tasks ? live->frozen_tasks : live->scene.task_states;
	view->clock_ns = now_ns;
	return tasks_update(live_state(live), &live->settings);
}

int live_tasks_freeze(struct live *live)
{
	if (!live->scene.task_states)
		return 0;
	live->frozen_tasks = task_states_copy(live->scene.task_states);
	return live->frozen_tasks ? 0 : -ENOMEM;
}

void live_tasks_thaw(struct live *live)
{
	task_states_free(live->frozen_tasks);
	live->frozen_tasks = NULL;
	live->settings.tasks.states = live->scene.task_states;
}
