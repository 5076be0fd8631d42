/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pair.h - two processes on one CPU that do nothing but switch: they yield to each other, or pass a
 * byte to and fro. For benchmarks of what watching adds. Owned by who made it; one thread.
 */
#ifndef BENCH_PAIR_H
#define BENCH_PAIR_H

#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

struct pair {
	volatile uint64_t turns[2]; /* shared with the two: a turn is a switch, or nearly */
	pid_t pids[2];
	int gate; /* closed: they may begin */
};

static inline void pair_check(long result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
}

static inline void pair_pin(unsigned cpu)
{
	cpu_set_t only;

	CPU_ZERO(&only);
	CPU_SET(cpu, &only);
	pair_check(sched_setaffinity(0, sizeof(only), &only), "sched_setaffinity");
}

/* What one of the two does for ever; reads from `in`, writes to `out`. */
typedef void (*pair_body)(volatile uint64_t *turns, unsigned i, int in, int out);

static inline void pair_yield(volatile uint64_t *turns, unsigned i, int in, int out)
{
	(void)i, (void)in, (void)out;
	for (;;) {
		sched_yield();
		++*turns;
	}
}

static inline void pair_pipe(volatile uint64_t *turns, unsigned i, int in, int out)
{
	char byte = 0;

	if (i == 0)
		pair_check(write(out, &byte, 1), "write");
	while (read(in, &byte, 1) == 1 && write(out, &byte, 1) == 1)
		++*turns;
}

/* Both are there, and wait for pair_go(). Exits when they cannot be made. */
static inline struct pair *pair_start(pair_body body, unsigned cpu)
{
	struct pair *pair = mmap(NULL, sizeof(*pair), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int to[2][2], gate[2];

	pair_check(pair == MAP_FAILED ? -1 : 0, "mmap");
	pair_check(pipe(gate), "pipe");
	for (unsigned i = 0; i < 2; i++)
		pair_check(pipe(to[i]), "pipe");
	for (unsigned i = 0; i < 2; i++) {
		pid_t pid = fork();
		char byte;

		pair_check(pid, "fork");
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL); /* they would go on for ever */
			close(gate[1]);
			pair_pin(cpu);
			pair_check(read(gate[0], &byte, 1), "read");
			body(&pair->turns[i], i, to[i][0], to[!i][1]);
			_exit(0);
		}
		pair->pids[i] = pid;
	}
	for (unsigned i = 0; i < 2; i++) {
		close(to[i][0]);
		close(to[i][1]);
	}
	close(gate[0]);
	pair->gate = gate[1];
	return pair;
}

static inline void pair_go(struct pair *pair)
{
	close(pair->gate);
}

static inline uint64_t pair_turns(const struct pair *pair)
{
	return pair->turns[0] + pair->turns[1];
}

/* CPU time of both so far: what their switches took, though others may have had the CPU as well. */
static inline uint64_t pair_cpu_ns(const struct pair *pair)
{
	uint64_t sum_ns = 0;

	for (unsigned i = 0; i < 2; i++) {
		struct timespec used;
		clockid_t clock;

		if (!clock_getcpuclockid(pair->pids[i], &clock) && !clock_gettime(clock, &used))
			sum_ns += (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
	}
	return sum_ns;
}

/* Ends them; what each has used goes to `used`, which may be NULL. */
static inline void pair_end(struct pair *pair, struct rusage used[2])
{
	for (unsigned i = 0; i < 2; i++)
		kill(pair->pids[i], SIGKILL);
	for (unsigned i = 0; i < 2; i++)
		wait4(pair->pids[i], NULL, 0, used ? &used[i] : NULL);
	munmap(pair, sizeof(*pair));
}

#endif
