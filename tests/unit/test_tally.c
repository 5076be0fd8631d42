// SPDX-License-Identifier: GPL-2.0-only
/* test_tally.c - counts made from events are those that were made beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_switch.h"
#include "base/clock.h"
#include "source/source.h"
#include "state/tally.h"

#define N_CPUS 3

static void count(const struct event *event, void *ctx)
{
	tally_apply(ctx, event);
}

static uint64_t n_waits(const struct lane_counters *counters)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < N_WAIT_BUCKETS; i++)
		n += counters->wait_log2[i];
	return n;
}

static void hold_cell(const struct lane_counters *got, const struct lane_counters *want)
{
	assert_int_equal(got->voluntary, want->voluntary);
	assert_int_equal(got->involuntary, want->involuntary);
	assert_int_equal(got->run_ns, want->run_ns);
	assert_int_equal(got->wait_ns, want->wait_ns);
	assert_int_equal(got->wakeups, want->wakeups);
	assert_int_equal(got->migrations, want->migrations);
	assert_int_equal(got->processes, want->processes);
	assert_int_equal(got->threads, want->threads);
	assert_int_equal(got->exited, want->exited);
	assert_int_equal(got->audited, want->audited);
	assert_int_equal(got->exact, want->exact);
}

static void test_tally_of_a_machine_equals_its_counts(void **state)
{
	struct source *source = source_synth_new(N_CPUS, 40, 5);
	struct tally *tally = tally_new(N_CPUS, source->n_lanes);
	uint64_t n_switches = 0, n_preempted = 0, n_all = 0, n_told = 0;
	struct counts counts;

	(void)state;
	assert_non_null(tally);
	assert_int_equal(counts_init(&counts, N_CPUS, source->n_lanes), 0);
	for (unsigned i = 0; i < 20; i++) {
		source_synth_advance(source, 50 * NS_PER_MS);
		assert_true(source->flush(source, count, tally) > 100);
	}
	assert_int_equal(source->counts(source, &counts), 0);

	const struct counts *got = tally_counts(tally, counts.time_ns);

	assert_int_equal(got->time_ns, counts.time_ns);
	assert_int_equal(got->self.n_events > 10000, 1);
	for (unsigned cpu = 0; cpu < N_CPUS; cpu++) {
		for (unsigned lane = 1; lane < source->n_lanes; lane++) {
			const struct lane_counters *want = counts_cell(&counts, cpu, lane);

			hold_cell(counts_cell(got, cpu, lane), want);
			n_switches += want->voluntary + want->involuntary;
			n_preempted += want->involuntary;
			n_all += n_waits(want);
			n_told += n_waits(counts_cell(got, cpu, lane));
		}
	}
	assert_true(n_switches > 1000 && n_preempted > 2);
	/* The made-up machine has those in its histogram that were preempted, and came back. */
	assert_int_equal(n_told, n_all - n_preempted);
	counts_fini(&counts);
	tally_free(tally);
	source->free(source);
}

/* --- by hand ------------------------------------------------------------------------------------- */

#define A task_word(100, 1)
#define B task_word(200, 2)
#define C task_word(300, 0)

static const struct counts *tally_all(struct tally *tally, const struct event *events, size_t n,
				      uint64_t until_ns)
{
	for (size_t i = 0; i < n; i++)
		tally_apply(tally, &events[i]);
	return tally_counts(tally, until_ns);
}

static void test_tally_only_waits_after_wakeups_are_in_the_histogram(void **state)
{
	const struct event events[] = {
		a_switch(1000, A, LEAVE_RUNNABLE, B, 500, 300),
		a_switch(2000, B, LEAVE_SLEEPING | LEAVE_VOLUNTARY, A, 1000, 1000),
		a_switch(3000, A, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 0, 1000, 0),
		a_switch(5000, 0, LEAVE_RUNNABLE, A, 0, 40),
	};
	struct tally *tally = tally_new(1, 3);
	const struct counts *got = tally_all(tally, events, 4, 5000);
	const struct lane_counters *a = counts_cell(got, 0, 1), *b = counts_cell(got, 0, 2);

	(void)state;
	assert_int_equal(a->voluntary, 1);
	assert_int_equal(a->involuntary, 1);
	assert_int_equal(a->wait_ns, 1040);
	assert_int_equal(n_waits(a), 1); /* preempted, it waited 1000: not in it */
	assert_int_equal(a->wait_log2[5], 1);
	assert_int_equal(a->wait_max_ns, 40);
	assert_int_equal(b->wait_log2[8], 1);
	assert_int_equal(b->wait_max_ns, 300);
	tally_free(tally);
}

