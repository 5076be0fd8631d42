// SPDX-License-Identifier: GPL-2.0-only
/* per_task.c - a table that grows, up to a bound. */
#include "cmd/per_task.h"

#include <errno.h>
#include <stdlib.h>

#define N_TOLD_MAX 500000u /* 70 MB; of more, only their lanes know */

void per_task_fini(struct per_task *per_task)
{
	task_table_fini(&per_task->table);
}

int per_task_collect(struct per_task *per_task, struct source *source)
{
	struct task_table *table = &per_task->table;
	int err;

	table->n = per_task->n_ended;
	err = source->ended(source, table);
	if (table->n > N_TOLD_MAX) {
		per_task->n_cut += table->n - N_TOLD_MAX;
		table->n = N_TOLD_MAX;
	}
	per_task->n_ended = table->n;
	table->n_untold += per_task->n_cut;
	return err;
}

static bool has(const struct task_table *table, size_t from, size_t end, const struct task_row *row)
{
	for (size_t i = from; i < end; i++)
		if (table->rows[i].pid == row->pid && table->rows[i].start_ns == row->start_ns)
			return true;
	return false;
}

/* Who ends between the two readings is in both, and counts as ended. */
int per_task_finish(struct per_task *per_task, struct source *source)
{
	struct task_table *table = &per_task->table, there;
	size_t n_before = per_task->n_ended;
	int err;

	task_table_init(&there);
	err = source->tasks(source, &there);
	if (!err)
		err = per_task_collect(per_task, source);
	for (size_t i = 0; !err && i < there.n; i++) {
		struct task_row *row;

		if (has(table, n_before, per_task->n_ended, &there.rows[i]))
			continue;
		row = task_table_add(table);
		if (row)
			*row = there.rows[i];
		else
			err = -ENOMEM;
	}
	task_table_fini(&there);
	return err;
}

static int by_lane_then_switches(const void *left, const void *right)
{
	const struct task_row *a = left, *b = right;
	uint64_t n_a = a->voluntary + a->involuntary, n_b = b->voluntary + b->involuntary;

	if (a->lane != b->lane)
		return a->lane < b->lane ? -1 : 1;
	if (n_a != n_b)
		return n_a > n_b ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

void per_task_sort(struct per_task *per_task)
{
	struct task_table *table = &per_task->table;

	if (table->n)
		qsort(table->rows, table->n, sizeof(*table->rows), by_lane_then_switches);
}
