// SPDX-License-Identifier: GPL-2.0-only
/* test_coro_pool.c - loops of several threads: gates keep coroutines apart and wake them across. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "lab/gate.h"

#define N_LOOPS 3
#define N_COROS 8 /* in each */
#define N_STEPS 2000

static struct loop loops[N_LOOPS];
static struct lab_line lines[N_LOOPS];
static struct gate gate;
static unsigned inside, most_inside, n_entered; /* guarded by a gate for one */

static void *run(void *arg)
{
	struct loop *loop = arg;

	return loop_run(loop) ? loop : NULL;
}

/* Each loop in a thread of its own, the first in this one. */
static void run_all(coro_fn fn)
{
	pthread_t threads[N_LOOPS];
	void *failed;

	memset(lines, 0, sizeof(lines));
	for (int i = 0; i < N_LOOPS; i++) {
		assert_int_equal(loop_init(&loops[i], 0, N_COROS, &lines[i], NULL, NULL), 0);
		assert_int_equal(loop_join_pool(&loops[i]), 0);
		for (int n = 0; n < N_COROS; n++)
			assert_non_null(loop_spawn(&loops[i], fn, &loops[i], true));
	}
	for (int i = 1; i < N_LOOPS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run, &loops[i]), 0);
	assert_null(run(&loops[0]));
	for (int i = 1; i < N_LOOPS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	for (int i = 0; i < N_LOOPS; i++)
		loop_fini(&loops[i]);
}

/* Gives way inside, so that others come to the gate and find it closed. */
static void enter_alone(void *arg)
{
	struct loop *loop = arg;

	for (int i = 0; i < N_STEPS; i++) {
		gate_enter(loop, &gate);
		if (++inside > most_inside)
			most_inside = inside;
		n_entered++;
		loop_yield(loop);
		inside--;
		gate_leave(loop, &gate);
	}
}

static void test_gate_for_one_lets_one_in_over_all_threads(void **state)
{
	(void)state;
	gate_init(&gate, 1);
	inside = most_inside = n_entered = 0;
	run_all(enter_alone);
	assert_int_equal(n_entered, N_LOOPS * N_COROS * N_STEPS);
	assert_int_equal(most_inside, 1);
	assert_int_equal(gate.n_free, 1);
}

static _Atomic unsigned n_passed;

/* Nobody can enter until the last of all has come, and it opens for the one before it, and so on. */
static void pass_in_a_chain(void *arg)
{
	struct loop *loop = arg;

	if (atomic_fetch_add(&n_passed, 1) < N_LOOPS * N_COROS - 1)
		gate_enter(loop, &gate);
	gate_leave(loop, &gate);
}

static void test_gate_wakes_coroutines_of_sleeping_loops(void **state)
{
	(void)state;
	gate_init(&gate, 0);
	atomic_store(&n_passed, 0);
	run_all(pass_in_a_chain);
	assert_int_equal(gate.n_free, 1);
}

static void test_gate_for_two_lets_two_in(void **state)
{
	(void)state;
	gate_init(&gate, 2);
	inside = most_inside = n_entered = 0;
	assert_int_equal(loop_init(&loops[0], 0, 4, &lines[0], NULL, NULL), 0);
	for (int i = 0; i < 4; i++)
		assert_non_null(loop_spawn(&loops[0], enter_alone, &loops[0], true));
	assert_int_equal(loop_run(&loops[0]), 0);
	assert_int_equal(most_inside, 2);
	assert_int_equal(n_entered, 4 * N_STEPS);
	loop_fini(&loops[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gate_for_one_lets_one_in_over_all_threads),
		cmocka_unit_test(test_gate_wakes_coroutines_of_sleeping_loops),
		cmocka_unit_test(test_gate_for_two_lets_two_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
