// SPDX-License-Identifier: GPL-2.0-only
/* test_coroutines.c - marks become coroutines, also where some of them are missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "state/coroutines.h"

#define LANE	3
#define THREAD	41
#define ANOTHER 42

static struct coroutines *coroutines;
static uint64_t now_ns;

static void tell(uint8_t kind, uint32_t pid, uint32_t id, uint64_t after_ns)
{
	struct event event = { .time_ns = now_ns += after_ns,
			       .kind = kind,
			       .task = task_word(pid, LANE),
			       .coroutine = { .id = id, .lane = LANE } };

	coroutines_apply(coroutines, &event);
}

/* Of id 0: there is none. */
static struct coroutine_state row_of(uint32_t pid, uint32_t id)
{
	size_t first, n = coroutines_of(coroutines, pid, LANE, &first);

	for (size_t i = first; i < first + n; i++)
		if (coroutines->rows[i].id == id)
			return coroutines->rows[i];
	return (struct coroutine_state){ 0 };
}

static int setup(void **unused)
{
	(void)unused;
	now_ns = 1000;
	coroutines = coroutines_new();
	return coroutines ? 0 : -1;
}

static int teardown(void **unused)
{
	(void)unused;
	coroutines_free(coroutines);
	return 0;
}

static void test_steps_and_their_time_add_up(void **unused)
{
	struct coroutine_state row;

	(void)unused;
	tell(EVENT_CREATE, THREAD, 1, 0);
	coroutines_measure(coroutines, now_ns);
	row = row_of(THREAD, 1);
	assert_int_equal(row.id, 1);
	assert_int_equal(row.steps, 0);
	assert_true(isnan(row.run_share)); /* one measurement makes no rate */
	for (int i = 0; i < 10; i++) {
		tell(EVENT_RESUME, THREAD, 1, 50);
		tell(EVENT_SUSPEND, THREAD, 1, 50);
	}
	tell(EVENT_RESUME, THREAD, 1, 0);
	now_ns += 1000;
	coroutines_measure(coroutines, now_ns);
	row = row_of(THREAD, 1);
	assert_int_equal(row.steps, 11);
	assert_int_equal(row.run_ns, 10 * 50 + 1000); /* it runs still */
	assert_true(row.is_running);
	assert_true(fabs(row.run_share - 1500.0 / 2000) < 1e-9);
	assert_true(fabs(row.step_hz - 11 * 1e9 / 2000) < 1e-3);
	tell(EVENT_END, THREAD, 1, 10);
	coroutines_measure(coroutines, now_ns);
	assert_int_equal(row_of(THREAD, 1).id, 0);
	assert_int_equal(coroutines->n_live, 0);
}

/* One that is resumed once a second is so in each of four measurements. */
static void test_rates_are_of_a_second(void **unused)
{
	(void)unused;
	for (int i = 0; i < 40; i++) {
		now_ns += 250000000 - 1000 * (i % 4 == 1);
		if (i % 4 == 1) {
			tell(EVENT_RESUME, THREAD, 1, 0);
			tell(EVENT_SUSPEND, THREAD, 1, 1000);
		}
		coroutines_measure(coroutines, now_ns);
		if (i > 8)
			assert_true(fabs(row_of(THREAD, 1).step_hz - 1) < 1e-9);
		if (i > 8)
			assert_true(fabs(row_of(THREAD, 1).run_share - 1e-6) < 1e-12);
	}
	tell(EVENT_CREATE, THREAD, 2, 0); /* takes no place over with what was there */
	tell(EVENT_END, THREAD, 1, 0);
	tell(EVENT_RESUME, THREAD, 3, 0);
	tell(EVENT_SUSPEND, THREAD, 3, 0);
	now_ns += 250000000;
	coroutines_measure(coroutines, now_ns);
	assert_true(fabs(row_of(THREAD, 3).step_hz - 1) < 1e-9);
	assert_true(row_of(THREAD, 2).step_hz < 1e-9);
}

