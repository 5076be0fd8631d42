// SPDX-License-Identifier: GPL-2.0-only
/*
 * coro.c - what a coroutine costs.
 *
 * The path measured is the one that jobs take: counted in the area's line, with the test for marks.
 * What that test and a mark cost is the difference of two kinds of run that take turns.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cpu_time.h"
#include "lab/loop.h"

#define N_SWITCHES 20000000ull
#define N_MANY	   100000ull
#define N_SPAWNS   4000000ull
#define N_TURNS	   20 /* of two kinds of run */

static struct lab_line line;
static struct mark_ring ring;
static _Atomic uint32_t marks_on;
static struct loop loop;
static uint64_t n_each; /* yields of each coroutine */

static void yield_body(void *arg)
{
	(void)arg;
	for (uint64_t i = 0; i < n_each; i++)
		loop_yield(loop_here());
}

/* loop_yield() as it would be if nobody could watch. */
static inline void yield_unwatchable(struct loop *here)
{
	struct coro *from = here->host.current;

	if (!here->n_ready || here->ready_head == here->look_at) {
		loop_yield(here);
		return;
	}
	here->ready[(here->ready_head + here->n_ready) & here->ready_mask] = from;
	lab_line_add(&here->host.line->user_switches);
	coro_switch(&here->host, from, here->ready[here->ready_head++ & here->ready_mask]);
}

static void unwatchable_body(void *arg)
{
	(void)arg;
	for (uint64_t i = 0; i < n_each; i++)
		yield_unwatchable(loop_here());
}

static void empty_body(void *arg)
{
	(void)arg;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* ns for one switch, with n coroutines in turn. */
static double yields_ns(coro_fn body, uint64_t n, uint64_t n_switches)
{
	uint64_t ns, before = line.user_switches;

	n_each = n_switches / n;
	if (loop_init(&loop, 0, n, &line, &marks_on, &ring))
		die("loop_init");
	for (uint64_t i = 0; i < n; i++)
		if (!loop_spawn(&loop, body, NULL, true))
			die("loop_spawn");
	ns = cpu_time_ns();
	if (loop_run(&loop))
		die("loop_run");
	ns = cpu_time_ns() - ns;
	loop_fini(&loop);
	return (double)ns / (double)(line.user_switches - before);
}

/* ns to take a coroutine from the pool, run it to its end and give it back. */
static double spawn_ns(void)
{
	static struct coro_host host;
	struct coro *coro;
	uint64_t ns;

	if (coro_host_init(&host, 0, 1, &line, &marks_on, &ring))
		die("coro_host_init");
	ns = cpu_time_ns();
	for (uint64_t i = 0; i < N_SPAWNS; i++) {
		coro = coro_new(&host, empty_body, NULL);
		if (!coro)
			die("coro_new");
		coro_resume(coro);
		coro_free(coro);
	}
	ns = cpu_time_ns() - ns;
	coro_host_fini(&host);
	return (double)ns / (double)N_SPAWNS;
}

/* What a switch with `body`, watched or not, takes longer than the usual one: ns. */
static double dearer_ns(coro_fn body, uint32_t watched)
{
	double ns = 0;

	for (int i = 0; i < N_TURNS; i++) {
		ns -= yields_ns(yield_body, 2, N_SWITCHES / N_TURNS);
		marks_on = watched;
		ns += yields_ns(body, 2, N_SWITCHES / N_TURNS);
		marks_on = 0;
	}
	return ns / N_TURNS;
}

int main(void)
{
	printf("coroutine_switch_2 %.3f ns\n", yields_ns(yield_body, 2, N_SWITCHES));
	printf("coroutine_switch_1000 %.3f ns\n", yields_ns(yield_body, 1000, N_SWITCHES));
	printf("coroutine_switch_100000 %.3f ns\n", yields_ns(yield_body, N_MANY, N_SWITCHES));
	printf("coroutine_create_run_end %.3f ns\n", spawn_ns());
	printf("coroutine_mark_watched %.3f ns each of the two of a switch\n",
	       dearer_ns(yield_body, 1) / 2);
	printf("coroutine_mark_unwatched %.3f ns a switch\n", -dearer_ns(unwatchable_body, 0));
	return 0;
}
