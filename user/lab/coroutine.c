// SPDX-License-Identifier: GPL-2.0-only
/*
 * coroutine.c - tasks as coroutines: made from a pool of stacks, switched by themselves where they
 * yield or wait, waiting in the event loop of the thread that runs them. That is the runner's own,
 * or one of a pool: then tasks are dealt out in turn, a group together, and stay where they are.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/coroutine.h"
#include "lab/gate.h"
#include "lab/task.h"

/* One thread of the pool. */
struct worker {
	struct loop loop;
	struct lab *lab;
	pthread_t thread;
	uint32_t number;
	/* What naps were begun under; a change of either ends them. */
	uint32_t stop;
	uint64_t rate_hz;
};

struct coroutines {
	struct gate lock;		   /* task_lock() */
	uint32_t n_workers;		   /* loops that are made */
	struct worker workers[LAB_N_POOL]; /* the first is the runner's own thread */
};

static bool poked(void *arg)
{
	struct worker *worker = arg;
	const struct lab_area *area = worker->lab->area;
	uint32_t stop = atomic_load_explicit(&area->stop, memory_order_relaxed);
	uint64_t rate_hz = atomic_load_explicit(&area->rate_hz, memory_order_relaxed);
	bool changed = stop != worker->stop || rate_hz != worker->rate_hz;

	worker->stop = stop;
	worker->rate_hz = rate_hz;
	return changed;
}

/* The thread of the pool that runs a task. */
static uint32_t place_of(const struct lab *lab, const struct task *task)
{
	return task->number < lab->job->n_apart ? 0 : task->worker % lab->spec.n_pool;
}

/* Stacks for the n tasks of one loop, and for those that a maker makes: all are alive at once. */
static int worker_init(struct lab *lab, struct worker *worker, uint32_t number, size_t n)
{
	struct lab_area *area = lab->area;
	int err;

	worker->lab = lab;
	worker->number = number;
	err = loop_init(&worker->loop, lab->spec.stack_bytes, n, &area->lines[number],
			&area->marks_on, &area->rings[number]);
	if (!err && lab->spec.n_pool > 1)
		err = loop_join_pool(&worker->loop);
	worker->loop.poked = poked;
	worker->loop.poked_arg = worker;
	return err;
}

static int coroutine_init(struct lab *lab)
{
	struct coroutines *all = calloc(1, sizeof(*all));
	size_t n_tasks[LAB_N_POOL] = { 0 };
	uint32_t place;
	int err = 0;

	if (!all)
		return lab_error_limit(lab, -ENOMEM, "cannot allocate the event loop");
	lab->coroutines = all;
	gate_init(&all->lock, 1);
	for (uint32_t i = 0; i < lab->n_tasks; i++) {
		place = place_of(lab, &lab->tasks[i]);
		lab->tasks[i].loop = &all->workers[place].loop;
		lab->tasks[i].line = &lab->area->lines[place];
		n_tasks[place]++;
	}
	if (lab->job->one_maker)
		n_tasks[0] += lab->spec.n_tasks;
	for (; !err && all->n_workers < lab->spec.n_pool; all->n_workers++)
		err = worker_init(lab, &all->workers[all->n_workers], all->n_workers,
				  n_tasks[all->n_workers]);
	if (err)
		return lab_error_limit(lab, err, "cannot make %u stacks for coroutines",
				       lab->spec.n_tasks);
	return 0;
}

static void coroutine_fini(struct lab *lab)
{
	if (!lab->coroutines)
		return;
	for (uint32_t i = 0; i < lab->coroutines->n_workers; i++)
		loop_fini(&lab->coroutines->workers[i].loop);
	free(lab->coroutines);
}

void coroutine_main(void *arg)
{
	task_run(arg);
}

/* Whoever watches knows by the thread's number whose marks these are. */
static void worker_arrive(const struct worker *worker)
{
	atomic_store(&worker->lab->area->rings[worker->number].tid, (uint32_t)gettid());
}

