// SPDX-License-Identifier: GPL-2.0-only
/* task_life.c - what a task did is added up when it comes and goes; what it does is since then. */
#include "event/task_life.h"

#include <errno.h>

void task_life_begin(struct task_life *life, uint32_t word, uint32_t tgid, uint32_t parent,
		     uint64_t now_ns)
{
	*life = (struct task_life){ .row = { .pid = task_pid(word),
					     .tgid = tgid,
					     .parent = parent,
					     .lane = task_lane(word),
					     .cpu = CPU_UNKNOWN,
					     .start_ns = now_ns } };
}

static uint64_t between(uint64_t from_ns, uint64_t to_ns)
{
	return from_ns && from_ns < to_ns ? to_ns - from_ns : 0;
}

/* It slept so long, in the state that it left its CPU in. */
static void add_sleep(struct task_row *row, uint8_t doing, uint64_t ns)
{
	if (doing == 1 + LEAVE_BLOCKED)
		row->blocked_ns += ns;
	else
		row->sleep_ns += ns;
}

void task_life_leave(struct task_life *life, unsigned cpu, uint8_t state, uint64_t ran_ns,
		     uint64_t now_ns)
{
	if (!life)
		return;
	*(state & LEAVE_VOLUNTARY ? &life->row.voluntary : &life->row.involuntary) += 1;
	life->row.run_ns += ran_ns;
	/* A source may play its CPUs one after another: where it came meanwhile is behind this. */
	if (life->row.cpu != CPU_UNKNOWN && life->row.cpu != cpu)
		return;
	life->row.cpu = (uint16_t)cpu;
	life->doing = 1 + (state & LEAVE_MASK);
	life->since_ns = now_ns;
}

void task_life_come(struct task_life *life, unsigned cpu, uint64_t waited_ns, uint64_t now_ns)
{
	uint64_t waits_since_ns = now_ns > waited_ns ? now_ns - waited_ns : 0;

	if (!life)
		return;
	if (life->doing != 1 + LEAVE_RUNNABLE) {
		if (life->doing != DOING_RUNNING)
			add_sleep(&life->row, life->doing, between(life->since_ns, waits_since_ns));
		if (waited_ns > life->row.wait_max_ns)
			life->row.wait_max_ns = waited_ns;
	}
	life->row.wait_ns += waited_ns;
	life->row.cpu = (uint16_t)cpu;
	life->doing = DOING_RUNNING;
	life->since_ns = now_ns;
}

void task_life_wake(struct task_life *life, uint32_t waker, uint64_t now_ns)
{
	life->row.wakeups++;
	life->row.waker = waker;
	life->row.has_waker = true;
	life->woken_ns = now_ns;
}

/* --- as of now ------------------------------------------------------------------------------------ */

/* Woken since it left its CPU, if it left it in a state that one is woken from. */
static bool is_woken(const struct task_life *life)
{
	return life->doing != DOING_RUNNING && life->doing != 1 + LEAVE_RUNNABLE &&
	       life->woken_ns > life->since_ns;
}

static uint8_t doing_of(const struct task_life *life)
{
	static const uint8_t doings[1 + N_LEAVE_STATES] = {
		[DOING_UNKNOWN] = TASK_UNKNOWN,	      [1 + LEAVE_RUNNABLE] = TASK_RUNNABLE,
		[1 + LEAVE_SLEEPING] = TASK_SLEEPING, [1 + LEAVE_BLOCKED] = TASK_BLOCKED,
		[1 + LEAVE_STOPPED] = TASK_STOPPED,   [1 + LEAVE_TRACED] = TASK_STOPPED,
		[1 + LEAVE_DEAD] = TASK_ENDED,	      [1 + LEAVE_ZOMBIE] = TASK_ENDED,
		[1 + LEAVE_PARKED] = TASK_STOPPED,    [1 + LEAVE_IDLE] = TASK_SLEEPING,
	};

	if (life->doing == DOING_RUNNING)
		return TASK_RUNNING;
	if (is_woken(life))
		return TASK_RUNNABLE;
	return life->doing <= N_LEAVE_STATES ? doings[life->doing] : TASK_UNKNOWN;
}

static struct task_row row_of(const struct task_life *life, uint64_t now_ns)
{
	uint64_t slept_to_ns = is_woken(life) && life->woken_ns < now_ns ? life->woken_ns : now_ns;
	struct task_row row = life->row;

	row.doing = doing_of(life);
	row.since_ns = is_woken(life) ? life->woken_ns : life->since_ns;
	if (row.doing == TASK_ENDED)
		return row;
	if (row.doing == TASK_RUNNING)
		row.run_ns += between(row.since_ns, now_ns);
	else if (row.doing == TASK_RUNNABLE)
		row.wait_ns += between(row.since_ns, now_ns);
	if (life->doing != DOING_RUNNING && life->doing != 1 + LEAVE_RUNNABLE)
		add_sleep(&row, life->doing, between(life->since_ns, slept_to_ns));
	return row;
}

int task_life_add(const struct task_life *life, uint64_t now_ns, struct task_table *table)
{
	struct task_row *row = task_table_add(table);

	if (!row)
		return -ENOMEM;
	*row = row_of(life, now_ns);
	return 0;
}
