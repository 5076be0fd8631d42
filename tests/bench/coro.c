// SPDX-License-Identifier: GPL-2.0-only
/*
 * coro.c - what a coroutine costs.
 *
 * The path measured is the one that jobs take: counted in the area's line, with the test for marks.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "lab/loop.h"

#define N_SWITCHES 20000000ull
#define N_SPAWNS   2000000ull
#define N_MARKED   2000000ull

static struct lab_line line;
static struct mark_ring ring;
static _Atomic uint32_t marks_on;

struct bench {
	struct loop loop;
	uint64_t n_each;
};

static void yield_body(void *arg)
{
	struct bench *bench = arg;

	for (uint64_t i = 0; i < bench->n_each; i++)
		loop_yield(&bench->loop);
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
static double yields_ns(uint64_t n, uint64_t n_switches)
{
	struct bench bench = { .n_each = n_switches / n };
	uint64_t begin, before = line.user_switches;

	if (loop_init(&bench.loop, 0, n, &line, &marks_on, &ring))
		die("loop_init");
	for (uint64_t i = 0; i < n; i++)
		if (!loop_spawn(&bench.loop, yield_body, &bench, true))
			die("loop_spawn");
	begin = clock_now_ns();
	if (loop_run(&bench.loop))
		die("loop_run");
	begin = clock_now_ns() - begin;
	loop_fini(&bench.loop);
	return (double)begin / (double)(line.user_switches - before);
}

/* ns to take a coroutine from the pool, run it to its end and give it back. */
static double spawn_ns(void)
{
	struct coro_host host;
	struct coro *coro;
	uint64_t begin;

	if (coro_host_init(&host, 0, 1, &line, &marks_on, &ring))
		die("coro_host_init");
	begin = clock_now_ns();
	for (uint64_t i = 0; i < N_SPAWNS; i++) {
		coro = coro_new(&host, empty_body, NULL);
		if (!coro)
			die("coro_new");
		coro_resume(coro);
		coro_free(coro);
	}
	begin = clock_now_ns() - begin;
	coro_host_fini(&host);
	return (double)begin / N_SPAWNS;
}

static double switch_2(void)
{
	return yields_ns(2, N_SWITCHES);
}

static double switch_1000(void)
{
	return yields_ns(1000, N_SWITCHES);
}

static double switch_marked(void)
{
	double ns;

	marks_on = 1;
	ns = yields_ns(2, N_MARKED);
	marks_on = 0;
	return ns;
}

static const struct {
	const char *name;
	double (*measure)(void);
} benches[] = {
	{ "coroutine_switch_2", switch_2 },
	{ "coroutine_switch_1000", switch_1000 },
	{ "coroutine_switch_2_marked", switch_marked },
	{ "coroutine_create_run_end", spawn_ns },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(benches) / sizeof(benches[0]); i++)
		printf("%s %.2f ns\n", benches[i].name, benches[i].measure());
	return 0;
}
