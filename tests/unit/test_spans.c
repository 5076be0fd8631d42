// SPDX-License-Identifier: GPL-2.0-only
/* test_spans.c - each span of a task's life counts once, as what it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_switch.h"
#include "base/clock.h"
#include "source/source.h"
#include "state/spans.h"

#define A task_word(100, 1)
#define B task_word(200, 2)
#define C task_word(300, 0)

#define SLEEPS(call) (LEAVE_SLEEPING | (call) << LEAVE_CALL_SHIFT | LEAVE_VOLUNTARY)

static struct event a_waking(uint64_t time_ns, uint32_t waker, uint32_t wakee)
{
	return (struct event){
		.time_ns = time_ns, .kind = EVENT_WAKING, .task = waker, .wake = { .wakee = wakee }
	};
}

static struct spans *spans_of(const struct event *events, size_t n)
{
	struct spans *spans = spans_new(3);

	assert_non_null(spans);
	for (size_t i = 0; i < n; i++)
		spans_apply(spans, &events[i]);
	return spans;
}

/* One span of that kind, so long. */
static void is_one(const struct spans *spans, unsigned lane, enum span_kind kind, uint64_t ns)
{
	const struct span_sum *sum = spans_sum(spans, lane, kind);

	assert_int_equal(sum->n, 1);
	assert_int_equal(sum->total_ns, ns);
	assert_int_equal(sum->max_ns, ns);
	assert_int_equal(sum->log2[63 - __builtin_clzll(ns)], 1);
}

static void test_spans_off_a_cpu_are_what_the_task_left_for(void **state)
{
	const struct event events[] = {
		a_switch(1000, A, SLEEPS(CALL_LOCK), 0, 500, 0),
		a_waking(5000, B, A),
		a_switch(5700, 0, 0, A, 0, 700),
		a_switch(6000, A, SLEEPS(CALL_IO), 0, 300, 0),
		a_switch(9000, 0, 0, A, 0, 0), /* how long it waited is not known */
		a_switch(9900, A, LEAVE_BLOCKED | LEAVE_VOLUNTARY, 0, 900, 0),
		a_switch(12000, 0, 0, A, 0, 100),
		a_switch(13000, A, LEAVE_RUNNABLE, B, 1000, 50),
		a_switch(17000, B, SLEEPS(CALL_UNKNOWN), A, 4000, 4000),
	};
	struct spans *spans = spans_of(events, 9);

	(void)state;
	is_one(spans, 1, SPAN_LOCK, 4000);
	is_one(spans, 1, SPAN_IO, 3000);
	is_one(spans, 1, SPAN_BLOCKED, 2000);
	is_one(spans, 1, SPAN_PREEMPTED, 4000);
	is_one(spans, 2, SPAN_WOKEN, 50);
	is_one(spans, 2, SPAN_RAN, 4000);
	assert_int_equal(spans_sum(spans, 1, SPAN_WOKEN)->n,
			 2); /* not the one it was preempted before */
	assert_int_equal(spans_sum(spans, 1, SPAN_WOKEN)->total_ns, 800);
	assert_int_equal(spans_sum(spans, 1, SPAN_RAN)->n, 4);
	assert_int_equal(spans_total_ns(spans, 2), 4050);
	assert_int_equal(spans->n_unknown, 0);
	spans_free(spans);
}

static void test_spans_over_a_loss_are_not_guessed(void **state)
{
	const struct event events[] = {
		a_switch(1000, A, SLEEPS(CALL_POLL), 0, 500, 0),
		{ .time_ns = 2000, .kind = EVENT_LOST, .lost = { .n = 3 } },
		a_switch(8000, 0, 0, A, 0, 60),
	};
	struct spans *spans = spans_of(events, 3);

	(void)state;
	assert_int_equal(spans_sum(spans, 1, SPAN_POLL)->n, 0);
	is_one(spans, 1, SPAN_WOKEN, 60);
	assert_int_equal(spans->n_unknown, 1);
	spans_free(spans);
}

