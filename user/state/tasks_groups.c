// SPDX-License-Identifier: GPL-2.0-only
/* tasks_groups.c - tasks become processes, and processes of one name a program. */
#include "state/tasks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "state/tasks_private.h"

/* --- processes ------------------------------------------------------------------------------------ */

static int by_process(const void *a, const void *b)
{
	const struct member_key *left = a, *right = b;

	if (left->process != right->process)
		return left->process < right->process ? -1 : 1;
	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	return left->index < right->index ? -1 : left->index > right->index;
}

static void add_known(double *sum, double part)
{
	if (!isnan(part))
		*sum += part;
}

static void add_rates(struct process_state *process, const struct task_state *task)
{
	const struct task_row *row = &task->row;
	const struct task_rates *rates = &task->rates;
	struct task_rates *sum = &process->rates;

	process->voluntary += row->voluntary;
	process->involuntary += row->involuntary;
	process->run_ns += row->run_ns;
	process->wait_ns += row->wait_ns;
	process->sleep_ns += row->sleep_ns;
	process->blocked_ns += row->blocked_ns;
	process->wakeups += row->wakeups;
	process->migrations += row->migrations;
	if (row->wait_max_ns > process->wait_max_ns)
		process->wait_max_ns = row->wait_max_ns;
	if (isnan(rates->switch_hz))
		return;
	sum->switch_hz += rates->switch_hz;
	sum->voluntary_hz += rates->voluntary_hz;
	sum->involuntary_hz += rates->involuntary_hz;
	add_known(&sum->run_share, rates->run_share);
	add_known(&sum->wait_share, rates->wait_share);
	add_known(&sum->sleep_share, rates->sleep_share);
	add_known(&sum->blocked_share, rates->blocked_share);
	sum->wakeup_hz += rates->wakeup_hz;
	sum->migration_hz += rates->migration_hz;
}

static struct process_state *begin_process(struct task_states *states, const struct member_key *key,
					   size_t first)
{
	struct process_state *process = &states->processes[states->n_processes++];

	*process = (struct process_state){ .tgid = (uint32_t)(key->process >> 32),
					   .lane = (uint32_t)key->process,
					   .leader = -1,
					   .first = (unsigned)first };
	if (!states->step_ns)
		process->rates = rates_unknown;
	return process;
}

static void end_process(struct process_state *process, const struct task_states *states)
{
	double hz = process->rates.switch_hz, wait_share = process->rates.wait_share;

	process->rates.wait_mean_ns = states->step_ns && hz > 0 ? wait_share * NS_PER_S / hz : NAN;
}

static void sort(struct task_states *states)
{
	qsort(states->private->keys, states->n_tasks, sizeof(*states->private->keys), by_process);
}

/* Of sorted keys, each run with the same `process` becomes one. */
static void make_processes(struct task_states *states)
{
	const struct member_key *keys = states->private->keys;
	struct process_state *process = NULL;

	states->n_processes = 0;
	for (size_t i = 0; i < states->n_tasks; i++) {
		struct task_state *task = &states->tasks[keys[i].index];

		states->members[i] = keys[i].index;
		if (!i || keys[i].process != keys[i - 1].process) {
			if (process)
				end_process(process, states);
			process = begin_process(states, &keys[i], i);
		}
		if (task->row.pid == process->tgid)
			process->leader = (int)keys[i].index;
		process->n_tasks++;
		task->process = (unsigned)(states->n_processes - 1);
		add_rates(process, task);
	}
	if (process)
		end_process(process, states);
}

/* --- programs ------------------------------------------------------------------------------------- */

static const char *name_of(const struct task_states *states, const struct process_state *process)
{
	unsigned of =
		process->leader >= 0 ? (unsigned)process->leader : states->members[process->first];

	return states->tasks[of].row.name;
}

/* A process on its way into a program: which is called as its processes are, and known by the first. */
struct of_program {
	const char *name;
	uint32_t lane, tgid;
	unsigned process;
};

static int by_program(const void *a, const void *b)
{
	const struct of_program *left = a, *right = b;
	int names = strncmp(left->name, right->name, TASK_NAME_LEN);

	if (left->lane != right->lane)
		return left->lane < right->lane ? -1 : 1;
	if (names)
		return names;
	return left->tgid < right->tgid ? -1 : left->tgid > right->tgid;
}

/* Give the tasks of all processes of one name the key of the first of these. */
static int join_programs(struct task_states *states)
{
	size_t n = states->n_processes;
	struct of_program *all = malloc((n ? n : 1) * sizeof(*all));
	uint32_t *firsts = malloc((n ? n : 1) * sizeof(*firsts)); /* by process: the first's tgid */
	struct member_key *keys = states->private->keys;

	if (!all || !firsts) {
		free(all);
		free(firsts);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < n; i++) {
		const struct process_state *process = &states->processes[i];

		all[i] = (struct of_program){ name_of(states, process), process->lane,
					      process->tgid, i };
	}
	qsort(all, n, sizeof(*all), by_program);
	for (size_t i = 0, first = 0; i < n; i++) {
		if (all[i].lane != all[first].lane ||
		    strncmp(all[i].name, all[first].name, TASK_NAME_LEN) != 0)
			first = i;
		firsts[all[i].process] = all[first].tgid;
	}
	for (size_t i = 0; i < states->n_tasks; i++) {
		const struct task_state *task = &states->tasks[keys[i].index];

		keys[i].process = (uint64_t)firsts[task->process] << 32 | task->row.lane;
	}
	free(all);
	free(firsts);
	return 0;
}

int tasks_group(struct task_states *states)
{
	struct member_key *keys = states->private->keys;

	for (size_t i = 0; i < states->n_tasks; i++) {
		const struct task_row *row = &states->tasks[i].row;

		keys[i] = (struct member_key){ (uint64_t)row->tgid << 32 | row->lane, row->pid,
					       (unsigned)i };
	}
	sort(states);
	make_processes(states);
	states->n_joined = states->n_processes;
	if (!states->is_by_program)
		return 0;
	if (join_programs(states))
		return -ENOMEM;
	sort(states);
	make_processes(states);
	return 0;
}

int task_states_join(struct task_states *states, bool by_program_name)
{
	if (states->is_by_program == by_program_name)
		return 0;
	states->is_by_program = by_program_name;
	states->n_lines = 0;
	return tasks_group(states);
}
