// SPDX-License-Identifier: GPL-2.0-only
/* test_state.c - totals, rates and slices, from events and counts whose answers are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "state/history.h"
#include "state/state.h"

static struct state *state;
static struct counts counts;

static int open_state(void **unused)
{
	(void)unused;
	state = state_new(2, 3);
	if (!state || counts_init(&counts, 2, 3))
		return -1;
	counts.online[0] = counts.online[1] = true;
	return 0;
}

static int close_state(void **unused)
{
	(void)unused;
	state_free(state);
	counts_fini(&counts);
	return 0;
}

static bool near(double a, double b)
{
	double d = a > b ? a - b : b - a;

	return d <= 1e-6 * (b > 1 ? b : 1);
}

static void measure(uint64_t time_ns)
{
	counts.time_ns = time_ns;
	state_measure(state, &counts);
}

static void test_state_totals_are_sums_over_cpus(void **unused)
{
	(void)unused;
	for (unsigned cpu = 0; cpu < 2; cpu++) {
		struct lane_counters *cell = counts_cell(&counts, cpu, 1);

		cell->voluntary = 10 + cpu;
		cell->involuntary = 3;
		cell->run_ns = 100;
		cell->wait_max_ns = 50 + cpu;
		cell->wait_log2[5] = 2;
	}
	measure(NS_PER_S);
	assert_int_equal(state->lanes[1].total.voluntary, 21);
	assert_int_equal(state->lanes[1].total.involuntary, 6);
	assert_int_equal(state->lanes[1].total.run_ns, 200);
	assert_int_equal(state->lanes[1].total.wait_max_ns, 51);
	assert_int_equal(state->lanes[1].total.wait_log2[5], 4);
	assert_int_equal(state_cell(state, 1, 1)->switches, 14);
	assert_int_equal(state->lanes[2].total.voluntary, 0);
}

static void test_state_rates_are_differences_over_the_step(void **unused)
{
	(void)unused;
	measure(NS_PER_S);
	assert_true(near(state->lanes[1].switch_hz, 0)); /* one measurement has no rate */
	counts_cell(&counts, 0, 1)->voluntary = 500;
	counts_cell(&counts, 1, 1)->involuntary = 250;
	counts_cell(&counts, 1, 1)->run_ns = NS_PER_S / 8;
	counts.work[1].done = 100;
	counts.cpus[1].other_switches = 40;
	measure(NS_PER_S * 3 / 2);
	assert_true(near(state->lanes[1].switch_hz, 1500));
	assert_true(near(state->lanes[1].voluntary_hz, 1000));
	assert_true(near(state->lanes[1].work_hz, 200));
	assert_true(near(state->lanes[1].run_share, 0.25));
	assert_true(near(state_cell(state, 0, 1)->switch_hz, 1000));
	assert_true(near(state_cell(state, 1, 1)->run_share, 0.25));
	assert_true(near(state->cpus[1].other_hz, 80));
	assert_true(near(series_back(&state->lanes[1].switches, 0), 1500));
	assert_true(near(series_back(&state->lanes[1].switches, 1), 0));
	measure(NS_PER_S * 2);
	assert_true(near(state->lanes[1].switch_hz, 0));
}

static void measure_self(uint64_t ns, uint64_t hook_ns, uint64_t hook_n, uint64_t cpu_ns)
{
	counts.self = (struct self_cost){ .hook_ns = hook_ns,
					  .hook_n = hook_n,
					  .n_events = hook_n,
					  .watch_ns = ns,
					  .watch_cpu_ns = cpu_ns,
					  .read_bytes = COUNT_UNKNOWN,
					  .written_bytes = 3 * ns,
					  .n_switches = ns / 1000 };
	measure(NS_PER_S + ns);
}

