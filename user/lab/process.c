// SPDX-License-Identifier: GPL-2.0-only
/*
 * process.c - tasks as processes: made by fork, switched by the kernel, each with its own memory.
 *
 * The runner forks the tasks and sleeps in waitpid() until all have ended. One that is killed or
 * fails ends the job: the others are killed too, since its partners might wait for it for ever. But
 * for a job that is about just this.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "lab/kernel.h"
#include "lab/task.h"

#define EXIT_ORPHANED 126 /* the parent was gone before the child could ask to end with it */

/* In a new process: end with the parent. It may have ended before we asked for that. */
static void end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_ORPHANED);
}

_Noreturn static void task_main(struct task *task, pid_t parent)
{
	struct task self = *task; /* a copy: the array's pages are shared until written */
	char comm[LAB_NAME_BYTES];

	end_with(parent);
	self.lab->forked = true;
	task_comm(&self, comm);
	prctl(PR_SET_NAME, comm);
	task_run(&self);
	_exit(0);
}

/* Only our own children that we have not reaped yet: their pids cannot be anybody else's. */
static void kill_rest(struct lab *lab, uint32_t n_made)
{
	for (uint32_t i = 0; i < n_made; i++)
		if (!waitpid(lab->tasks[i].pid, NULL, WNOHANG))
			kill(lab->tasks[i].pid, SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

static uint32_t number_of(const struct lab *lab, pid_t pid)
{
	uint32_t i = 0;

	while (i < lab->n_tasks - 1 && lab->tasks[i].pid != pid)
		i++;
	return i;
}

static void say_death(struct lab *lab, pid_t pid, int status)
{
	uint32_t i = number_of(lab, pid);

	if (WIFSIGNALED(status))
		lab_error(lab, "task %u (pid %d) was killed by signal %d%s", i, (int)pid,
			  WTERMSIG(status), error_of_signal(WTERMSIG(status)));
	else
		lab_error(lab, "task %u (pid %d) ended with status %d", i, (int)pid,
			  WEXITSTATUS(status));
}

/*
 * A task died that had to. What it would have counted at its end is counted here; what the note
 * says of the others holds if they end well, and else nobody reads it.
 */
static void take_death(struct lab *lab, pid_t pid)
{
	struct task *task = &lab->tasks[number_of(lab, pid)];

	task_count(task, &task->line->alive, (uint64_t)-1);
	task_figure(task, CRASH_FINISHED, 0);
	task_figure(task, CRASH_DIED, 1);
	snprintf(lab->area->note, sizeof(lab->area->note),
		 "task %u was killed by SIGSEGV; %u of %u tasks finished", task->number,
		 lab->n_tasks - 1, lab->n_tasks);
}

static bool had_to_die(const struct lab *lab, int status)
{
	return lab->job->dies && !lab->area->note[0] && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGSEGV;
}

static int wait_all(struct lab *lab)
{
	int status;
	pid_t pid;

	for (uint32_t n = 0; n < lab->n_tasks;) {
		pid = waitpid(-1, &status, 0);
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return lab_error_limit(lab, -errno, "cannot wait for tasks");
		if (had_to_die(lab, status)) {
			take_death(lab, pid);
		} else if (status) {
			say_death(lab, pid, status);
			return -ECHILD;
		}
		n++;
	}
	return 0;
}

static int process_run(struct lab *lab)
{
	pid_t parent = getpid(), pid;
	uint32_t n = 0;
	int err = 0;

	for (; n < lab->n_tasks; n++) {
		task_made(&lab->tasks[n]);
		pid = fork();
		if (!pid)
			task_main(&lab->tasks[n], parent);
		if (pid < 0) {
			err = lab_error_limit(lab, -errno, "cannot fork task %u of %u", n + 1,
					      lab->n_tasks);
			break;
		}
		lab->tasks[n].pid = pid;
	}
	if (!err)
		err = wait_all(lab);
	if (err)
		kill_rest(lab, n);
	return err;
}

static int process_init(struct lab *lab)
{
	(void)lab;
	return 0;
}

static void process_fini(struct lab *lab)
{
	(void)lab;
}

static void process_spawn(struct task *self, struct child *child)
{
	pid_t parent = getpid();

	child->pid = fork();
	if (!child->pid) {
		end_with(parent);
		_exit((int)child->fn(child->arg));
	}
	if (child->pid < 0) {
		lab_error_limit(self->lab, -errno, "cannot fork");
		lab_die(self->lab);
	}
	task_count(self, &self->line->alive, 1);
}

static void process_join(struct task *self, struct child *child)
{
	int status;

	while (waitpid(child->pid, &status, 0) < 0)
		if (errno != EINTR) {
			lab_error(self->lab, "cannot wait for a child of task %u: %s", self->number,
				  strerror(errno));
			lab_die(self->lab);
		}
	if (WIFSIGNALED(status)) {
		lab_error(self->lab, "a child of task %u (pid %d) was killed by signal %d%s",
			  self->number, (int)child->pid, WTERMSIG(status),
			  error_of_signal(WTERMSIG(status)));
		lab_die(self->lab);
	}
	child->result = (unsigned)WEXITSTATUS(status);
	task_count(self, &self->line->alive, (uint64_t)-1);
}

const struct executor executor_process = {
	.comm = "lab-process",
	.init = process_init,
	.run = process_run,
	.fini = process_fini,
	.yield = kernel_yield,
	.sleep = kernel_sleep,
	.nap = kernel_nap,
	.poke = kernel_poke,
	.spawn = process_spawn,
	.join = process_join,
	.lock = kernel_lock,
	.unlock = kernel_unlock,
	.read = kernel_read,
	.write = kernel_write,
	.accept = kernel_accept,
	.close = kernel_close,
};
