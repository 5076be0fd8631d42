// SPDX-License-Identifier: GPL-2.0-only
/* compute.c - count primes, the range split over the tasks. */
#include "lab/primes.h"
#include "lab/task.h"

#define CHUNK	 1000 /* numbers in a unit of work */
#define N_CHUNKS 512  /* then the range begins again, so that units do not grow for ever */

static uint64_t chunk_primes(uint64_t chunk)
{
	return primes_count((uint32_t)(chunk % N_CHUNKS) * CHUNK, CHUNK);
}

static void compute_body(struct task *self)
{
	uint64_t chunk = self->worker, sum = 0;

	for (; task_next(self); chunk += self->lab->n_workers) {
		/* A sum, so that it does not matter which task did which chunk. */
		sum += hash_fold(chunk, chunk_primes(chunk));
		task_done(self, 1, 0);
	}
	self->hash = sum;
}

const struct job job_compute = {
	.name = "compute",
	.says = "count primes, the range split over the tasks",
	.shows = "Processes and threads use every CPU; the coroutines of one thread use one.",
	.about =
		"The numbers are split into chunks of a thousand, and every task counts the primes in "
		"its share of them by trial division: pure computing, nothing to wait for. Kernel "
		"tasks spread over the CPUs and finish sooner. Coroutines of one thread take one CPU, "
		"one after another, for none of them ever has a reason to give way; --pool deals them "
		"out to more threads.",
	.unit = "chunk",
	.comms = { "compute" },
	.n_tasks = 4,
	.group = 1,
	.work = { 32768, 32768, 32768 },
	.options = JOB_POOL,
	.body = compute_body,
};
