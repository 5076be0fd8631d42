/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * per_task.h - the tasks of a run one by one, for stat --per-task: those that ended, and who is there.
 * Starts zeroed. One thread.
 */
#ifndef SWTCH_PER_TASK_H
#define SWTCH_PER_TASK_H

#include "source/source.h"

struct per_task {
	struct task_table table; /* lane by lane, in each those first that left a CPU most often */
	size_t n_ended;		 /* before they are sorted, the first so many */
	uint64_t n_cut;		 /* for which there is no room here */
};

void per_task_fini(struct per_task *per_task);

/* Take what the source has of tasks that ended; to be called now and then. 0 or -errno. */
int per_task_collect(struct per_task *per_task, struct source *source);

/* The same, and who is there still, instead of who was at the last call. 0 or -errno. */
int per_task_finish(struct per_task *per_task, struct source *source);

/* Put in order what is in the table, at the end. */
void per_task_sort(struct per_task *per_task);

#endif
