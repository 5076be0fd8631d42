/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * task_life.h - one task's row kept up as its life goes on, and told as of any instant.
 *
 * For sources that see events, and for those that copy what the hooks keep: struct task_life holds the
 * same. No memory of its own; one thread.
 */
#ifndef SWTCH_TASK_LIFE_H
#define SWTCH_TASK_LIFE_H

#include "event/task_table.h"

struct task_life {
	struct task_row
		row;   /* sums up to since_ns; what it does now is worked out by task_life_add() */
	uint8_t doing; /* DOING_UNKNOWN, DOING_RUNNING, or one more than enum leave_state */
	uint64_t since_ns; /* when it last came or left; 0: not seen yet */
	uint64_t woken_ns; /* last; 0: never */
};

/* It begins, and waits for its first wakeup: `word` is of the task, tgid 0 not known. */
void task_life_begin(struct task_life *life, uint32_t word, uint32_t tgid, uint32_t parent,
		     uint64_t now_ns);

/* It leaves its CPU after ran_ns, in `state` of an EVENT_SWITCH. NULL will do. */
void task_life_leave(struct task_life *life, unsigned cpu, uint8_t state, uint64_t ran_ns,
		     uint64_t now_ns);

/* It comes, after it was runnable for waited_ns (0: not known). NULL will do. */
void task_life_come(struct task_life *life, unsigned cpu, uint64_t waited_ns, uint64_t now_ns);

void task_life_wake(struct task_life *life, uint32_t waker, uint64_t now_ns);

/* Add its row as of now_ns: with what it does now, and since when. 0 or -ENOMEM. */
int task_life_add(const struct task_life *life, uint64_t now_ns, struct task_table *table);

#endif
