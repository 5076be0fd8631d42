// SPDX-License-Identifier: GPL-2.0-only
/* crash.c - one of the tasks that compute goes where no memory is; who dies with it? */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lab/primes.h"
#include "lab/task.h"

#define CHUNK	     1000 /* numbers in a unit of work */
#define N_CHUNKS     64	  /* then the range begins again */
#define UNITS_BEFORE 100

/*
 * A null pointer, really followed: the kernel shall end this program as it would end any other. It
 * leaves no core, not even for a program that core_pattern names, which the limit does not keep
 * away; its group is its own, so that nobody takes the signal for one to all; and no sanitizer
 * makes a report and an exit status of it.
 */
__attribute__((noinline, no_sanitize("address"), no_sanitize("thread"),
	       no_sanitize("undefined"))) _Noreturn static void
crash(void)
{
	static const struct rlimit no_core;
	volatile int *nowhere = NULL; /* a store that has no use is made all the same */

	__asm__("" : "+r"(nowhere)); /* no compiler knows where to */
	setpgid(0, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_DUMPABLE, 0);
	signal(SIGSEGV, SIG_DFL);
	for (;;)
		*nowhere = 1;
}

/* They give way after each unit, else a coroutine that computes would keep the others from it all. */
static void crash_body(struct task *self)
{
	bool is_victim = self->number == (self->lab->n_tasks > 1);
	uint64_t chunk = self->worker, sum = 0;

	for (unsigned n = 0; !(is_victim && n == UNITS_BEFORE) && task_next(self); n++) {
		sum += hash_fold(chunk, primes_count((uint32_t)(chunk % N_CHUNKS) * CHUNK, CHUNK));
		chunk += self->lab->n_workers;
		task_done(self, 1, 0);
		task_yield(self);
	}
	if (is_victim)
		crash();
	self->hash = sum;
	task_figure(self, CRASH_FINISHED, 1);
}

static const struct lab_figure figures[] = {
	[CRASH_FINISHED] = { "finished", "tasks that finished", false, "finished" },
	[CRASH_DIED] = { "died", "tasks that died", false, "died" },
	{ NULL, NULL, false, NULL },
};

const struct job job_crash = {
	.name = "crash",
	.says = "one task follows a null pointer while the others work",
	.shows = "Who dies: of processes the one alone, of threads and coroutines all of them.",
	.about =
		"All tasks count primes. After some units one of them follows a null pointer, and the "
		"kernel kills what it is a part of with SIGSEGV. That is one process, and the others "
		"come to their end as if nothing had been; or it is the program with all of its "
		"threads, or all of its coroutines. This is what was asked for, so it is no failure. "
		"The tasks give way after each unit, for a coroutine that did not would be through "
		"with its work before the next one begins. It crashes whatever --work or --time says.",
	.unit = "chunk",
	.comms = { "crash" },
	.n_tasks = 4,
	.group = 1,
	.own_pace = true,
	.dies = true,
	.work = { 80000, 80000, 80000 },
	.figures = figures,
	.body = crash_body,
};
