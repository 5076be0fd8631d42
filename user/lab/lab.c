// SPDX-License-Identifier: GPL-2.0-only
/* lab.c - one run of the lab, whatever the model. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "lab/futex.h"
#include "lab/mutex.h"
#include "lab/task.h"

static const struct executor *const executors[N_MODELS] = {
	[MODEL_PROCESS] = &executor_process,
	[MODEL_THREAD] = &executor_thread,
	[MODEL_COROUTINE] = &executor_coroutine,
};

static void *map_shared(size_t bytes)
{
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return map == MAP_FAILED ? NULL : map;
}

static int tasks_init(struct lab *lab)
{
	struct task *task;

	lab->n_tasks = lab->job->one_maker ? 1 : lab->spec.n_tasks;
	lab->n_workers = job_n_workers(lab->job, lab->spec.n_tasks);
	lab->tasks = calloc(lab->n_tasks, sizeof(*lab->tasks));
	if (!lab->tasks)
		return -ENOMEM;
	for (uint32_t i = 0; i < lab->n_tasks; i++) {
		task = &lab->tasks[i];
		task->lab = lab;
		task->number = i;
		task->worker =
			i < lab->job->n_apart ? 0 : (i - lab->job->n_apart) / lab->job->group;
		task->line = &lab->area->lines[i % LAB_N_LINES];
	}
	return 0;
}

static int check(struct lab *lab, const struct job *job)
{
	char why[LAB_ERROR_BYTES] = "";

	int err;

	lab->spec = lab->area->spec;
	if (!lab->spec.n_pool)
		lab->spec.n_pool = 1;
	err = job ? job_fits(job, &lab->spec, why, sizeof(why))
		  : job_check(&lab->spec, why, sizeof(why));
	if (err) {
		lab_error(lab, "%s", why);
		return err;
	}
	lab->job = job ? job : job_find(lab->spec.job);
	lab->model = (enum lab_model)model_find(lab->spec.model);
	lab->executor = executors[lab->model];
	return 0;
}

/* What this process occupies before anything is made for tasks, so that what they add can be told. */
static void note_bare_memory(struct lab_area *area)
{
	struct memory memory = { 0 };

	if (memory_add(getpid(), &memory))
		return;
	area->base_bytes = memory.anon_bytes;
	area->base_table_bytes = memory.table_bytes;
}

int lab_init(struct lab *lab, struct lab_area *area, const struct job *job)
{
	int err;

	memset(lab, 0, sizeof(*lab));
	lab->area = area;
	lab->listen_fd = -1;
	err = check(lab, job);
	if (!err)
		err = lab_check_tasks(lab);
	if (err)
		return err;
	note_bare_memory(area);
	lab->shared = map_shared(sizeof(*lab->shared));
	err = lab->shared ? mutex_init_shared(&lab->shared->lock) : -ENOMEM;
	if (!err)
		err = tasks_init(lab);
	if (err)
		return lab_error_limit(lab, err, "cannot allocate %u tasks", lab->spec.n_tasks);
	err = lab->executor->init(lab);
	if (!err && lab->job->open)
		err = lab->job->open(lab);
	return err;
}

int lab_run(struct lab *lab)
{
	int err;

	atomic_store(&lab->area->started_ns, clock_now_ns());
	for (uint32_t i = 0; i < lab->n_tasks; i++)
		pace_init(&lab->tasks[i]);
	err = lab->executor->run(lab);
	atomic_store(&lab->area->ended_ns, clock_now_ns());
	return err;
}

void lab_fini(struct lab *lab)
{
	if (lab->executor)
		lab->executor->fini(lab);
	if (lab->job && lab->job->close)
		lab->job->close(lab);
	for (uint32_t i = 0; i < lab->n_links; i++)
		if (lab->links[i].ops->close)
			lab->links[i].ops->close(&lab->links[i]);
	free(lab->links);
	if (lab->link_states)
		munmap(lab->link_states, lab->link_states_bytes);
	free(lab->tasks);
	if (lab->shared)
		munmap(lab->shared, sizeof(*lab->shared));
}

/* The state of each link has cache lines of its own. */
static size_t state_stride(const struct link_ops *ops)
{
	return (ops->state_bytes + 127) / 128 * 128;
}

/* What one link takes tells what n of them take. */
static int check_descriptors(struct lab *lab, const struct link *first, uint32_t n)
{
	uint64_t each = (first->fd[0] >= 0) + (first->fd[1] >= 0);

	return n > 1 ? lab_check_descriptors(lab, each * (n - 1)) : 0;
}

int lab_open_links(struct lab *lab, uint32_t n)
{
	const struct link_ops *ops = link_find(lab->model, lab->spec.via);
	size_t stride = state_stride(ops);
	struct link *link;
	int err = 0;

	lab->links = calloc(n, sizeof(*lab->links));
	lab->link_states_bytes = n * stride;
	if (stride)
		lab->link_states = map_shared(lab->link_states_bytes);
	if (!lab->links || (stride && !lab->link_states))
		return lab_error_limit(lab, -ENOMEM, "cannot allocate %u links", n);
	while (!err && lab->n_links < n) {
		link = &lab->links[lab->n_links];
		*link = (struct link){ .ops = ops, .fd = { -1, -1 } };
		if (stride)
			link->state = (char *)lab->link_states + lab->n_links * stride;
		err = ops->open ? ops->open(link, lab) : 0;
		if (err)
			return lab_error_limit(lab, err, "cannot open %s %u of %u", ops->name,
					       lab->n_links + 1, n);
		if (!lab->n_links++)
			err = check_descriptors(lab, link, n);
	}
	return err;
}

void lab_set_phase(struct lab_area *area, enum lab_phase phase)
{
	atomic_store(&area->phase, phase);
	futex_wake(&area->phase);
}

static bool first_error(struct lab *lab)
{
	return !lab->shared || !atomic_exchange(&lab->shared->failed, 1);
}

void lab_error(struct lab *lab, const char *format, ...)
{
	va_list args;

	if (!first_error(lab))
		return;
	va_start(args, format);
	vsnprintf(lab->area->error, sizeof(lab->area->error), format, args);
	va_end(args);
}

void lab_die(struct lab *lab)
{
	/* A forked task's end is seen by the runner; any other task is part of the runner. */
	if (!lab->forked) {
		atomic_store(&lab->area->ended_ns, clock_now_ns());
		lab_set_phase(lab->area, LAB_FAILED);
	}
	_exit(LAB_TASK_FAILED);
}

void task_made(struct task *self)
{
	task_count(self, &self->line->alive, 1);
}

void task_run(struct task *self)
{
	self->lab->job->body(self);
	task_count(self, &self->line->checksum, self->hash);
	task_count(self, &self->line->alive, (uint64_t)-1);
}

void task_comm(const struct task *self, char comm[LAB_NAME_BYTES])
{
	uint32_t n = self->lab->job->comms[1] ? 2 : 1;

	snprintf(comm, LAB_NAME_BYTES, "%s-%u", self->lab->job->comms[self->number % n],
		 self->number / n);
}

void task_sleep(struct task *self, uint64_t ns)
{
	self->lab->executor->sleep(self, clock_now_ns() + ns);
}

void task_log(const struct task *self, const char *format, ...)
{
	char line[PIPE_BUF];
	va_list args;
	int n;

	if (!self->lab->spec.log)
		return;
	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (n < 0)
		return;
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	/* One write, so that lines of several processes do not mix. Nobody to tell if it fails. */
	while (write(STDERR_FILENO, line, (size_t)n) < 0 && errno == EINTR)
		;
}
