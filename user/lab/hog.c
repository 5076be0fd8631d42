// SPDX-License-Identifier: GPL-2.0-only
/* hog.c - the first task computes without a pause; how late are the others, which wish to run? */
#include "base/clock.h"
#include "lab/primes.h"
#include "lab/task.h"

#define CHUNK	 100	 /* numbers between two looks at the clock: tens of microseconds */
#define FIRST	 1000000 /* large enough that each takes a while */
#define INTERVAL (10 * NS_PER_MS)
#define N_WISHES 100
#define FOR_EVER UINT64_MAX

/* As long as the others have wishes; without an end to them until it is asked to stop. */
static uint64_t end_of(const struct lab *lab)
{
	uint64_t n = (lab->spec.work + lab->n_workers - 1) / lab->n_workers;

	return lab->spec.work ? lab->area->started_ns + n * lab->spec.sleep_ns : FOR_EVER;
}

static void compute(struct task *self)
{
	const struct lab_area *area = self->lab->area;
	uint64_t end_ns = end_of(self->lab);
	volatile uint32_t n = 0;

	while (!atomic_load_explicit(&area->stop, memory_order_relaxed) && clock_now_ns() < end_ns)
		n += primes_count(FIRST, CHUNK);
}

/* Wishes that stand open when a task is told to stop have waited as well. */
static void count_overdue(struct task *self, uint64_t due_ns)
{
	uint64_t now = clock_now_ns();

	for (uint64_t n = self->left + self->credit; n && due_ns <= now; n--) {
		task_latency(self, now - due_ns);
		due_ns += self->lab->spec.sleep_ns;
	}
}

/* Wish number k is due k intervals after the start, whether or not the one before was late. */
static void wish(struct task *self)
{
	uint64_t interval_ns = self->lab->spec.sleep_ns;
	uint64_t due_ns = self->lab->area->started_ns + interval_ns;

	for (; task_next(self); due_ns += interval_ns) {
		self->lab->executor->sleep(self, due_ns);
		task_latency(self, clock_now_ns() - due_ns);
		task_done(self, 1, self->worker + 1);
	}
	count_overdue(self, due_ns);
}

static void hog_body(struct task *self)
{
	(self->number ? wish : compute)(self);
}

const struct job job_hog = {
	.name = "hog",
	.says = "one task computes without a pause, the others wish to run now and then",
	.shows = "How late the others are: the kernel takes the CPU away from a process or a "
		 "thread, but nobody takes it away from a coroutine.",
	.about =
		"The first task counts primes and never waits. Each of the others wishes to run every "
		"10 ms, or as --sleep says, and measures how much later than that it does run. The "
		"kernel stops a process or a thread that computes for too long, and lets others run "
		"first who have waited: they are late by microseconds, or by a few milliseconds where "
		"CPUs are scarce (--pin 0). A coroutine keeps its thread until it gives way by itself, "
		"so the others wait until it is through, a second later. With --pool those of the "
		"other threads run on time.",
	.unit = "wish",
	.comms = { "hog" },
	.n_tasks = 4,
	.group = 1,
	.n_apart = 1,
	.own_pace = true,
	.work_each = true,
	.work = { N_WISHES, N_WISHES, N_WISHES },
	.sleep_ns = INTERVAL,
	.options = JOB_SLEEP | JOB_POOL,
	.latency = "wished to running",
	.body = hog_body,
};
