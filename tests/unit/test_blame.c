// SPDX-License-Identifier: GPL-2.0-only
/* test_blame.c - who is named as the one that blocked its thread, and who is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "state/blame.h"

#define LOOP task_word(100, 1)

#define SLEEPS(call) (LEAVE_SLEEPING | (call) << LEAVE_CALL_SHIFT | LEAVE_VOLUNTARY)

static void leaves(struct blame *blame, uint64_t time_ns, uint32_t thread, uint8_t state)
{
	const struct event event = {
		.time_ns = time_ns, .kind = EVENT_SWITCH, .state = state, .task = thread
	};

	blame_apply(blame, &event);
}

static void comes(struct blame *blame, uint64_t time_ns, uint32_t thread)
{
	const struct event event = { .time_ns = time_ns,
				     .kind = EVENT_SWITCH,
				     .to = { .next = thread } };

	blame_apply(blame, &event);
}

static void marks(struct blame *blame, uint64_t time_ns, unsigned kind, uint32_t thread,
		  uint32_t id)
{
	const struct event event = { .time_ns = time_ns,
				     .kind = (uint8_t)kind,
				     .task = thread,
				     .coroutine = { .id = id, .lane = task_lane(thread) } };

	blame_apply(blame, &event);
}

static void test_blame_is_on_who_sleeps_inside(void **state)
{
	struct blame *blame = blame_new(3);
	struct blamed worst[4];

	(void)state;
	marks(blame, 1000, EVENT_RESUME, LOOP, 7);
	leaves(blame, 1500, LOOP, SLEEPS(CALL_TIMER));
	comes(blame, 9500, LOOP);
	leaves(blame, 9600, LOOP, SLEEPS(CALL_IO));
	comes(blame, 10600, LOOP);
	leaves(blame, 10700, LOOP, SLEEPS(CALL_TIMER));
	comes(blame, 10800, LOOP);
	marks(blame, 11000, EVENT_SUSPEND, LOOP, 7);
	leaves(blame, 12000, LOOP, SLEEPS(CALL_POLL)); /* between two: how loops work */
	comes(blame, 90000, LOOP);
	marks(blame, 91000, EVENT_RESUME, LOOP, 8);
	leaves(blame, 92000, LOOP, LEAVE_RUNNABLE); /* taken away: nobody's fault */
	comes(blame, 93000, LOOP);
	marks(blame, 94000, EVENT_END, LOOP, 8);
	leaves(blame, 95000, LOOP, SLEEPS(CALL_POLL));
	comes(blame, 96000, LOOP);

	assert_int_equal(blame_worst(blame, 0, worst, 4), 1);
	assert_int_equal(worst[0].id, 7);
	assert_int_equal(worst[0].lane, 1);
	assert_int_equal(worst[0].thread, LOOP);
	assert_true(blame_of_thread(blame, LOOP, &worst[1]));
	assert_int_equal(worst[1].id, 7);
	assert_false(blame_of_thread(blame, task_word(100, 2), &worst[1]));
	assert_int_equal(worst[0].n_all, 3);
	assert_int_equal(worst[0].total_ns, 9100);
	assert_int_equal(worst[0].max_ns, 8000);
	assert_int_equal(blamed_call(&worst[0]), CALL_TIMER);
	assert_int_equal(blame->sums[1].n, 3);
	assert_int_equal(blame->sums[1].n_preempted, 1);
	assert_int_equal(blame->sums[1].n_steps, 2);
	assert_int_equal(blame->sums[2].n_steps, 0);
	blame_free(blame);
}

/* A resumes B, which blocks; when B is left, A is inside again. */
static void test_blame_of_nested_ones_is_on_the_innermost(void **state)
{
	struct blame *blame = blame_new(3);
	struct blamed worst[4];

	(void)state;
	marks(blame, 1000, EVENT_RESUME, LOOP, 1);
	marks(blame, 1100, EVENT_RESUME, LOOP, 2);
	leaves(blame, 1200, LOOP, SLEEPS(CALL_IO));
	comes(blame, 1500, LOOP);
	marks(blame, 1600, EVENT_SUSPEND, LOOP, 2);
	leaves(blame, 1700, LOOP, SLEEPS(CALL_LOCK));
	comes(blame, 1800, LOOP);
	marks(blame, 1900, EVENT_RESUME, LOOP, 3);
	marks(blame, 2000, EVENT_SUSPEND, LOOP, 1); /* and with it what it resumed */
	leaves(blame, 2100, LOOP, SLEEPS(CALL_POLL));
	comes(blame, 2200, LOOP);
	assert_int_equal(blame_worst(blame, 1, worst, 4), 2);
	assert_int_equal(worst[0].id, 2);
	assert_int_equal(worst[0].total_ns, 300);
	assert_int_equal(worst[1].id, 1);
	assert_int_equal(worst[1].total_ns, 100);
	assert_int_equal(blame_worst(blame, 2, worst, 4), 0);
	blame_free(blame);
}

