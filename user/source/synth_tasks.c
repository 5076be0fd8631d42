// SPDX-License-Identifier: GPL-2.0-only
/* synth_tasks.c - a row for each task of the made-up machine, kept as its life goes on. */
#include "source/synth_tasks.h"

#include <errno.h>

void synth_task_begin(struct task_row *row, uint32_t word, uint32_t tgid, uint32_t parent,
		      uint64_t now_ns)
{
	*row = (struct task_row){ .pid = task_pid(word),
				  .tgid = tgid,
				  .parent = parent,
				  .lane = task_lane(word),
				  .cpu = CPU_UNKNOWN,
				  .doing = TASK_SLEEPING,
				  .start_ns = now_ns,
				  .since_ns = now_ns };
}

/* What it did until now. CPUs are played one after another: another's clock may be behind. */
static void count_past(struct task_row *row, uint64_t now_ns)
{
	uint64_t past_ns = now_ns > row->since_ns ? now_ns - row->since_ns : 0;

	if (row->doing == TASK_RUNNABLE)
		row->wait_ns += past_ns;
	else if (row->doing == TASK_SLEEPING)
		row->sleep_ns += past_ns;
	else if (row->doing == TASK_BLOCKED)
		row->blocked_ns += past_ns;
}

void synth_task_leave(struct task_row *row, unsigned cpu, uint8_t state, uint64_t ran_ns,
		      uint64_t now_ns)
{
	static const uint8_t doings[N_LEAVE_STATES] = { [LEAVE_RUNNABLE] = TASK_RUNNABLE,
							[LEAVE_SLEEPING] = TASK_SLEEPING,
							[LEAVE_BLOCKED] = TASK_BLOCKED };

	if (!row)
		return;
	*(state & LEAVE_VOLUNTARY ? &row->voluntary : &row->involuntary) += 1;
	row->run_ns += ran_ns;
	if (row->cpu != cpu) /* another has taken it in the meantime */
		return;
	row->doing = doings[state & LEAVE_MASK];
	row->since_ns = now_ns;
}

void synth_task_come(struct task_row *row, unsigned cpu, uint64_t waited_ns, uint64_t now_ns)
{
	if (!row)
		return;
	if (row->doing != TASK_RUNNABLE) {
		count_past(row, now_ns > waited_ns ? now_ns - waited_ns : 0);
		row->wait_ns += waited_ns;
	} else {
		count_past(row, now_ns);
	}
	if (waited_ns > row->wait_max_ns)
		row->wait_max_ns = waited_ns;
	row->cpu = (uint16_t)cpu;
	row->doing = TASK_RUNNING;
	row->since_ns = now_ns;
}

void synth_task_wake(struct task_row *row, uint32_t waker)
{
	row->wakeups++;
	row->waker = waker;
	row->has_waker = true;
}

int synth_task_tell(const struct task_row *row, struct task_table *table, uint64_t now_ns)
{
	struct task_row *to = task_table_add(table);

	if (!to)
		return -ENOMEM;
	*to = *row;
	count_past(to, now_ns);
	if (to->doing == TASK_RUNNING && now_ns > to->since_ns)
		to->run_ns += now_ns - to->since_ns;
	return 0;
}