static void test_state_own_cost_is_that_of_the_last_second(void **unused)
{
	const struct self_figures *now = &state->self_now;

	(void)unused;
	measure_self(NS_PER_S / 4, 100, 10, NS_PER_S / 8);
	assert_true(near(now->hook_ns, 10)); /* since the start */
	assert_true(near(now->cpu_share, 0.5));
	measure_self(NS_PER_S, 400, 20, NS_PER_S / 2);
	assert_true(near(now->hook_ns, 30));
	measure_self(NS_PER_S * 3 / 2, 9999, 99, NS_PER_S); /* not yet a second more */
	assert_true(near(now->hook_ns, 30));
	measure_self(NS_PER_S * 2, 900, 30, NS_PER_S * 3 / 4);
	assert_true(near(now->hook_ns, 50));
	assert_true(near(now->cpu_share, 0.25));
	assert_true(near(now->event_ns, NS_PER_S / 40.0));
	assert_true(near(now->written_hz, 3.0 * NS_PER_S));
	assert_true(near(now->switch_hz, 1e6));
	assert_true(isnan(now->read_hz));
	measure_self(NS_PER_S * 3, 900, 30, NS_PER_S * 3 / 4); /* none was timed: of all */
	assert_true(near(now->hook_ns, 30));
	assert_true(isnan(now->event_ns));
}

static void test_state_series_forgets_the_oldest(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < N_SAMPLES + 10; i++) {
		counts_cell(&counts, 0, 1)->voluntary += i;
		measure((i + 1) * NS_PER_S);
	}
	assert_int_equal(state->lanes[1].switches.n, N_SAMPLES);
	assert_true(near(series_back(&state->lanes[1].switches, 0), N_SAMPLES + 9));
	assert_true(near(series_back(&state->lanes[1].switches, N_SAMPLES - 1), 10));
	assert_true(near(series_back(&state->lanes[1].switches, N_SAMPLES), 0));
}

static void test_state_idle_is_a_share_of_what_the_cpu_did(void **unused)
{
	(void)unused;
	assert_true(state->cpus[0].idle_share < 0);
	measure(NS_PER_S);
	counts.times[0] = (struct cpu_time){ .idle_ns = 300, .busy_ns = 100 };
	measure(2 * NS_PER_S);
	assert_true(near(state->cpus[0].idle_share, 0.75));
	measure(3 * NS_PER_S); /* no tick since: what was known stands */
	assert_true(near(state->cpus[0].idle_share, 0.75));
	assert_true(state->cpus[1].idle_share < 0);
}

/* Offline it does not go on being as idle as it was. */
static void test_state_idle_of_a_cpu_that_is_offline_is_not_known(void **unused)
{
	(void)unused;
	measure(NS_PER_S);
	counts.times[0] = (struct cpu_time){ .idle_ns = 300, .busy_ns = 100 };
	measure(2 * NS_PER_S);
	assert_true(near(state->cpus[0].idle_share, 0.75));
	counts.online[0] = false;
	measure(3 * NS_PER_S);
	assert_false(state->cpus[0].online);
	assert_true(state->cpus[0].idle_share < 0);
	counts.online[0] = true;
	counts.times[0] = (struct cpu_time){ .idle_ns = 20, .busy_ns = 100 }; /* it begins anew */
	measure(4 * NS_PER_S);
	assert_true(state->cpus[0].idle_share < 0);
	counts.times[0] = (struct cpu_time){ .idle_ns = 30, .busy_ns = 110 };
	measure(5 * NS_PER_S);
	assert_true(near(state->cpus[0].idle_share, 0.5));
}

/* Ticks that find the CPU idle each time do not make it so. */
static void test_state_idle_is_at_most_what_the_lanes_left(void **unused)
{
	(void)unused;
	measure(NS_PER_S);
	counts.times[0] = (struct cpu_time){ .idle_ns = NS_PER_S };
	counts_cell(&counts, 0, 1)->run_ns = 3 * NS_PER_S / 10;
	measure(2 * NS_PER_S);
	assert_true(near(state->cpus[0].idle_share, 0.7));
}

