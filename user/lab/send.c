// SPDX-License-Identifier: GPL-2.0-only
/*
 * send.c - coroutines driven by explicit resumes, as a generator is by send(): one whose function
 * has returned answers that it is done, which Python raises as StopIteration.
 */
#include <errno.h>
#include <stdlib.h>

#include "lab/coroutine.h"
#include "lab/task.h"

static int make_all(struct lab *lab, struct coro_host *host, struct coro **coros)
{
	for (uint32_t i = 0; i < lab->n_tasks; i++) {
		task_made(&lab->tasks[i]);
		coros[i] = coro_new(host, coroutine_main, &lab->tasks[i]);
		if (!coros[i])
			return lab_error_limit(lab, -errno, "cannot make coroutine %u of %u", i + 1,
					       lab->n_tasks);
		task_log(&lab->tasks[i], "task %u is a coroutine that has not begun", i);
	}
	return 0;
}

/* Resume one; true when it answered that it is done. */
static bool send_one(const struct task *task, struct coro *coro)
{
	bool done = coro_resume(coro) == CORO_DONE;

	task_figure(task, YIELD_RESUMES, 1);
	task_figure(task, YIELD_ANSWERED_DONE, done);
	if (done)
		task_log(task, "task %u is done: StopIteration", task->number);
	return done;
}

static bool must_stop(const struct lab *lab)
{
	return atomic_load_explicit(&lab->area->stop, memory_order_relaxed);
}

static void send_all(const struct lab *lab, struct coro **coros)
{
	uint32_t n_sends = lab->spec.n_sends, n_left = lab->n_tasks;

	for (uint32_t n = 0; n_left && !must_stop(lab) && (n < n_sends || n_sends == LAB_SENDS_ALL);
	     n++) {
		n_left = lab->n_tasks;
		for (uint32_t i = 0; i < lab->n_tasks; i++)
			n_left -= send_one(&lab->tasks[i], coros[i]);
		if (n_sends != LAB_SENDS_ALL)
			n_left = lab->n_tasks; /* who is done can still be asked */
	}
}

int send_run(struct lab *lab, struct coro_host *host)
{
	struct coro **coros = calloc(lab->n_tasks, sizeof(struct coro *));
	int err;

	if (!coros)
		return lab_error_limit(lab, -ENOMEM, "cannot allocate %u tasks", lab->n_tasks);
	err = make_all(lab, host, coros);
	if (!err)
		send_all(lab, coros);
	for (uint32_t i = 0; i < lab->n_tasks && coros[i]; i++) {
		if (!coros[i]->done) /* nobody will resume it any more */
			task_count(&lab->tasks[i], &lab->tasks[i].line->alive, (uint64_t)-1);
		coro_free(coros[i]);
	}
	free(coros);
	return err;
}