static void test_spans_of_another_task_with_that_pid_are_its_own(void **state)
{
	const struct event events[] = {
		a_switch(1000, A, SLEEPS(CALL_POLL), 0, 500, 0),
		{ .time_ns = 2000, .kind = EVENT_CLONE, .task = B, .made = { .child = A } },
		a_switch(8000, 0, 0, A, 0, 60),
		a_switch(9000, A, LEAVE_DEAD | LEAVE_VOLUNTARY, 0, 1000, 0),
		a_switch(9500, 0, 0, A, 0, 0),
		a_switch(9600, C, SLEEPS(CALL_IO), C, 0, 0), /* in no lane */
		a_switch(9700, task_word(5, 9), SLEEPS(CALL_IO), task_word(5, 9), 1, 1),
	};
	struct spans *spans = spans_of(events, 7);

	(void)state;
	assert_int_equal(spans_sum(spans, 1, SPAN_POLL)->n, 0);
	assert_int_equal(spans_sum(spans, 1, SPAN_WOKEN)->n, 1);
	assert_int_equal(spans_total_ns(spans, 1), 500 + 60 + 1000);
	spans_free(spans);
}

static void apply(const struct event *event, void *ctx)
{
	spans_apply(ctx, event);
}

static void test_spans_of_a_machine_are_as_long_as_it_counts(void **state)
{
	struct source *source = source_synth_new(3, 40, 5);
	struct spans *spans = spans_new(source->n_lanes);
	struct counts counts;

	(void)state;
	assert_int_equal(counts_init(&counts, 3, source->n_lanes), 0);
	for (unsigned i = 0; i < 20; i++) {
		source_synth_advance(source, 50 * NS_PER_MS);
		assert_true(source->flush(source, apply, spans) >= 0);
	}
	assert_int_equal(source->counts(source, &counts), 0);
	for (unsigned lane = 1; lane < source->n_lanes; lane++) {
		struct lane_counters sum = { 0 };

		for (unsigned cpu = 0; cpu < 3; cpu++)
			counters_add(&sum, counts_cell(&counts, cpu, lane));
		assert_true(spans_sum(spans, lane, SPAN_RAN)->n > 10);
		assert_int_equal(spans_sum(spans, lane, SPAN_RAN)->total_ns, sum.run_ns);
	}
	counts_fini(&counts);
	spans_free(spans);
	source->free(source);
}

/* --- who wakes whom ------------------------------------------------------------------------------- */

static void test_spans_pairs_are_ranked_and_bounded(void **state)
{
	struct spans *spans = spans_new(3), *copy;
	struct wake_pair pairs[4];
	struct event event;

	(void)state;
	for (unsigned i = 0; i < 7; i++) {
		event = a_waking(1000 + i, B, A);
		spans_apply(spans, &event);
		event = a_waking(2000 + i, i % 2 ? 0 : A, B);
		spans_apply(spans, &event);
	}
	assert_int_equal(spans_pairs(spans, 0, pairs, 4), 3);
	assert_int_equal(pairs[0].waker, B);
	assert_int_equal(pairs[0].n, 7);
	assert_int_equal(pairs[1].waker, A);
	assert_int_equal(pairs[1].n, 4);
	assert_int_equal(pairs[2].n, 3);
	assert_int_equal(spans_pairs(spans, 2, pairs, 1), 1);
	assert_int_equal(pairs[0].waker, A);
	for (unsigned i = 0; i < N_WAKE_PAIRS_MAX + 100; i++) {
		event = a_waking(3000, task_word(1000 + i, 0), A);
		spans_apply(spans, &event);
	}
	assert_int_equal(spans->n_wakeups_apart, 103);
	assert_int_equal(spans->n_wakeups, 14 + N_WAKE_PAIRS_MAX + 100);
	copy = spans_copy(spans);
	assert_int_equal(spans_pairs(copy, 0, pairs, 4), 4);
	assert_int_equal(pairs[0].n, 7);
	spans_free(copy);
	spans_clear(spans);
	assert_int_equal(spans_pairs(spans, 0, pairs, 4), 0);
	assert_int_equal(spans->since_ns, 0);
	spans_free(spans);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spans_off_a_cpu_are_what_the_task_left_for),
		cmocka_unit_test(test_spans_over_a_loss_are_not_guessed),
		cmocka_unit_test(test_spans_of_another_task_with_that_pid_are_its_own),
		cmocka_unit_test(test_spans_of_a_machine_are_as_long_as_it_counts),
		cmocka_unit_test(test_spans_pairs_are_ranked_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
