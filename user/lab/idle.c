// SPDX-License-Identifier: GPL-2.0-only
/* idle.c - tasks that exist, and do nothing. */
#include "lab/task.h"

#define FOR_EVER INT64_MAX /* ns; what the kernel takes for no end */

/* A unit is to stand there at all: neither --work nor a rate has a say in it. */
static void idle_body(struct task *self)
{
	const struct lab_area *area = self->lab->area;

	task_done(self, 1, self->number + 1);
	while (!atomic_load_explicit(&area->stop, memory_order_relaxed))
		task_nap(self, FOR_EVER);
}

const struct job job_idle = {
	.name = "idle",
	.says = "tasks exist and do nothing",
	.shows = "What a task takes up by being there: pages of its own, page tables, and for a "
		 "task of the kernel a stack there.",
	.about =
		"A thousand tasks are made, or --tasks of them, up to 1,000,000 coroutines; they stand "
		"there until all have been made and their memory has been read, or for as long as "
		"--time says. A process copies what it writes to and has page tables of its own; a "
		"thread has a stack in the program and one in the kernel; a coroutine has the one in "
		"the program, of which it has touched a page. --stack makes it larger, which costs "
		"addresses, not memory: pages come with being touched.",
	.unit = "task",
	.comms = { "idle" },
	.n_tasks = 1000,
	.stack_bytes = 16 << 10, /* a page table for 102 of them, not 30 */
	.group = 1,
	.own_pace = true,
	.lingers = true,
	.work_each = true,
	.work = { 1, 1, 1 },
	.options = JOB_STACK | JOB_POOL,
	.body = idle_body,
};
