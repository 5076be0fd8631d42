// SPDX-License-Identifier: GPL-2.0-only
/* sleep.c - each task prints, sleeps, prints. */
#include "base/clock.h"
#include "lab/task.h"

static void sleep_body(struct task *self)
{
	while (task_next(self)) {
		task_log(self, "task %u falls asleep", self->number);
		task_sleep(self, self->lab->spec.sleep_ns);
		task_log(self, "task %u is awake", self->number);
		task_done(self, 1, self->number + 1);
	}
}

const struct job job_sleep = {
	.name = "sleep",
	.says = "each task prints, sleeps, prints",
	.shows =
		"Ten sleeps take the time of one in every model; only the number of kernel tasks that "
		"do it differs.",
	.about =
		"Ten tasks sleep at the same time. Processes and threads sleep in the kernel, each on "
		"its own; coroutines leave a timer with the event loop, and its one thread sleeps for "
		"all of them. --sleep sets how long, --log prints what the tasks print.",
	.unit = "sleep",
	.comms = { "sleep" },
	.n_tasks = 10,
	.group = 1,
	.own_pace = true,
	.work_each = true,
	.work = { 1, 1, 1 },
	.sleep_ns = NS_PER_S,
	.options = JOB_SLEEP | JOB_LOG | JOB_POOL,
	.body = sleep_body,
};