static void test_state_lane_that_starts_anew_has_no_past(void **unused)
{
	struct lane_label label = { .name = "thread", .phase = LANE_RUNNING };

	(void)unused;
	measure(NS_PER_S);
	counts_cell(&counts, 0, 1)->voluntary = 1000;
	measure(2 * NS_PER_S);
	state_start_lane(state, 1, &label);
	counts_cell(&counts, 0, 1)->voluntary = 10;
	measure(3 * NS_PER_S);
	assert_true(near(state->lanes[1].switch_hz, 10));
	assert_int_equal(state->lanes[1].switches.n, 1);
	assert_string_equal(state->lanes[1].label.name, "thread");
}

static void test_state_unknown_and_falling_counts_have_no_rate(void **unused)
{
	(void)unused;
	counts.work[1].done = 500;
	measure(NS_PER_S);
	counts.work[1].done = 400;
	measure(2 * NS_PER_S);
	assert_true(near(state->lanes[1].work_hz, 0));
	assert_true(near(state->lanes[1].user_switch_hz, 0)); /* unknown to unknown */
	counts.work[1].user_switches = 1000;
	measure(3 * NS_PER_S);
	assert_true(near(state->lanes[1].user_switch_hz, 0)); /* unknown to known */
	assert_int_equal(state->lanes[1].work.user_switches, 1000);
}

static struct event switch_event(uint32_t task, uint32_t next, uint32_t ran_ns, uint32_t waited_ns)
{
	return (struct event){ .time_ns = 10000,
			       .kind = EVENT_SWITCH,
			       .cpu = 1,
			       .state = LEAVE_SLEEPING | LEAVE_VOLUNTARY,
			       .task = task,
			       .to = { next, ran_ns, waited_ns } };
}

static void test_state_switch_closes_what_ran_and_what_waited(void **unused)
{
	struct event event = switch_event(task_word(5, 1), task_word(6, 2), 700, 300);
	struct delta delta;

	(void)unused;
	state_apply(state, &event, &delta);
	assert_int_equal(delta.n, 2);
	assert_int_equal(delta.slices[0].start_ns, 9300);
	assert_int_equal(delta.slices[0].end_ns, 10000);
	assert_int_equal(task_pid(delta.slices[0].task), 5);
	assert_int_equal(delta.slices[0].cpu, 1);
	assert_true(delta.slices[0].ran);
	assert_int_equal(delta.slices[0].state, LEAVE_SLEEPING | LEAVE_VOLUNTARY);
	assert_int_equal(delta.slices[1].start_ns, 9700);
	assert_int_equal(task_pid(delta.slices[1].task), 6);
	assert_false(delta.slices[1].ran);
	assert_int_equal(state->cpus[1].running, task_word(6, 2));
	assert_int_equal(state->n_events, 1);
}

static void test_state_slices_of_others_and_unknown_lengths_are_none(void **unused)
{
	struct event others = switch_event(task_word(5, 0), task_word(6, 0), 700, 300);
	struct event unknown = switch_event(task_word(5, 1), task_word(6, 1), 0, 0);
	struct event too_long = switch_event(task_word(5, 1), 0, 10001, 0);
	struct delta delta;

	(void)unused;
	state_apply(state, &others, &delta);
	assert_int_equal(delta.n, 0);
	state_apply(state, &unknown, &delta);
	assert_int_equal(delta.n, 0);
	state_apply(state, &too_long, &delta);
	assert_int_equal(delta.n, 0);
	state_apply(state, &too_long, NULL);
}

static void test_state_loss_is_counted_and_forgets_who_runs(void **unused)
{
	struct event event = switch_event(task_word(5, 1), task_word(6, 1), 1, 1);
	struct event lost = { .kind = EVENT_LOST, .cpu = 1, .lost = { .n = 42 } };
	struct event nowhere = { .kind = EVENT_LOST, .cpu = 999, .lost = { .n = 8 } };

	(void)unused;
	state_apply(state, &event, NULL);
	state_apply(state, &lost, NULL);
	state_apply(state, &nowhere, NULL);
	assert_int_equal(state->n_lost, 50);
	assert_int_equal(state->cpus[1].running, 0);
}

