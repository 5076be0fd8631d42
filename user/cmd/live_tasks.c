// SPDX-License-Identifier: GPL-2.0-only
/* live_tasks.c - single tasks: read while somebody looks at them, four times a second. */
#include <errno.h>

#include "base/clock.h"
#include "cmd/live.h"
#include "event/syscalls.h"

#define TASKS_NS      (240 * NS_PER_MS) /* figures change at most four times a second */
#define STALE_NS      NS_PER_S		/* what is measured over so long says nothing of now */
#define CALL_STAYS_NS (2 * NS_PER_S)

/* Marks of the last moments are on their way yet; where none come, time goes on as well. */
static uint64_t told_until_ns(const struct state *state)
{
	uint64_t late_ns = state->time_ns > EVENTS_LAG_NS ? state->time_ns - EVENTS_LAG_NS : 0;

	return late_ns > state->event_ns ? late_ns : state->event_ns;
}

/* What is known of each task now: as the source has it, or as a recording's events make it. */
static int read_tasks(struct scene *scene, uint64_t time_ns)
{
	struct task_table *table = &scene->task_table;
	int err;

	if (!scene->ledger)
		return scene->source->tasks(scene->source, table);
	task_table_clear(table, time_ns);
	err = ledger_tell(scene->ledger, scene->state->names, table->time_ns, false, table);
	for (size_t i = 0; i < table->n; i++)
		if (!table->rows[i].tgid) /* nobody told whose thread it is: it stands for itself */
			table->rows[i].tgid = table->rows[i].pid;
	return err;
}

void scene_take_tape_event(struct scene *scene, const struct event *event)
{
	uint64_t known_ns = scene->task_states->time_ns;

	if (ledger_apply(scene->ledger, event) || !scene->wants_tasks)
		return;
	if (event->time_ns < known_ns + TASKS_NS || read_tasks(scene, event->time_ns))
		return;
	task_states_measure(scene->task_states, &scene->task_table);
}

int scene_step_tasks(struct scene *scene, uint64_t now_ns)
{
	uint64_t since_ns = now_ns - scene->tasks_ns;
	int err;

	if (!scene->task_states || !scene->wants_tasks || since_ns < TASKS_NS)
		return 0;
	if (since_ns > STALE_NS && !scene->ledger)
		task_states_clear(scene->task_states);
	scene->tasks_ns = now_ns;
	err = read_tasks(scene, scene->deck ? deck_position_ns(scene->deck) : now_ns);
	if (err || scene->task_table.time_ns == scene->task_states->time_ns) /* it stands still */
		return err;
	coroutines_measure(scene->coroutines,
			   scene->ledger ? scene->task_table.time_ns : told_until_ns(scene->state));
	return task_states_measure(scene->task_states, &scene->task_table);
}

int live_tasks_open(struct live *live)
{
	const struct options *options = live->scene.options;

	if (!live->scene.task_states)
		return 0;
	live->settings.tasks.sort = task_column_of(TASK_BY_SWITCHES);
	for (unsigned i = 0; i < options->n_targets; i++)
		if (options->targets[i].kind ==
		    TARGET_ALL) /* who looks at all wants to see which */
			live->settings.tasks.tree = TREE_OF_PROGRAMS;
	live->settings.tasks.list = task_list_new();
	return live->settings.tasks.list ? 0 : -ENOMEM;
}

void live_tasks_close(struct live *live)
{
	task_list_free(live->settings.tasks.list);
	live->settings.tasks.list = NULL;
}

/*
 * What the chosen task is blocked in, asked of the keeper as often as tasks are read. One that switches
 * fast is mostly not blocked when it is looked at: the call it was seen in last stays for a while.
 */
static void look(struct live *live, uint64_t now_ns)
{
	struct task_view *view = &live->settings.tasks;
	const struct task_item *item;
	struct task_look *seen = &view->look;
	struct inspection found;
	struct task_id id;
	bool is_same;

	if (!live->scene.session || live->settings.paused || !view->is_detailed ||
	    live->settings.view != VIEW_TASKS || view->cursor >= task_list_n(view->list))
		return;
	item = task_list_at(view->list, view->cursor);
	id = task_item_id(item);
	is_same = task_id_is(&id, &seen->id);
	if (item->coroutine || (is_same && now_ns - live->looked_ns < TASKS_NS))
		return;
	live->looked_ns = now_ns;
	if (!is_same)
		*seen = (struct task_look){ .id = id, .syscall = SYSCALL_UNKNOWN };
	if (item->is_gone ||
	    session_inspect(live->scene.session, item->row.lane, item->row.pid, &found)) {
		seen->syscall = SYSCALL_UNKNOWN;
		return;
	}
	seen->inner_pid = (uint32_t)found.inner_pid;
	if (found.syscall == SYSCALL_RUNNING && now_ns - seen->time_ns < CALL_STAYS_NS)
		return;
	seen->syscall = found.syscall;
	seen->time_ns = now_ns;
}

int live_tasks_update(struct live *live, uint64_t now_ns)
{
	struct task_view *view = &live->settings.tasks;
	int err;

	view->states = live->frozen_tasks ? live->frozen_tasks : live->scene.task_states;
	view->coroutines =
		live->frozen_coroutines ? live->frozen_coroutines : live->scene.coroutines;
	view->clock_ns = now_ns;
	err = tasks_update(live_state(live), &live->settings);
	if (!err)
		look(live, now_ns);
	return err;
}

int live_tasks_freeze(struct live *live)
{
	if (!live->scene.task_states)
		return 0;
	live->frozen_tasks = task_states_copy(live->scene.task_states);
	live->frozen_coroutines = coroutines_copy(live->scene.coroutines);
	return live->frozen_tasks && live->frozen_coroutines ? 0 : -ENOMEM;
}

void live_tasks_thaw(struct live *live)
{
	task_states_free(live->frozen_tasks);
	coroutines_free(live->frozen_coroutines);
	live->frozen_tasks = NULL;
	live->frozen_coroutines = NULL;
	live->settings.tasks.states = live->scene.task_states;
	live->settings.tasks.coroutines = live->scene.coroutines;
}
