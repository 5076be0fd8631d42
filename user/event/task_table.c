// SPDX-License-Identifier: GPL-2.0-only
/* task_table.c - rows in memory that grows. */
#include "event/task_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

void task_table_init(struct task_table *table)
{
	*table = (struct task_table){ 0 };
}

void task_table_fini(struct task_table *table)
{
	free(table->rows);
	*table = (struct task_table){ 0 };
}

/* Room for n rows in all; 0 or -ENOMEM. */
static int make_room(struct task_table *table, size_t n)
{
	size_t room = table->room ? table->room : FIRST_ROOM;
	struct task_row *rows;

	while (room < n)
		room *= 2;
	if (room == table->room)
		return 0;
	rows = realloc(table->rows, room * sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	table->rows = rows;
	table->room = room;
	return 0;
}

void task_table_clear(struct task_table *table, uint64_t time_ns)
{
	table->n = 0;
	table->time_ns = time_ns;
	table->n_untracked = table->n_untold = 0;
}

struct task_row *task_table_add(struct task_table *table)
{
	struct task_row *row;

	if (make_room(table, table->n + 1)) {
		errno = ENOMEM;
		return NULL;
	}
	row = &table->rows[table->n++];
	*row = (struct task_row){ 0 };
	return row;
}

int task_table_copy(struct task_table *to, const struct task_table *from)
{
	to->n = 0;
	if (make_room(to, from->n))
		return -ENOMEM;
	if (from->n)
		memcpy(to->rows, from->rows, from->n * sizeof(*to->rows));
	to->n = from->n;
	to->time_ns = from->time_ns;
	to->n_untracked = from->n_untracked;
	to->n_untold = from->n_untold;
	return 0;
}

const char *task_doing_name(unsigned doing)
{
	static const char *const names[N_TASK_DOINGS] = {
		[TASK_UNKNOWN] = "unknown",   [TASK_RUNNING] = "running",
		[TASK_RUNNABLE] = "runnable", [TASK_SLEEPING] = "sleeping",
		[TASK_BLOCKED] = "blocked",   [TASK_STOPPED] = "stopped",
		[TASK_ENDED] = "ended",
	};

	return names[doing < N_TASK_DOINGS ? doing : TASK_UNKNOWN];
}