static void test_state_names_follow_clones_until_they_say_otherwise(void **unused)
{
	struct event name = { .kind = EVENT_NAME, .task = 5 };
	struct event clone = { .kind = EVENT_CLONE, .task = 5, .made = { .child = 6 } };

	(void)unused;
	event_set_name(&name, "a name of fifteen");
	state_apply(state, &name, NULL);
	state_apply(state, &clone, NULL);
	assert_string_equal(names_get(state->names, 6), "a name of fifte");
	name.task = 6;
	event_set_name(&name, "child");
	state_apply(state, &name, NULL);
	assert_string_equal(names_get(state->names, 5), "a name of fifte");
	assert_string_equal(names_get(state->names, 6), "child");
	assert_string_equal(names_get(state->names, 7), "");
}

static void test_state_copy_stays_while_the_state_goes_on(void **unused)
{
	struct event name = { .kind = EVENT_NAME, .task = 5 };
	struct state *copy;

	(void)unused;
	event_set_name(&name, "before");
	state_apply(state, &name, NULL);
	counts_cell(&counts, 0, 1)->voluntary = 7;
	measure(NS_PER_S);
	copy = state_copy(state);
	assert_non_null(copy);
	event_set_name(&name, "after");
	state_apply(state, &name, NULL);
	counts_cell(&counts, 0, 1)->voluntary = 70;
	measure(2 * NS_PER_S);
	assert_int_equal(copy->lanes[1].total.voluntary, 7);
	assert_int_equal(copy->lanes[1].switches.n, 1);
	assert_int_equal(state_cell(copy, 0, 1)->switches, 7);
	assert_string_equal(names_get(copy->names, 5), "before");
	state_free(copy);
	assert_string_equal(names_get(state->names, 5), "after");
}

static void test_history_keeps_the_last_and_the_names_before_them(void **unused)
{
	struct history *history = history_new(4), *copy;
	struct event event = { .kind = EVENT_NAME, .task = 9 };

	(void)unused;
	event_set_name(&event, "old");
	history_add(history, &event);
	event.kind = EVENT_EXEC;
	for (uint32_t i = 0; i < 4; i++) {
		event.seq = i;
		history_add(history, &event);
	}
	assert_int_equal(history_n(history), 4);
	assert_int_equal(history_first(history), 1);
	assert_int_equal(history_at(history, 0)->seq, 0);
	assert_string_equal(names_get(history_names(history), 9), "old");
	copy = history_copy(history);
	event.seq = 4;
	history_add(history, &event);
	assert_int_equal(history_at(copy, 0)->seq, 0);
	assert_int_equal(history_at(history, 0)->seq, 1);
	assert_string_equal(names_get(history_names(copy), 9), "old");
	history_clear(history);
	assert_int_equal(history_n(history), 0);
	assert_int_equal(history_first(history), 6);
	history_free(copy);
	history_free(history);
	assert_null(history_new(3));
}

int main(void)
{
#define with_state(test) cmocka_unit_test_setup_teardown(test, open_state, close_state)
	const struct CMUnitTest tests[] = {
		with_state(test_state_totals_are_sums_over_cpus),
		with_state(test_state_rates_are_differences_over_the_step),
		with_state(test_state_own_cost_is_that_of_the_last_second),
		with_state(test_state_series_forgets_the_oldest),
		with_state(test_state_idle_is_a_share_of_what_the_cpu_did),
		with_state(test_state_idle_of_a_cpu_that_is_offline_is_not_known),
		with_state(test_state_idle_is_at_most_what_the_lanes_left),
		with_state(test_state_lane_that_starts_anew_has_no_past),
		with_state(test_state_unknown_and_falling_counts_have_no_rate),
		with_state(test_state_switch_closes_what_ran_and_what_waited),
		with_state(test_state_slices_of_others_and_unknown_lengths_are_none),
		with_state(test_state_loss_is_counted_and_forgets_who_runs),
		with_state(test_state_names_follow_clones_until_they_say_otherwise),
		with_state(test_state_copy_stays_while_the_state_goes_on),
		cmocka_unit_test(test_history_keeps_the_last_and_the_names_before_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
