/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * infer.h - what a scheduler trace leaves unsaid: who left a CPU, after how long; how long who came
 * had waited; which lane a task is in; where a coroutine's thread ran.
 *
 * A recording holds what other tools' traces hold, and beside it only where this guess is wrong.
 * So its writer and its reader make the same guess from the same events: infer_fill() completes an
 * event, infer_learn() takes in what it was in truth. Owned by who made it; one thread.
 */
#ifndef SWTCH_INFER_H
#define SWTCH_INFER_H

#include <stdbool.h>

#include "event.h"

#define INFER_TASK                                                                                 \
	1 /* event.seq of switches and wakings, to infer_fill(): task is whoever runs there */

/* What is known of a task; number i of infer_task() stays the same until the next reset. */
struct infer_task {
	uint32_t pid;
	uint32_t lane;
	uint64_t queued_ns; /* since when it is runnable; 0: it is not, or nobody knows */
	uint32_t cpu;	    /* where it came last; CPU_UNKNOWN */
	uint8_t call;	    /* what it waited for when it last left asleep: enum leave_call */
};

struct infer_cpu {
	uint32_t word;	   /* who runs; task_word() */
	bool known;	   /* else nobody knows */
	uint64_t since_ns; /* since when; 0: nobody knows */
};

struct infer {
	unsigned n_cpus;
	struct infer_cpu *cpus;
	struct infer_task *tasks;
	uint32_t n_tasks, n_room;
	/*
	 * [TASK_PID_MASK + 1]: number of a task plus one, by its pid; 0: it is not known. Sixteen megabytes
	 * of addresses, of which those pages take memory that a pid is on: a hash costs three times as much.
	 */
	uint32_t *numbers;
};

/* Nothing known. 0 or -ENOMEM. A zeroed one can be given to infer_fini(). */
int infer_init(struct infer *infer, unsigned n_cpus);
void infer_fini(struct infer *infer);

/* Forget everything. */
void infer_reset(struct infer *infer);

/* Make a task known that is not, in no lane: its number, or -ENOMEM. */
int64_t infer_meet(struct infer *infer, uint32_t pid);

/* The number of a task (pids have TASK_PID_BITS), which is made known if it was not; -ENOMEM. */
static inline int64_t infer_task(struct infer *infer, uint32_t pid)
{
	uint32_t number = infer->numbers[pid & TASK_PID_MASK];

	return number ? (int64_t)number - 1 : infer_meet(infer, pid);
}

/* The CPU; a spare one for a number that is out of range. */
static inline struct infer_cpu *infer_cpu(struct infer *infer, unsigned cpu)
{
	return &infer->cpus[cpu < infer->n_cpus ? cpu : infer->n_cpus];
}

/*
 * What is guessed of a switch, and what is learnt from one: the parts of infer_fill() and infer_learn(),
 * for who has looked up its CPU and its tasks (NULL for an idle one) already.
 */
static inline uint8_t infer_state(const struct infer_task *left, uint8_t leave_state)
{
	unsigned call = left ? left->call : CALL_UNKNOWN;

	if (leave_state == LEAVE_RUNNABLE)
		return leave_state;
	return (uint8_t)(leave_state | call << LEAVE_CALL_SHIFT | LEAVE_VOLUNTARY);
}

static inline uint32_t infer_since(uint64_t since_ns, uint64_t time_ns)
{
	uint64_t ns = time_ns - since_ns;

	if (!since_ns)
		return 0;
	return ns < TIME_SATURATED ? (uint32_t)ns : TIME_SATURATED;
}

static inline uint32_t infer_ran(const struct infer_cpu *here, uint32_t word, uint64_t time_ns)
{
	return task_lane(word) && here->word == word ? infer_since(here->since_ns, time_ns) : 0;
}

static inline uint32_t infer_waited(const struct infer_task *came, uint32_t word, uint64_t time_ns)
{
	return came && task_lane(word) ? infer_since(came->queued_ns, time_ns) : 0;
}

static inline void infer_take_switch(struct infer_cpu *here, struct infer_task *left,
				     struct infer_task *came, const struct event *event)
{
	bool waits = (event->state & LEAVE_MASK) == LEAVE_RUNNABLE;

	if (left) {
		left->lane = task_lane(event->task);
		left->queued_ns = waits ? event->time_ns : 0;
		if (!waits)
			left->call = leave_call(event->state);
	}
	if (came) {
		came->lane = task_lane(event->to.next);
		came->queued_ns = 0;
		came->cpu = event->cpu;
	}
	*here = (struct infer_cpu){ event->to.next, true, event->time_ns };
}

/*
 * Complete an event of which is given:
 *   EVENT_SWITCH	time, cpu, enum leave_state, pids (that of task unless INFER_TASK)
 *   EVENT_WAKING	time, cpu, pids, likewise
 *   marks		time, pid of task, id
 *   any other		all, but for lanes of tasks
 * seq becomes 0. 0 or -ENOMEM.
 */
int infer_fill(struct infer *infer, struct event *event);

/* Take in an event as it was. 0 or -ENOMEM. */
int infer_learn(struct infer *infer, const struct event *event);

#endif
