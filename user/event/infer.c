// SPDX-License-Identifier: GPL-2.0-only
/* infer.c - a table of tasks, an array of CPUs, and the same few rules for writer and reader. */
#include "event/infer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define N_TASKS_FIRST 512
#define NUMBERS_SIZE  ((TASK_PID_MASK + 1) * sizeof(uint32_t))

int infer_init(struct infer *infer, unsigned n_cpus)
{
	*infer = (struct infer){ .n_cpus = n_cpus };
	infer->cpus = calloc(n_cpus + 1, sizeof(*infer->cpus));
	infer->numbers = mmap(NULL, NUMBERS_SIZE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (infer->numbers == MAP_FAILED)
		infer->numbers = NULL;
	if (infer->cpus && infer->numbers)
		return 0;
	infer_fini(infer);
	return -ENOMEM;
}

void infer_fini(struct infer *infer)
{
	free(infer->cpus);
	free(infer->tasks);
	if (infer->numbers)
		munmap(infer->numbers, NUMBERS_SIZE);
	*infer = (struct infer){ 0 };
}

void infer_reset(struct infer *infer)
{
	memset(infer->cpus, 0, (infer->n_cpus + 1) * sizeof(*infer->cpus));
	for (uint32_t i = 0; i < infer->n_tasks; i++)
		infer->numbers[infer->tasks[i].pid] = 0;
	infer->n_tasks = 0;
}

static int grow(struct infer *infer)
{
	uint32_t n_room = infer->n_room ? infer->n_room * 2 : N_TASKS_FIRST;
	struct infer_task *tasks = realloc(infer->tasks, n_room * sizeof(*tasks));

	if (!tasks)
		return -ENOMEM;
	infer->tasks = tasks;
	infer->n_room = n_room;
	return 0;
}

int64_t infer_meet(struct infer *infer, uint32_t pid)
{
	int err = infer->n_tasks == infer->n_room ? grow(infer) : 0;

	if (err)
		return err;
	pid &= TASK_PID_MASK;
	infer->tasks[infer->n_tasks] = (struct infer_task){ .pid = pid, .cpu = CPU_UNKNOWN };
	infer->numbers[pid] = ++infer->n_tasks;
	return infer->n_tasks - 1;
}

/* The word of a pid; an idle task is in no lane, and no task of the table. */
static int complete(struct infer *infer, uint32_t *word)
{
	int64_t number;

	if (!task_pid(*word))
		return 0;
	number = infer_task(infer, task_pid(*word));
	if (number < 0)
		return (int)number;
	*word = task_word(task_pid(*word), infer->tasks[number].lane);
	return 0;
}

/* Whoever runs there, or the task whose pid is given. */
static int fill_task(struct infer *infer, struct event *event, bool runs_there)
{
	if (!runs_there)
		return complete(infer, &event->task);
	event->task = infer_cpu(infer, event->cpu)->word;
	return 0;
}

/* Of a word; NULL for an idle task, and one that was not met. */
static const struct infer_task *known(const struct infer *infer, uint32_t word)
{
	uint32_t number = infer->numbers[task_pid(word)];

	return number ? &infer->tasks[number - 1] : NULL;
}

static int fill_switch(struct infer *infer, struct event *event, bool runs_there)
{
	int err = fill_task(infer, event, runs_there);
	const struct infer_task *came;

	if (!err)
		err = complete(infer, &event->to.next);
	if (err)
		return err;
	came = known(infer, event->to.next);
	event->state = infer_state(known(infer, event->task), event->state);
	event->to.ran_ns = infer_ran(infer_cpu(infer, event->cpu), event->task, event->time_ns);
	event->to.waited_ns = infer_waited(came, event->to.next, event->time_ns);
	return 0;
}

static int fill_waking(struct infer *infer, struct event *event, bool runs_there)
{
	int err = fill_task(infer, event, runs_there);

	return err ? err : complete(infer, &event->wake.wakee);
}

static int fill_mark(struct infer *infer, struct event *event)
{
	int err = complete(infer, &event->task);
	int64_t number;

	event->cpu = CPU_UNKNOWN;
	if (event->kind != EVENT_COROUTINE_NAME) /* whose text lies there */
		event->coroutine.lane = task_lane(event->task);
	if (err || !task_pid(event->task))
		return err;
	number = infer_task(infer, task_pid(event->task));
	if (number < 0)
		return (int)number;
	event->cpu = (uint16_t)infer->tasks[number].cpu;
	return 0;
}

int infer_fill(struct infer *infer, struct event *event)
{
	bool runs_there = event->seq == INFER_TASK;
	int err;

	if (event->kind != EVENT_COROUTINE_NAME)
		event->seq = 0;
	switch (event->kind) {
	case EVENT_SWITCH:
		return fill_switch(infer, event, runs_there);
	case EVENT_WAKING:
		return fill_waking(infer, event, runs_there);
	case EVENT_CLONE: /* a child is in its parent's lane */
		err = complete(infer, &event->task);
		event->made.child = task_word(task_pid(event->made.child), task_lane(event->task));
		return err;
	case EVENT_LOST:
		return 0;
	case EVENT_CREATE:
	case EVENT_RESUME:
	case EVENT_SUSPEND:
	case EVENT_END:
	case EVENT_COROUTINE_NAME:
		return fill_mark(infer, event);
	default:
		return complete(infer, &event->task);
	}
}

/* The task of a word, with the lane that stands there; NULL for an idle one, or without memory. */
static struct infer_task *meet(struct infer *infer, uint32_t word, int *err)
{
	int64_t number;

	if (!task_pid(word))
		return NULL;
	number = infer_task(infer, task_pid(word));
	if (number < 0) {
		*err = (int)number;
		return NULL;
	}
	infer->tasks[number].lane = task_lane(word);
	return &infer->tasks[number];
}

static int learn_switch(struct infer *infer, const struct event *event)
{
	struct infer_task *left, *came;
	int err = 0;

	meet(infer, event->to.next, &err); /* so that the other one stays where it is */
	left = meet(infer, event->task, &err);
	came = meet(infer, event->to.next, &err);
	if (!err)
		infer_take_switch(infer_cpu(infer, event->cpu), left, came, event);
	return err;
}

int infer_learn(struct infer *infer, const struct event *event)
{
	struct infer_task *task;
	int err = 0;

	switch (event->kind) {
	case EVENT_SWITCH:
		return learn_switch(infer, event);
	case EVENT_WAKING:
		meet(infer, event->task, &err);
		task = meet(infer, event->wake.wakee, &err);
		if (task)
			task->queued_ns = event->time_ns;
		return err;
	case EVENT_CLONE:
		meet(infer, event->task, &err);
		task = meet(infer, event->made.child, &err);
		if (task) {
			task->queued_ns = 0;
			task->cpu = CPU_UNKNOWN;
		}
		return err;
	case EVENT_LOST:
		if (event->cpu != CPU_UNKNOWN)
			*infer_cpu(infer, event->cpu) = (struct infer_cpu){ 0 };
		return 0;
	default:
		meet(infer, event->task, &err);
		return err;
	}
}