static void test_tally_time_is_idle_or_busy_as_switches_say(void **state)
{
	const struct event events[] = {
		a_switch(1000, C, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 0, 0, 0),
		a_switch(4000, 0, LEAVE_RUNNABLE, A, 0, 10),
		a_switch(9000, A, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 0, 5000, 0),
	};
	struct tally *tally = tally_new(1, 2);
	const struct counts *got = tally_all(tally, events, 3, 10000);

	(void)state;
	assert_int_equal(got->times[0].idle_ns, 4000); /* 3000, and the last 1000 up to now */
	assert_int_equal(got->times[0].busy_ns, 5000);
	assert_int_equal(got->cpus[0].other_switches, 1);
	assert_int_equal(got->cpus[0].n_switches, 3);
	got = tally_counts(tally, 10500);
	assert_int_equal(got->times[0].idle_ns, 4500);
	tally_free(tally);
}

static void test_tally_a_long_run_is_told_by_its_cpu(void **state)
{
	const struct event events[] = {
		a_switch(1000, 0, LEAVE_RUNNABLE, A, 0, 10),
		a_switch(10 * NS_PER_S, A, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 0, TIME_SATURATED, 0),
	};
	struct tally *tally = tally_new(1, 2);
	const struct counts *got = NULL;

	(void)state;
	tally_apply(tally, &events[0]);
	tally_counts(tally, NS_PER_S); /* somebody looks in between */
	got = tally_all(tally, &events[1], 1, 10 * NS_PER_S);
	assert_int_equal(counts_cell(got, 0, 1)->run_ns, 10 * NS_PER_S - 1000);
	assert_int_equal(got->times[0].busy_ns, 10 * NS_PER_S - 1000);
	tally_free(tally);
}

static void test_tally_after_a_loss_nobody_is_known_to_run(void **state)
{
	struct event lost = { .time_ns = 2000,
			      .kind = EVENT_LOST,
			      .lost = { .n = 7, .first_seq = 3 } };
	const struct event before = a_switch(1000, C, LEAVE_RUNNABLE, 0, 0, 0);
	struct tally *tally = tally_new(1, 2);

	(void)state;
	tally_apply(tally, &before);

	const struct counts *got = tally_all(tally, &lost, 1, 9000);

	assert_int_equal(got->times[0].idle_ns, 0);
	assert_int_equal(got->self.lost_events, 7);
	assert_int_equal(got->self.n_events, 1);
	tally_free(tally);
}

static void test_tally_numbers_out_of_range_are_passed_over(void **state)
{
	struct tally *tally = tally_new(2, 2);

	(void)state;
	for (uint32_t kind = 0; kind < 256; kind++) {
		struct event event = { .time_ns = UINT64_MAX - kind,
				       .kind = (uint8_t)kind,
				       .state = 0xff,
				       .cpu = (uint16_t)(kind % 2 ? 0xffff : 1),
				       .task = UINT32_MAX,
				       .to = { UINT32_MAX, UINT32_MAX, UINT32_MAX } };

		tally_apply(tally, &event);
	}

	const struct counts *got = tally_counts(tally, 1);

	assert_int_equal(counts_cell(got, 1, 1)->voluntary, 0);
	tally_free(tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tally_of_a_machine_equals_its_counts),
		cmocka_unit_test(test_tally_only_waits_after_wakeups_are_in_the_histogram),
		cmocka_unit_test(test_tally_time_is_idle_or_busy_as_switches_say),
		cmocka_unit_test(test_tally_a_long_run_is_told_by_its_cpu),
		cmocka_unit_test(test_tally_after_a_loss_nobody_is_known_to_run),
		cmocka_unit_test(test_tally_numbers_out_of_range_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
