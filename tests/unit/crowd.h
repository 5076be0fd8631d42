/* SPDX-License-Identifier: GPL-2.0-only */
/* crowd.h - a machine, and tasks of which tests of their view say what they do. */
#ifndef SWTCH_CROWD_H
#define SWTCH_CROWD_H

#include "test_view.h"

#define STEP_NS (250 * NS_PER_MS)

struct crowd {
	struct machine machine;
	struct task_table table;
	struct task_states *states;
};

static inline struct task_row *add_task(struct crowd *crowd, uint32_t pid, uint32_t tgid,
					uint32_t lane, const char *name)
{
	struct task_row *row = task_table_add(&crowd->table);

	assert_non_null(row);
	row->pid = pid;
	row->tgid = tgid;
	row->lane = lane;
	row->cpu = pid % 2;
	row->doing = TASK_SLEEPING;
	row->start_ns = NS_PER_S;
	snprintf(row->name, sizeof(row->name), "%s", name);
	return row;
}

/* Over the next step a task leaves `voluntary` and `involuntary` times, and runs `percent` of it. */
static inline void act(struct crowd *crowd, uint32_t pid, unsigned voluntary, unsigned involuntary,
		       unsigned percent)
{
	for (size_t i = 0; i < crowd->table.n; i++) {
		struct task_row *row = &crowd->table.rows[i];

		if (row->pid != pid)
			continue;
		row->voluntary += voluntary;
		row->involuntary += involuntary;
		row->run_ns += STEP_NS / 100 * percent;
		row->wait_ns += involuntary ? STEP_NS / 100 * (100 - percent) : 0;
		row->sleep_ns += involuntary ? 0 : STEP_NS / 100 * (100 - percent);
		row->wakeups += voluntary;
		row->wait_max_ns = 50000;
	}
}

static inline void measure(struct crowd *crowd)
{
	crowd->table.time_ns += STEP_NS;
	crowd->machine.settings.tasks.clock_ns += STEP_NS;
	assert_int_equal(task_states_measure(crowd->states, &crowd->table), 0);
	assert_int_equal(tasks_update(crowd->machine.state, &crowd->machine.settings), 0);
}

static inline void crowd_open(struct crowd *crowd)
{
	struct task_view *view = &crowd->machine.settings.tasks;

	memset(crowd, 0, sizeof(*crowd));
	machine_open(&crowd->machine, 2, 6);
	machine_run(&crowd->machine, 300);
	task_table_init(&crowd->table);
	crowd->table.time_ns = 3 * NS_PER_S;
	crowd->states = task_states_new();
	view->list = task_list_new();
	view->states = crowd->states;
	view->sort = task_column_of(TASK_BY_SWITCHES);
	view->clock_ns = 100 * NS_PER_S;
	crowd->machine.settings.view = VIEW_TASKS;
	assert_non_null(view->list);
	assert_non_null(crowd->states);
	add_task(crowd, 10, 10, 1, "ping");
	add_task(crowd, 20, 20, 2, "server");
	add_task(crowd, 21, 20, 2, "worker-1");
	add_task(crowd, 22, 20, 2, "worker-2");
	add_task(crowd, 30, 30, 3, "hog");
	measure(crowd);
	act(crowd, 10, 500, 0, 10);
	act(crowd, 20, 10, 0, 1);
	act(crowd, 21, 2500, 3, 20);
	act(crowd, 22, 25, 0, 2);
	act(crowd, 30, 0, 25, 60);
	measure(crowd);
}

static inline void crowd_close(struct crowd *crowd)
{
	task_list_free(crowd->machine.settings.tasks.list);
	task_states_free(crowd->states);
	task_table_fini(&crowd->table);
	machine_close(&crowd->machine);
}

static inline void look(struct crowd *crowd, unsigned n_columns, unsigned n_rows, bool ascii)
{
	crowd->machine.settings.n_rows = n_rows;
	crowd->machine.settings.n_columns = n_columns;
	assert_int_equal(tasks_update(crowd->machine.state, &crowd->machine.settings), 0);
	machine_draw(&crowd->machine, n_columns, n_rows, ascii);
	screen_is_harmless(&crowd->machine.grid);
}

static inline void press(struct crowd *crowd, char32_t key)
{
	assert_int_equal(machine_key(&crowd->machine, key), DO_NOTHING);
	look(crowd, 80, 24, false);
}

/* Time passes without a key, so that rows may be sorted. */
static inline void rest(struct crowd *crowd)
{
	crowd->machine.settings.tasks.clock_ns += 5 * NS_PER_S;
}

/* The pids in the list, in their order, and who is chosen. */
static inline void order_is(const struct crowd *crowd, const char *expected)
{
	const struct task_view *view = &crowd->machine.settings.tasks;
	char order[256] = "";
	size_t n = 0;

	for (size_t i = 0; i < task_list_n(view->list); i++) {
		const struct task_item *item = task_list_at(view->list, i);

		n += (size_t)snprintf(order + n, sizeof(order) - n, "%s%s%u%s%s", i ? " " : "",
				      item->n_tasks	? "p"
				      : item->coroutine ? "."
				      : item->is_nested ? "-"
							: "",
				      item->coroutine ? item->coroutine : item->row.pid,
				      item->is_gone ? "x" : "", i == view->cursor ? "<" : "");
	}
	assert_string_equal(order, expected);
}

#endif
