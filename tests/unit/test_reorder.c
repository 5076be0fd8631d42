// SPDX-License-Identifier: GPL-2.0-only
/* test_reorder.c - stretches of CPUs become one order in time, within a window, nothing lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "source/reorder.h"

#define N_CPUS 5
#define N_MAX  100000

static struct event seen[N_MAX];
static size_t n_seen;

static int see(const struct event *event, void *ctx)
{
	(void)ctx;
	assert_true(n_seen < N_MAX);
	seen[n_seen++] = *event;
	return 0;
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static struct reorder *fresh(size_t n_max)
{
	struct reorder *reorder = reorder_new(n_max, see, NULL);

	assert_non_null(reorder);
	n_seen = 0;
	return reorder;
}

static void push(struct reorder *reorder, uint64_t time_ns, uint32_t cpu, uint32_t seq)
{
	struct event event = { .time_ns = time_ns, .cpu = (uint16_t)cpu, .seq = seq };

	assert_int_equal(reorder_push(reorder, &event), 0);
}

/* Rounds of CPUs, as a tracing daemon drains them: each has a stretch of the same time. */
static void test_reorder_rounds_of_cpus_come_in_order_and_complete(void **state)
{
	struct reorder *reorder = fresh(4096);
	uint32_t seed = 3, n_pushed[N_CPUS] = { 0 }, n_got[N_CPUS] = { 0 };
	uint64_t now[N_CPUS] = { 0 };

	(void)state;
	for (unsigned round = 1; round <= 100; round++) {
		for (unsigned cpu = 0; cpu < N_CPUS; cpu++)
			while (now[cpu] < round * 10000ull) {
				push(reorder, now[cpu], cpu, n_pushed[cpu]++);
				now[cpu] += next_random(&seed) % 200;
			}
	}
	assert_int_equal(reorder_flush(reorder), 0);
	assert_int_equal(reorder_n_late(reorder), 0);
	for (size_t i = 0; i < n_seen; i++) {
		if (i)
			assert_true(seen[i - 1].time_ns <= seen[i].time_ns);
		assert_int_equal(seen[i].seq, n_got[seen[i].cpu]++);
	}
	for (unsigned cpu = 0; cpu < N_CPUS; cpu++)
		assert_int_equal(n_got[cpu], n_pushed[cpu]);
	reorder_free(reorder);
}

static void test_reorder_equal_times_stay_as_they_came(void **state)
{
	struct reorder *reorder = fresh(64);

	(void)state;
	push(reorder, 5, 0, 0);
	push(reorder, 7, 0, 1);
	push(reorder, 7, 0, 2);
	push(reorder, 5, 1, 3);
	push(reorder, 7, 1, 4);
	assert_int_equal(reorder_flush(reorder), 0);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(seen[i].seq, ((const uint32_t[]){ 0, 3, 1, 2, 4 })[i]);
	reorder_free(reorder);
}

static void test_reorder_what_comes_too_late_is_counted(void **state)
{
	struct reorder *reorder = fresh(4);

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		push(reorder, 10 + i, 0, i);
	assert_int_equal(n_seen, 2); /* the older half of a window that was full */
	push(reorder, 3, 1, 5);
	assert_int_equal(reorder_n_late(reorder), 1);
	assert_int_equal(reorder_flush(reorder), 0);
	assert_int_equal(n_seen, 6);
	assert_int_equal(seen[2].seq, 5);
	assert_int_equal(seen[2].time_ns, 11);
	reorder_free(reorder);
}

/* The worst for memory: each event is a run of its own. */
static void test_reorder_descending_times_are_put_in_order(void **state)
{
	struct reorder *reorder = fresh(1 << 14);

	(void)state;
	for (uint32_t i = 0; i < 1 << 14; i++)
		push(reorder, 100000 - i, 0, i);
	assert_int_equal(reorder_flush(reorder), 0);
	assert_int_equal(n_seen, 1 << 14);
	for (size_t i = 1; i < n_seen; i++)
		assert_int_equal(seen[i].seq + 1, seen[i - 1].seq);
	reorder_free(reorder);
}

static int refuse(const struct event *event, void *ctx)
{
	(void)event;
	(void)ctx;
	return -28;
}

static void test_reorder_a_refusal_is_returned(void **state)
{
	struct reorder *reorder = reorder_new(2, refuse, NULL);
	struct event event = { .time_ns = 1 };

	(void)state;
	assert_int_equal(reorder_push(reorder, &event), 0);
	assert_int_equal(reorder_push(reorder, &event), 0);
	assert_int_equal(reorder_push(reorder, &event), -28);
	assert_int_equal(reorder_flush(reorder), -28);
	reorder_free(reorder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reorder_rounds_of_cpus_come_in_order_and_complete),
		cmocka_unit_test(test_reorder_equal_times_stay_as_they_came),
		cmocka_unit_test(test_reorder_what_comes_too_late_is_counted),
		cmocka_unit_test(test_reorder_descending_times_are_put_in_order),
		cmocka_unit_test(test_reorder_a_refusal_is_returned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
