// SPDX-License-Identifier: GPL-2.0-only
/* yield.c - each task counts and gives way after every step. */
#include "lab/task.h"

static void yield_body(struct task *self)
{
	for (uint64_t step = 1; task_next(self); step++) {
		task_log(self, "task %u step %llu", self->number, (unsigned long long)step);
		task_done(self, 1, step);
		task_yield(self);
	}
}

static const struct lab_figure figures[] = {
	[YIELD_RESUMES] = { "resumes", "resumed by hand", false, NULL },
	[YIELD_ANSWERED_DONE] = { "answered_done", "  answered: done", false, NULL },
	{ NULL, NULL, false, NULL },
};

const struct job job_yield = {
	.name = "yield",
	.says = "each task counts 1, 2, 3, ... and yields after every step",
	.shows =
		"Who decides: a coroutine's yield always switches, and the order is fixed; for the "
		"kernel sched_yield is only a hint.",
	.about =
		"Every task counts its steps and offers the CPU to the others after each. Coroutines "
		"take turns exactly: step 1 of all, then step 2 of all. Processes and threads call "
		"sched_yield: the kernel may let them go on, runs them on several CPUs at once, and "
		"files the switches that follow under involuntary; the calls are shown as yielded. "
		"--log prints each step. With --send coroutines have no loop: each is resumed by hand, "
		"so many times, and one that has ended answers that it is done, as Python's "
		"StopIteration does.",
	.unit = "step",
	.comms = { "yield" },
	.n_tasks = 3,
	.group = 1,
	.work = { [MODEL_PROCESS] = 2000000,
		  [MODEL_THREAD] = 2000000,
		  [MODEL_COROUTINE] = 150000000 },
	.options = JOB_LOG | JOB_POOL | JOB_SEND,
	.figures = figures,
	.body = yield_body,
};
