// SPDX-License-Identifier: GPL-2.0-only
/*
 * tasks.c - two tables become rates.
 *
 * Sources tell tasks in an order that changes little, so a task is looked for first behind the one
 * that was found last, and only then in a table of all pids.
 */
#include "state/tasks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "state/tasks_private.h"

struct task_states *task_states_new(void)
{
	struct task_states *states = calloc(1, sizeof(*states));

	if (!states)
		return NULL;
	states->private = calloc(1, sizeof(*states->private));
	if (!states->private) {
		free(states);
		errno = ENOMEM;
		return NULL;
	}
	return states;
}

void task_states_free(struct task_states *states)
{
	if (!states)
		return;
	free(states->tasks);
	free(states->processes);
	free(states->members);
	free(states->lines);
	for (unsigned i = 0; i < N_PAST; i++)
		task_table_fini(&states->private->past[i]);
	free(states->private->buckets);
	free(states->private->keys);
	free(states->private);
	free(states);
}

void task_states_clear(struct task_states *states)
{
	states->n_tasks = states->n_processes = states->n_joined = states->n_lines = 0;
	states->time_ns = states->step_ns = states->n_untracked = 0;
	states->private->n_past = 0;
}

/* --- room ----------------------------------------------------------------------------------------- */

/* Room for n tasks, in all that has one element a task; lines may be twice as many. */
static int make_room(struct task_states *states, size_t n)
{
	struct tasks_private *private = states->private;
	size_t room = private->room ? private->room : 64;

	while (room < n)
		room *= 2;
	if (room == private->room)
		return 0;
	private->room = 0;
	if (memory_grow(&states->tasks, room, sizeof(*states->tasks)) ||
	    memory_grow(&states->processes, room, sizeof(*states->processes)) ||
	    memory_grow(&states->members, room, sizeof(*states->members)) ||
	    memory_grow(&states->lines, 2 * room, sizeof(*states->lines)) ||
	    memory_grow(&private->keys, room, sizeof(*private->keys)) ||
	    memory_grow(&private->buckets, 2 * room, sizeof(*private->buckets)))
		return -ENOMEM;
	private->room = room;
	return 0;
}

/* --- who was who ---------------------------------------------------------------------------------- */

static bool is_same(const struct task_row *a, uint32_t pid, uint64_t start_ns)
{
	return a->pid == pid && a->start_ns == start_ns;
}

static size_t bucket_of(const struct tasks_private *private, uint32_t pid)
{
	return (pid * 2654435761u) & (2 * private->room - 1);
}

/* A table of the tasks of before, by pid: chains of neighbours, half of it empty. */
static void index_before(struct tasks_private *private)
{
	memset(private->buckets, 0xff, 2 * private->room * sizeof(*private->buckets));
	for (size_t i = 0; i < private->before->n; i++) {
		size_t at = bucket_of(private, private->before->rows[i].pid);

		while (private->buckets[at] != NO_TASK)
			at = (at + 1) & (2 * private->room - 1);
		private->buckets[at] = (uint32_t)i;
	}
	private->is_indexed = true;
}

/* The same task in the table of before; NULL: there was none. *next: where to look first. */
static const struct task_row *row_before(struct tasks_private *private, const struct task_row *row,
					 size_t *next)
{
	const struct task_table *table = private->before;
	size_t at;

	if (!table)
		return NULL;
	if (*next < table->n && is_same(&table->rows[*next], row->pid, row->start_ns))
		return &table->rows[(*next)++];
	if (!private->is_indexed)
		index_before(private);
	for (at = bucket_of(private, row->pid); private->buckets[at] != NO_TASK;
	     at = (at + 1) & (2 * private->room - 1)) {
		const struct task_row *before = &table->rows[private->buckets[at]];

		if (is_same(before, row->pid, row->start_ns)) {
			*next = private->buckets[at] + 1;
			return before;
		}
	}
	return NULL;
}

/* --- rates ---------------------------------------------------------------------------------------- */

_Static_assert(sizeof(struct task_rates) == 10 * sizeof(double), "a NAN for each");
const struct task_rates rates_unknown = { NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };

/* A figure that went back was read while it was written, or its source began anew. */
static double step_of(uint64_t before, uint64_t after)
{
	return after > before ? (double)(after - before) : 0;
}

static double shares_of(const struct task_rates *rates)
{
	return rates->run_share + rates->wait_share + rates->sleep_share + rates->blocked_share;
}

