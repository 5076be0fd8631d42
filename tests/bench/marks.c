// SPDX-License-Identifier: GPL-2.0-only
/*
 * marks.c - what a mark costs that a program makes with include/swtch_marks.h, watched and not.
 *
 * The difference of two kinds of run that take turns: a step with a mark before it and one behind, and
 * the same step alone.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cpu_time.h"
#include "swtch_marks.h"

#define N_STEPS	 20000000ull /* of each run that is not watched, and a tenth of one that is */
#define N_WARMUP 100000ull
#define N_TURNS	 21

static uint32_t coroutine;

/* Nothing that could hide a mark behind it. */
static inline void step(void)
{
	__asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) static void run_bare(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		step();
}

__attribute__((noinline)) static void run_marked(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		swtch_mark_resume(coroutine);
		step();
		swtch_mark_suspend(coroutine);
	}
}

static double step_ns(void (*run)(uint64_t n), uint64_t n)
{
	uint64_t ns = cpu_time_ns();

	run(n);
	return (double)(cpu_time_ns() - ns) / (double)n;
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* ns that each of the two marks of a step adds: the median of all turns. */
static double mark_ns(uint64_t until, uint64_t n)
{
	double added[N_TURNS];

	for (unsigned i = 0; i < N_TURNS; i++) {
		double bare = step_ns(run_bare, n);

		swtch_marks_area->until = until;
		added[i] = (step_ns(run_marked, n) - bare) / 2;
		swtch_marks_area->until = 0;
	}
	qsort(added, N_TURNS, sizeof(added[0]), by_size);
	return added[N_TURNS / 2];
}

int main(void)
{
	coroutine = swtch_mark_create("bench");
	if (!swtch_marks_area) {
		fputs("no memory for marks could be made\n", stderr);
		return 1;
	}
	swtch_marks_area->until = UINT64_MAX; /* pages exist from here on */
	run_marked(N_WARMUP);
	printf("program_mark_watched %.3f ns\n", mark_ns(UINT64_MAX, N_STEPS / 10));
	printf("program_mark_unwatched %.3f ns\n", mark_ns(0, N_STEPS));
	return 0;
}