/* Marks have a clock of their own: one that a thread seems to make while it is away is from before. */
static void test_blame_is_not_on_who_was_outside_by_a_hair(void **state)
{
	struct blame *blame = blame_new(3);
	struct blamed worst[1];

	(void)state;
	marks(blame, 1000, EVENT_RESUME, LOOP, 1);
	leaves(blame, 2000, LOOP, SLEEPS(CALL_POLL));
	marks(blame, 2010, EVENT_SUSPEND, LOOP, 1);
	comes(blame, 90000, LOOP);
	assert_int_equal(blame_worst(blame, 0, worst, 1), 0);
	blame_free(blame);
}

static void test_blame_is_not_guessed_over_losses(void **state)
{
	struct blame *blame = blame_new(3);
	struct event lost = { .time_ns = 2500, .kind = EVENT_LOST, .lost = { .n = 1 } };
	struct blamed worst[1];

	(void)state;
	marks(blame, 1000, EVENT_RESUME, LOOP, 1);
	leaves(blame, 2000, LOOP, SLEEPS(CALL_IO));
	blame_apply(blame, &lost);
	comes(blame, 3000, LOOP);
	lost.task = LOOP; /* of its marks: whoever it is in is not known */
	blame_apply(blame, &lost);
	leaves(blame, 4000, LOOP, SLEEPS(CALL_IO));
	comes(blame, 5000, LOOP);
	marks(blame, 6000, EVENT_RESUME, LOOP, 7);
	lost = (struct event){ .time_ns = 6100, .kind = EVENT_LOST, .lost = { .n = 1 } };
	blame_apply(blame, &lost); /* its end may be among them */
	leaves(blame, 7000, LOOP, SLEEPS(CALL_POLL));
	comes(blame, 8000, LOOP);
	assert_int_equal(blame_worst(blame, 0, worst, 1), 0);
	marks(blame, 8500, EVENT_RESUME, LOOP, 8);
	leaves(blame, 9000, LOOP, SLEEPS(CALL_IO));
	comes(blame, 9500, LOOP);
	assert_int_equal(blame_worst(blame, 0, worst, 1), 1);
	assert_int_equal(worst[0].id, 8);
	blame_free(blame);
}

static void test_blame_is_on_nobody_where_too_many_are_nested(void **state)
{
	struct blame *blame = blame_new(3);
	struct blamed worst[1];

	(void)state;
	for (unsigned i = 1; i <= 9; i++)
		marks(blame, 1000, EVENT_RESUME, LOOP, i);
	leaves(blame, 2000, LOOP, SLEEPS(CALL_IO)); /* in the ninth */
	comes(blame, 3000, LOOP);
	assert_int_equal(blame_worst(blame, 0, worst, 1), 0);
	marks(blame, 3500, EVENT_SUSPEND, LOOP, 9);
	marks(blame, 4000, EVENT_SUSPEND, LOOP, 5);
	leaves(blame, 5000, LOOP, SLEEPS(CALL_IO));
	comes(blame, 6000, LOOP);
	assert_int_equal(blame_worst(blame, 0, worst, 1), 1);
	assert_int_equal(worst[0].id, 4);
	blame_free(blame);
}

static void test_blame_of_hostile_marks_is_bounded(void **state)
{
	struct blame *blame = blame_new(3), *copy;
	struct blamed worst[2];

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		marks(blame, 1000, EVENT_RESUME, LOOP, i);	/* none is ever left */
	marks(blame, 1000, EVENT_RESUME, task_word(5, 900), 1); /* no such lane */
	leaves(blame, 1000, task_word(5, 900), SLEEPS(CALL_IO));
	comes(blame, 1000, task_word(5, 900));
	marks(blame, 1000, EVENT_RESUME, 0, 1);
	for (unsigned i = 0; i < N_BLAMED_MAX + 50; i++) {
		marks(blame, 2000, EVENT_SUSPEND, LOOP, 0);
		marks(blame, 2000, EVENT_RESUME, LOOP, 1000 + i);
		leaves(blame, 2000, LOOP, 0xff & ~LEAVE_MASK); /* preempted, all other bits set */
		leaves(blame, 2000, LOOP, SLEEPS(CALL_NONE));
		comes(blame, 2000 + i, LOOP);
		marks(blame, 2000, EVENT_END, LOOP, 1000 + i);
	}
	assert_int_equal(blame->n_apart, 50);
	assert_int_equal(blame->sums[1].n, N_BLAMED_MAX + 50);
	copy = blame_copy(blame);
	assert_int_equal(blame_worst(copy, 0, worst, 2), 2);
	assert_int_equal(worst[0].total_ns, N_BLAMED_MAX - 1);
	blame_free(copy);
	blame_clear(blame);
	assert_int_equal(blame_worst(blame, 0, worst, 2), 0);
	blame_free(blame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blame_is_on_who_sleeps_inside),
		cmocka_unit_test(test_blame_of_nested_ones_is_on_the_innermost),
		cmocka_unit_test(test_blame_is_not_on_who_was_outside_by_a_hair),
		cmocka_unit_test(test_blame_is_not_guessed_over_losses),
		cmocka_unit_test(test_blame_is_on_nobody_where_too_many_are_nested),
		cmocka_unit_test(test_blame_of_hostile_marks_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
