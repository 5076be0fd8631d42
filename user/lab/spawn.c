// SPDX-License-Identifier: GPL-2.0-only
/* spawn.c - create a task, let it finish, again. */
#include <errno.h>
#include <stdlib.h>

#include "lab/task.h"

/* What a child has to show for its life; it must fit an exit status. */
static unsigned child_body(uint64_t number)
{
	return hash_fold(number, 1) >> 58;
}

static struct child *batch_new(struct task *self)
{
	struct child *batch = calloc(self->lab->spec.n_tasks, sizeof(*batch));

	if (batch)
		return batch;
	lab_error_limit(self->lab, -ENOMEM, "cannot allocate %u tasks", self->lab->spec.n_tasks);
	lab_die(self->lab);
}

static void spawn_body(struct task *self)
{
	struct child *batch = batch_new(self);
	uint64_t number = 0;
	uint32_t n;

	do {
		for (n = 0; n < self->lab->spec.n_tasks && task_next(self); n++) {
			batch[n] = (struct child){ .fn = child_body, .arg = number++ };
			task_spawn(self, &batch[n]);
		}
		for (uint32_t i = 0; i < n; i++) {
			task_join(self, &batch[i]);
			task_done(self, 1, batch[i].result);
		}
	} while (n);
	free(batch);
}

const struct job job_spawn = {
	.name = "spawn",
	.says = "create a task, let it finish, again",
	.shows =
		"What creation costs: a new address space, a new kernel task, or a stack taken from a "
		"pool.",
	.about =
		"One task makes another, which computes one number and ends, and waits for it: fork "
		"and waitpid, pthread_create and pthread_join, or a coroutine that runs to its end. "
		"--tasks of them are made before the first is waited for. --stack sets the stack of "
		"threads and coroutines.",
	.unit = "task",
	.comms = { "spawn" },
	.n_tasks = 1,
	.group = 1,
	.one_maker = true,
	.work = { [MODEL_PROCESS] = 8000, [MODEL_THREAD] = 40000, [MODEL_COROUTINE] = 30000000 },
	.options = JOB_STACK,
	.body = spawn_body,
};
