/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * synth_tasks.h - what the made-up machine remembers of each of its tasks, as the hooks do.
 *
 * `now_ns` is the time of the CPU on which it happens. Used by synth.c alone; one thread.
 */
#ifndef SWTCH_SYNTH_TASKS_H
#define SWTCH_SYNTH_TASKS_H

#include "event/task_table.h"

/* A task begins, and sleeps. */
void synth_task_begin(struct task_row *row, uint32_t word, uint32_t tgid, uint32_t parent,
		      uint64_t now_ns);

/* It leaves after ran_ns, in `state` of an EVENT_SWITCH. NULL will do. */
void synth_task_leave(struct task_row *row, unsigned cpu, uint8_t state, uint64_t ran_ns,
		      uint64_t now_ns);

/* It comes after it waited for so long. NULL will do. */
void synth_task_come(struct task_row *row, unsigned cpu, uint64_t waited_ns, uint64_t now_ns);

void synth_task_wake(struct task_row *row, uint32_t waker);

/* Add a copy of it as of now_ns. 0 or -ENOMEM. */
int synth_task_tell(const struct task_row *row, struct task_table *table, uint64_t now_ns);

#endif