/* Those with the most steps first; each below the thread that it was on last. */
static void test_rows_are_of_the_thread_that_ran_them_last(void **unused)
{
	size_t first;

	(void)unused;
	for (uint32_t id = 1; id <= 3; id++)
		tell(EVENT_CREATE, THREAD, id, 1);
	coroutines_measure(coroutines, now_ns);
	tell(EVENT_RESUME, THREAD, 2, 1);
	tell(EVENT_SUSPEND, THREAD, 2, 1);
	tell(EVENT_RESUME, ANOTHER, 3, 1);
	tell(EVENT_SUSPEND, ANOTHER, 3, 1);
	coroutines_measure(coroutines, ++now_ns);
	assert_int_equal(coroutines_of(coroutines, THREAD, LANE, &first), 2);
	assert_int_equal(coroutines->rows[first].id, 2);
	assert_int_equal(coroutines->rows[first + 1].id, 1);
	assert_int_equal(coroutines_of(coroutines, ANOTHER, LANE, &first), 1);
	assert_int_equal(coroutines->rows[first].id, 3);
	assert_int_equal(coroutines_of(coroutines, THREAD, LANE + 1, &first), 0);
	assert_int_equal(coroutines_of(coroutines, 1, LANE, &first), 0);
}

/* A thread runs one: where the mark that it was suspended is missing, another's resume tells. */
static void test_missing_suspend_is_no_time_on_the_thread(void **unused)
{
	(void)unused;
	tell(EVENT_RESUME, THREAD, 1, 1);
	tell(EVENT_RESUME, THREAD, 2, 1000000);
	coroutines_measure(coroutines, now_ns + 10);
	assert_false(row_of(THREAD, 1).is_running);
	assert_int_equal(row_of(THREAD, 1).run_ns, 0);
	assert_int_equal(row_of(THREAD, 1).since_ns, 0);
	assert_true(row_of(THREAD, 2).is_running);
	tell(EVENT_SUSPEND, THREAD, 1, 5); /* nor is one without its resume */
	coroutines_measure(coroutines, now_ns + 10);
	assert_int_equal(row_of(THREAD, 1).run_ns, 0);
}

static void test_thread_takes_its_coroutines_with_it(void **unused)
{
	(void)unused;
	tell(EVENT_RESUME, THREAD, 1, 1);
	tell(EVENT_CREATE, THREAD, 2, 1);
	tell(EVENT_RESUME, ANOTHER, 3, 1);
	tell(EVENT_EXIT, THREAD, 0, 1);
	coroutines_measure(coroutines, now_ns);
	assert_int_equal(row_of(THREAD, 1).id, 0);
	assert_int_equal(row_of(THREAD, 2).id, 0);
	assert_int_equal(row_of(ANOTHER, 3).id, 3);
	assert_int_equal(coroutines->n_live, 1);
}

static void test_more_than_there_is_room_for_are_told_as_missing(void **unused)
{
	(void)unused;
	for (int round = 0; round < 2; round++) {
		for (uint32_t id = 1; id <= N_COROUTINES_TOLD; id++)
			tell(EVENT_CREATE, THREAD, id, 1);
		assert_int_equal(coroutines->n_untold, round);
		tell(EVENT_CREATE, THREAD, N_COROUTINES_TOLD + 1, 1);
		assert_int_equal(coroutines->n_untold, round + 1);
		coroutines_measure(coroutines, now_ns);
		assert_int_equal(coroutines->n, N_COROUTINES_TOLD);
		for (uint32_t id = 1; id <= N_COROUTINES_TOLD + 1; id++)
			tell(EVENT_END, THREAD, id, 1);
		assert_int_equal(coroutines->n_live, 0);
	}
	coroutines_clear(coroutines);
	assert_int_equal(coroutines->n_untold, 0);
}

static void test_copy_stays_as_it_was(void **unused)
{
	struct coroutines *copy;
	size_t first;

	(void)unused;
	tell(EVENT_RESUME, THREAD, 1, 1);
	coroutines_measure(coroutines, now_ns);
	copy = coroutines_copy(coroutines);
	assert_non_null(copy);
	tell(EVENT_END, THREAD, 1, 1);
	coroutines_measure(coroutines, now_ns);
	assert_int_equal(coroutines_of(coroutines, THREAD, LANE, &first), 0);
	assert_int_equal(coroutines_of(copy, THREAD, LANE, &first), 1);
	assert_int_equal(copy->rows[first].id, 1);
	coroutines_free(copy);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_steps_and_their_time_add_up),
		TEST(test_rates_are_of_a_second),
		TEST(test_rows_are_of_the_thread_that_ran_them_last),
		TEST(test_missing_suspend_is_no_time_on_the_thread),
		TEST(test_thread_takes_its_coroutines_with_it),
		TEST(test_more_than_there_is_room_for_are_told_as_missing),
		TEST(test_copy_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
