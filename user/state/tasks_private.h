/* SPDX-License-Identifier: GPL-2.0-only */
/* tasks_private.h - memory that tasks.c, tasks_groups.c and tasks_order.c share. */
#ifndef SWTCH_TASKS_PRIVATE_H
#define SWTCH_TASKS_PRIVATE_H

#include "state/tasks.h"

#define NO_TASK UINT32_MAX
#define N_PAST	6

/* What tasks are grouped by. */
struct member_key {
	uint64_t process; /* tgid and lane */
	uint32_t pid;
	unsigned index;
};

struct tasks_private {
	size_t room;			 /* tasks that there is memory for, a power of two; */
	struct task_table past[N_PAST];	 /* as they were measured before; */
	unsigned n_past;		 /* so many ever, number i in past[i % N_PAST] */
	const struct task_table *before; /* of these, that rates are made from */
	struct member_key *keys;	 /* [room] */
	uint32_t *buckets;		 /* [2 * room]: index into before->rows, NO_TASK */
	bool is_indexed;
};

/* Make processes of the tasks, or programs. 0, or -ENOMEM: then they are processes. */
int tasks_group(struct task_states *states);

#endif
