// SPDX-License-Identifier: GPL-2.0-only
/*
 * coroutine.c - tasks as coroutines of one thread, the runner's own: made from a pool of stacks,
 * switched by themselves where they yield or wait, waiting in the event loop.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/loop.h"
#include "lab/task.h"

struct coroutines {
	struct loop loop; /* first: lab->loop */
	struct lab *lab;
	/* What naps were begun under; a change of either ends them. */
	uint32_t stop;
	uint64_t rate_hz;
	/* task_lock() */
	bool locked;
	struct coro_queue lock_waiting;
};

static struct coroutines *coroutines_of(const struct lab *lab)
{
	return (struct coroutines *)(void *)lab->loop;
}

static bool poked(void *arg)
{
	struct coroutines *all = arg;
	const struct lab_area *area = all->lab->area;
	uint32_t stop = atomic_load_explicit(&area->stop, memory_order_relaxed);
	uint64_t rate_hz = atomic_load_explicit(&area->rate_hz, memory_order_relaxed);
	bool changed = stop != all->stop || rate_hz != all->rate_hz;

	all->stop = stop;
	all->rate_hz = rate_hz;
	return changed;
}

static int coroutine_init(struct lab *lab)
{
	struct coroutines *all = calloc(1, sizeof(*all));
	struct lab_area *area = lab->area;
	struct mark_ring *ring = &area->rings[0];
	/* Those of one batch are alive at once, and the one that makes them. */
	size_t n = lab->spec.n_tasks + lab->job->one_maker;
	int err;

	if (!all)
		return lab_error_limit(lab, -ENOMEM, "cannot allocate the event loop");
	lab->loop = &all->loop;
	all->lab = lab;
	for (uint32_t i = 0; i < lab->n_tasks; i++)
		lab->tasks[i].line = &area->lines[0];
	atomic_store(&ring->tid, (uint32_t)gettid());
	err = loop_init(&all->loop, lab->spec.stack_bytes, n, &area->lines[0], &area->marks_on,
			ring);
	all->loop.poked = poked;
	all->loop.poked_arg = all;
	if (err)
		return lab_error_limit(lab, err, "cannot make %zu stacks for coroutines", n);
	return 0;
}

static void coroutine_fini(struct lab *lab)
{
	if (!lab->loop)
		return;
	loop_fini(lab->loop);
	free(coroutines_of(lab));
}

static void task_main(void *arg)
{
	task_run(arg);
}

static int coroutine_run(struct lab *lab)
{
	struct loop *loop = lab->loop;
	int err;

	poked(coroutines_of(lab));
	for (uint32_t i = 0; i < lab->n_tasks; i++) {
		task_made(&lab->tasks[i]);
		if (!loop_spawn(loop, task_main, &lab->tasks[i], true))
			return lab_error_limit(lab, -errno, "cannot make coroutine %u of %u", i + 1,
					       lab->n_tasks);
	}
	err = loop_run(loop);
	if (err == -EDEADLK)
		lab_error(lab, "deadlock: %u coroutines wait and nothing can wake them",
			  loop->n_alive);
	else if (err)
		lab_error(lab, "the event loop failed: %s", strerror(-err));
	return err;
}

static void coroutine_yield(struct task *self)
{
	loop_yield(self->lab->loop);
}

static void wait_until(struct task *self, uint64_t until_ns, bool nap)
{
	int err = loop_sleep(self->lab->loop, until_ns, nap);

	if (err) {
		lab_error_limit(self->lab, err, "cannot allocate timers");
		lab_die(self->lab);
	}
}

static void coroutine_sleep(struct task *self, uint64_t until_ns)
{
	wait_until(self, until_ns, false);
}

static void coroutine_nap(struct task *self, uint64_t until_ns)
{
	wait_until(self, until_ns, true);
}

/* The loop looks for itself: poked(). */
static void coroutine_poke(const struct lab *lab)
{
	(void)lab;
}

static void child_main(void *arg)
{
	struct child *child = arg;

	child->result = child->fn(child->arg);
}

static void coroutine_spawn(struct task *self, struct child *child)
{
	child->coro = loop_spawn(self->lab->loop, child_main, child, false);
	if (!child->coro) {
		lab_error_limit(self->lab, -errno, "cannot make a coroutine");
		lab_die(self->lab);
	}
	task_count(self, &self->line->alive, 1);
}

static void coroutine_join(struct task *self, struct child *child)
{
	loop_join(self->lab->loop, child->coro);
	task_count(self, &self->line->alive, (uint64_t)-1);
}

static void coroutine_lock(struct task *self)
{
	struct coroutines *all = coroutines_of(self->lab);

	while (all->locked)
		loop_wait(self->lab->loop, &all->lock_waiting);
	all->locked = true;
}

static void coroutine_unlock(struct task *self)
{
	struct coroutines *all = coroutines_of(self->lab);

	all->locked = false;
	loop_wake(self->lab->loop, &all->lock_waiting);
}

static void coroutine_wait_fd(struct task *self, int fd, uint32_t events)
{
	int err = loop_wait_fd(self->lab->loop, fd, events);

	if (err) {
		lab_error_limit(self->lab, err, "cannot watch a descriptor of task %u",
				self->number);
		lab_die(self->lab);
	}
}

const struct executor executor_coroutine = {
	.comm = "lab-coroutine",
	.owns_line = true,
	.init = coroutine_init,
	.run = coroutine_run,
	.fini = coroutine_fini,
	.yield = coroutine_yield,
	.sleep = coroutine_sleep,
	.nap = coroutine_nap,
	.poke = coroutine_poke,
	.spawn = coroutine_spawn,
	.join = coroutine_join,
	.lock = coroutine_lock,
	.unlock = coroutine_unlock,
	.wait_fd = coroutine_wait_fd,
};