static void find_rates(struct task_state *task, const struct task_row *before, double step_ns)
{
	const struct task_row *after = &task->row;
	double n = step_of(before->voluntary, after->voluntary) +
		   step_of(before->involuntary, after->involuntary);
	double wait_ns = step_of(before->wait_ns, after->wait_ns);
	double per_s = NS_PER_S / step_ns;

	task->rates = (struct task_rates){
		.switch_hz = n * per_s,
		.voluntary_hz = step_of(before->voluntary, after->voluntary) * per_s,
		.involuntary_hz = step_of(before->involuntary, after->involuntary) * per_s,
		.run_share = step_of(before->run_ns, after->run_ns) / step_ns,
		.wait_share = wait_ns / step_ns,
		.sleep_share = step_of(before->sleep_ns, after->sleep_ns) / step_ns,
		.blocked_share = step_of(before->blocked_ns, after->blocked_ns) / step_ns,
		.wakeup_hz = step_of(before->wakeups, after->wakeups) * per_s,
		.migration_hz = step_of(before->migrations, after->migrations) * per_s,
		.wait_mean_ns = n > 0 ? wait_ns / n : NAN, /* as often as it left, it came */
	};
	if (after->doing == TASK_UNKNOWN && shares_of(&task->rates) <= 0)
		task->rates.run_share = task->rates.wait_share = task->rates.sleep_share =
			task->rates.blocked_share = NAN; /* nobody saw what it did */
	task->step_wait_max_ns =
		after->wait_max_ns > before->wait_max_ns ? after->wait_max_ns : COUNT_UNKNOWN;
}

/* A task that began within the step has its whole past in it. */
static void measure_task(struct task_states *states, struct task_state *task,
			 const struct task_row *before)
{
	static const struct task_row nothing;
	uint64_t from_ns = states->time_ns - states->step_ns;

	task->rates = rates_unknown;
	task->step_wait_max_ns = COUNT_UNKNOWN;
	if (states->step_ns && (before || task->row.start_ns >= from_ns))
		find_rates(task, before ? before : &nothing, (double)states->step_ns);
}

/* --- a measurement -------------------------------------------------------------------------------- */

/* The last table that is as old as the window is long, or else the oldest; NULL: there is none. */
static const struct task_table *find_before(const struct task_states *states, uint64_t time_ns)
{
	const struct tasks_private *private = states->private;
	const struct task_table *found = NULL;

	for (unsigned back = 1; back <= N_PAST && back <= private->n_past; back++) {
		const struct task_table *past = &private->past[(private->n_past - back) % N_PAST];

		if (past->time_ns >= time_ns)
			continue;
		found = past;
		if (time_ns - past->time_ns >= states->window_ns)
			break;
	}
	return found;
}

int task_states_measure(struct task_states *states, const struct task_table *table)
{
	struct tasks_private *private = states->private;
	const struct task_table *before = find_before(states, table->time_ns);
	size_t next = 0;

	states->n_lines = states->n_processes = 0;
	if (make_room(states, before && before->n > table->n ? before->n : table->n)) {
		task_states_clear(states);
		return -ENOMEM;
	}
	private->before = before;
	private->is_indexed = false;
	states->step_ns = before ? table->time_ns - before->time_ns : 0;
	states->time_ns = table->time_ns;
	states->n_untracked = table->n_untracked;
	states->n_tasks = table->n;
	for (size_t i = 0; i < table->n; i++) {
		states->tasks[i].row = table->rows[i];
		measure_task(states, &states->tasks[i],
			     row_before(private, &table->rows[i], &next));
	}
	private->before = NULL;
	if (tasks_group(states))
		return -ENOMEM;
	if (task_table_copy(&private->past[private->n_past % N_PAST], table)) {
		task_states_clear(states);
		return -ENOMEM;
	}
	private->n_past++;
	return 0;
}

int task_states_find(const struct task_states *states, uint32_t pid, uint64_t start_ns)
{
	for (size_t i = 0; i < states->n_tasks; i++)
		if (states->tasks[i].row.pid == pid &&
		    (!start_ns || states->tasks[i].row.start_ns == start_ns))
			return (int)i;
	return -1;
}

struct task_states *task_states_copy(const struct task_states *states)
{
	struct task_states *copy = task_states_new();

	if (!copy || make_room(copy, states->n_tasks)) {
		task_states_free(copy);
		errno = ENOMEM;
		return NULL;
	}
	copy->n_tasks = states->n_tasks;
	copy->n_processes = states->n_processes;
	copy->n_joined = states->n_joined;
	copy->n_lines = states->n_lines;
	copy->time_ns = states->time_ns;
	copy->step_ns = states->step_ns;
	copy->n_untracked = states->n_untracked;
	copy->is_by_program = states->is_by_program;
	if (!states->n_tasks)
		return copy;
	memcpy(copy->tasks, states->tasks, states->n_tasks * sizeof(*copy->tasks));
	memcpy(copy->processes, states->processes, states->n_processes * sizeof(*copy->processes));
	memcpy(copy->members, states->members, states->n_tasks * sizeof(*copy->members));
	memcpy(copy->lines, states->lines, states->n_lines * sizeof(*copy->lines));
	return copy;
}