static int worker_run(struct worker *worker)
{
	struct lab *lab = worker->lab;
	int err;

	worker_arrive(worker);
	poked(worker);
	err = loop_run(&worker->loop);
	if (err == -EDEADLK)
		lab_error(lab, "deadlock: %u coroutines wait and nothing can wake them",
			  worker->loop.n_alive);
	else if (err)
		lab_error(lab, "the event loop failed: %s", strerror(-err));
	return err;
}

static void *pool_main(void *arg)
{
	struct worker *worker = arg;
	char comm[LAB_NAME_BYTES];

	snprintf(comm, sizeof(comm), "loop-%u", worker->number);
	pthread_setname_np(pthread_self(), comm);
	if (worker_run(worker))
		lab_die(worker->lab); /* the coroutines of other threads might wait for ever */
	return NULL;
}

static void start_pool(struct lab *lab)
{
	struct coroutines *all = lab->coroutines;
	int err;

	for (uint32_t i = 1; i < all->n_workers; i++) {
		err = pthread_create(&all->workers[i].thread, NULL, pool_main, &all->workers[i]);
		if (err) {
			lab_error_limit(lab, -err, "cannot create thread %u of the pool", i + 1);
			lab_die(lab);
		}
	}
}

static int coroutine_run(struct lab *lab)
{
	struct coroutines *all = lab->coroutines;
	int err;

	if (lab->spec.n_sends) {
		worker_arrive(&all->workers[0]);
		return send_run(lab, &all->workers[0].loop.host);
	}
	for (uint32_t i = 0; i < lab->n_tasks; i++) {
		task_made(&lab->tasks[i]);
		if (!loop_spawn(lab->tasks[i].loop, coroutine_main, &lab->tasks[i], true))
			return lab_error_limit(lab, -errno, "cannot make coroutine %u of %u", i + 1,
					       lab->n_tasks);
	}
	start_pool(lab);
	err = worker_run(&all->workers[0]);
	if (err && all->n_workers > 1)
		lab_die(lab);
	for (uint32_t i = 1; i < all->n_workers; i++)
		pthread_join(all->workers[i].thread, NULL);
	return err;
}

/* --- what a coroutine may do ----------------------------------------------------------------------- */

/* One that is resumed by hand has no loop to go to: it gives way to who resumed it. */
static void coroutine_yield(struct task *self)
{
	struct loop *loop = loop_here();

	if (loop)
		loop_yield(loop);
	else
		coro_suspend(&self->loop->host);
}

static void wait_until(struct task *self, uint64_t until_ns, bool nap)
{
	int err;

	if (!loop_here()) {
		coro_suspend(&self->loop->host);
		return;
	}
	err = loop_sleep(self->loop, until_ns, nap);
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

/* The loops look for themselves: poked(). */
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
	child->coro = loop_spawn(self->loop, child_main, child, false);
	if (!child->coro) {
		lab_error_limit(self->lab, -errno, "cannot make a coroutine");
		lab_die(self->lab);
	}
	task_count(self, &self->line->alive, 1);
}

static void coroutine_join(struct task *self, struct child *child)
{
	loop_join(self->loop, child->coro);
	task_count(self, &self->line->alive, (uint64_t)-1);
}

static void coroutine_lock(struct task *self)
{
	gate_enter(self->loop, &self->lab->coroutines->lock);
}

static void coroutine_unlock(struct task *self)
{
	gate_leave(self->loop, &self->lab->coroutines->lock);
}

static ssize_t coroutine_read(struct task *self, int fd, void *bytes, size_t n)
{
	return loop_read(self->loop, fd, bytes, n);
}

static ssize_t coroutine_write(struct task *self, int fd, const void *bytes, size_t n)
{
	return loop_write(self->loop, fd, bytes, n);
}

static int coroutine_accept(struct task *self, int fd)
{
	return loop_accept(self->loop, fd);
}

static void coroutine_close(struct task *self, int fd)
{
	loop_close(self->loop, fd);
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
	.read = coroutine_read,
	.write = coroutine_write,
	.accept = coroutine_accept,
	.close = coroutine_close,
};
