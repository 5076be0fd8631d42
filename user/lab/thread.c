// SPDX-License-Identifier: GPL-2.0-only
/*
 * thread.c - tasks as POSIX threads of the runner: made by pthread_create, switched by the kernel,
 * all in one address space. The main thread makes them and sleeps in pthread_join().
 */
#include <errno.h>
#include <stdlib.h>

#include "lab/kernel.h"
#include "lab/task.h"

static pthread_attr_t attr; /* the stack size; of the one lab that a runner has */

static int thread_init(struct lab *lab)
{
	int err = -pthread_attr_init(&attr);

	if (!err && lab->spec.stack_bytes)
		err = -pthread_attr_setstacksize(&attr, (lab->spec.stack_bytes + 4095) & ~4095ull);
	if (err)
		lab_error(lab, "threads cannot have stacks of %llu bytes: the C library wants more",
			  (unsigned long long)lab->spec.stack_bytes);
	return err;
}

static void thread_fini(struct lab *lab)
{
	(void)lab;
	pthread_attr_destroy(&attr);
}

static void *task_main(void *arg)
{
	struct task *self = arg;
	char comm[LAB_NAME_BYTES];

	task_comm(self, comm);
	pthread_setname_np(pthread_self(), comm);
	task_run(self);
	return NULL;
}

static int thread_run(struct lab *lab)
{
	int err;

	for (uint32_t i = 0; i < lab->n_tasks; i++) {
		task_made(&lab->tasks[i]);
		err = pthread_create(&lab->tasks[i].thread, &attr, task_main, &lab->tasks[i]);
		if (err) {
			lab_error_limit(lab, -err, "cannot create thread %u of %u", i + 1,
					lab->n_tasks);
			lab_die(lab); /* the threads made so far end with the runner */
		}
	}
	for (uint32_t i = 0; i < lab->n_tasks; i++)
		pthread_join(lab->tasks[i].thread, NULL);
	return 0;
}

static void *child_main(void *arg)
{
	struct child *child = arg;

	child->result = child->fn(child->arg);
	return NULL;
}

static void thread_spawn(struct task *self, struct child *child)
{
	int err = pthread_create(&child->thread, &attr, child_main, child);

	if (err) {
		lab_error_limit(self->lab, -err, "cannot create a thread");
		lab_die(self->lab);
	}
	task_count(self, &self->line->alive, 1);
}

static void thread_join(struct task *self, struct child *child)
{
	pthread_join(child->thread, NULL);
	task_count(self, &self->line->alive, (uint64_t)-1);
}

const struct executor executor_thread = {
	.comm = "lab-thread",
	.init = thread_init,
	.run = thread_run,
	.fini = thread_fini,
	.yield = kernel_yield,
	.sleep = kernel_sleep,
	.nap = kernel_nap,
	.poke = kernel_poke,
	.spawn = thread_spawn,
	.join = thread_join,
	.lock = kernel_lock,
	.unlock = kernel_unlock,
	.read = kernel_read,
	.write = kernel_write,
	.accept = kernel_accept,
	.close = kernel_close,
};
