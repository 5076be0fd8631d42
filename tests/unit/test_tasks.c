// SPDX-License-Identifier: GPL-2.0-only
/* test_tasks.c - rates of single tasks, their processes, and orders that stand still. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "source/source.h"
#include "state/tasks.h"

static struct task_row *add(struct task_table *table, uint32_t pid, uint32_t tgid,
			    uint64_t start_ns)
{
	struct task_row *row = task_table_add(table);

	assert_non_null(row);
	row->pid = pid;
	row->tgid = tgid;
	row->lane = 1;
	row->start_ns = start_ns;
	snprintf(row->name, sizeof(row->name), "task-%u", pid % 3);
	return row;
}

static void expect_near(double value, double wanted)
{
	assert_true(fabs(value - wanted) < 1e-6 * (fabs(wanted) + 1e-9));
}

static const struct task_state *task_of(const struct task_states *states, uint32_t pid)
{
	int at = task_states_find(states, pid, 0);

	assert_true(at >= 0);
	return &states->tasks[at];
}

/* --- rates ---------------------------------------------------------------------------------------- */

static void test_rates_are_of_the_step_between_two_tables(void **unused)
{
	struct task_states *states = task_states_new();
	struct task_table table;
	struct task_row *row;

	(void)unused;
	task_table_init(&table);
	table.time_ns = 10 * NS_PER_S;
	row = add(&table, 7, 7, NS_PER_S);
	row->voluntary = 100;
	row->run_ns = 5 * NS_PER_S;
	assert_int_equal(task_states_measure(states, &table), 0);
	assert_true(isnan(task_of(states, 7)->rates.switch_hz)); /* one table makes no rate */

	table.time_ns += 2 * NS_PER_S;
	row->voluntary += 500;
	row->involuntary += 100;
	row->run_ns += NS_PER_S;
	row->wait_ns += 300000000;
	row->sleep_ns += 600000000;
	row->blocked_ns += 100000000;
	row->wakeups += 50;
	row->migrations += 4;
	row->wait_max_ns = 77;
	assert_int_equal(task_states_measure(states, &table), 0);
	const struct task_state *task = task_of(states, 7);

	expect_near(task->rates.switch_hz, 300);
	expect_near(task->rates.voluntary_hz, 250);
	expect_near(task->rates.involuntary_hz, 50);
	expect_near(task->rates.run_share, 0.5);
	expect_near(task->rates.wait_share, 0.15);
	expect_near(task->rates.sleep_share, 0.3);
	expect_near(task->rates.blocked_share, 0.05);
	expect_near(task->rates.wakeup_hz, 25);
	expect_near(task->rates.migration_hz, 2);
	expect_near(task->rates.wait_mean_ns, 500000);
	assert_int_equal(task->step_wait_max_ns, 77);

	table.time_ns += NS_PER_S;
	assert_int_equal(task_states_measure(states, &table), 0);
	task = task_of(states, 7);
	expect_near(task->rates.switch_hz, 0);
	assert_true(isnan(task->rates.run_share)); /* what it did, nobody saw: that is no 0 */
	assert_true(isnan(task->rates.sleep_share));
	assert_true(isnan(task->rates.wait_mean_ns));
	assert_true(task->step_wait_max_ns == COUNT_UNKNOWN);
	task_states_free(states);
	task_table_fini(&table);
}

/* Processes of one name and lane are one program, of all their tasks; and processes again. */
static void test_programs_are_processes_of_one_name(void **unused)
{
	struct task_states *states = task_states_new(), *copy;
	struct task_table table;

	(void)unused;
	task_table_init(&table);
	table.time_ns = 10 * NS_PER_S;
	add(&table, 3, 3, 1)->voluntary = 1; /* all three are task-0 */
	add(&table, 6, 6, 1)->voluntary = 10;
	add(&table, 9, 9, 1)->lane = 2;
	add(&table, 7, 6, 1)->voluntary = 100; /* a thread has its own name */
	add(&table, 10, 10, 1);		       /* task-1, as that thread */
	assert_int_equal(task_states_measure(states, &table), 0);
	assert_int_equal(states->n_processes, 4);
	assert_int_equal(task_states_join(states, true), 0);
	assert_int_equal(states->n_processes, 3);
	assert_int_equal(states->n_joined, 4);
	assert_int_equal(states->processes[0].tgid, 3);
	assert_int_equal(states->processes[0].n_tasks, 3);
	assert_int_equal(states->processes[0].voluntary, 111);
	assert_int_equal(states->tasks[states->processes[0].leader].row.pid, 3);
	assert_int_equal(states->processes[1].lane, 2);
	assert_int_equal(states->processes[2].tgid, 10);
	table.time_ns += NS_PER_S;
	assert_int_equal(task_states_measure(states, &table), 0);
	assert_int_equal(states->n_processes, 3);
	copy = task_states_copy(states);
	assert_non_null(copy);
	assert_int_equal(task_states_join(copy, false), 0);
	assert_int_equal(copy->n_processes, 4);
	assert_int_equal(states->n_processes, 3);
	task_states_free(copy);
	task_states_free(states);
	task_table_fini(&table);
}

/* A task that leaves once a second does so in each window, and not at 4 a second in one of four steps. */
static void test_rates_over_a_window_do_not_come_and_go(void **unused)
{
	struct task_states *states = task_states_new();
	struct task_table table;
	struct task_row *row;

	(void)unused;
	states->window_ns = NS_PER_S;
	task_table_init(&table);
	table.time_ns = 10 * NS_PER_S;
	row = add(&table, 7, 7, NS_PER_S);
	for (unsigned i = 0; i < 40; i++) {
		table.time_ns += NS_PER_S / 4;
		row->voluntary += i % 4 == 2;
		assert_int_equal(task_states_measure(states, &table), 0);
		if (i == 2) /* as far as it goes back */
			assert_int_equal(states->step_ns, NS_PER_S / 2);
		if (i < 4)
			continue;
		assert_int_equal(states->step_ns, NS_PER_S);
		expect_near(task_of(states, 7)->rates.switch_hz, 1);
	}
	table.time_ns += NS_PER_S / 4;
	add(&table, 8, 8, table.time_ns - 10)->voluntary = 3; /* it began within it */
	assert_int_equal(task_states_measure(states, &table), 0);
	expect_near(task_of(states, 8)->rates.switch_hz, 3);
	task_states_clear(states);
	table.time_ns += NS_PER_S / 4;
	assert_int_equal(task_states_measure(states, &table), 0);
	assert_true(isnan(task_of(states, 7)->rates.switch_hz));
	task_states_free(states);
	task_table_fini(&table);
}

/* Its past is not that of whoever had the pid before; one that began in the step has all of it there. */
static void test_rates_of_a_pid_used_again_begin_anew(void **unused)
{
	struct task_states *states = task_states_new();
	struct task_table table;

	(void)unused;
	task_table_init(&table);
	table.time_ns = 10 * NS_PER_S;
	add(&table, 7, 7, NS_PER_S)->voluntary = 1000;
	assert_int_equal(task_states_measure(states, &table), 0);
	table.n = 0;
	table.time_ns += NS_PER_S;
	add(&table, 7, 7, 10 * NS_PER_S + 5)->voluntary = 1010;
	add(&table, 8, 8, 3 * NS_PER_S)->voluntary = 5; /* known late: not what the step had */
	assert_int_equal(task_states_measure(states, &table), 0);
	expect_near(task_of(states, 7)->rates.voluntary_hz, 1010);
	assert_true(isnan(task_of(states, 8)->rates.voluntary_hz));
	assert_int_equal(task_states_find(states, 7, NS_PER_S), -1);
	task_states_free(states);
	task_table_fini(&table);
}

/* However the source orders them, and whoever comes and goes. */
static void test_rates_follow_tasks_through_any_order(void **unused)
{
	enum { N = 500 };
	struct task_states *states = task_states_new();
	struct task_table table;

	(void)unused;
	task_table_init(&table);
	for (unsigned round = 0; round < 20; round++) {
		table.n = 0;
		table.time_ns = (10 + round) * NS_PER_S;
		for (unsigned i = 0; i < N; i++) {
			unsigned pid = 1 + (round % 3 == 2 ? N - 1 - i : (i * 7 + round) % N);

			if ((pid + round) % 11 == 0)
				continue;
			add(&table, pid, pid, 1)->voluntary = (uint64_t)round * pid;
		}
		assert_int_equal(task_states_measure(states, &table), 0);
		for (size_t i = 0; round && i < states->n_tasks; i++) {
			const struct task_state *task = &states->tasks[i];
			bool was_there = (task->row.pid + round - 1) % 11 != 0;

			if (was_there)
				expect_near(task->rates.voluntary_hz, task->row.pid);
			else
				assert_true(isnan(task->rates.voluntary_hz));
		}
	}
	task_states_free(states);
	task_table_fini(&table);
}

/* --- processes and order -------------------------------------------------------------------------- */

/* Processes 10 (threads 10, 11, 12), 20 (alone), 30 (threads 31 and 32; its leader is gone). */
static struct task_states *make_family(struct task_table *table)
{
	static const struct {
		uint32_t pid, tgid;
		unsigned hz;
	} tasks[] = { { 32, 30, 5 }, { 11, 10, 40 }, { 20, 20, 60 },
		      { 10, 10, 1 }, { 31, 30, 5 },  { 12, 10, 40 } };
	struct task_states *states = task_states_new();

	task_table_init(table);
	table->time_ns = NS_PER_S;
	for (unsigned i = 0; i < 6; i++)
		add(table, tasks[i].pid, tasks[i].tgid, 1);
	assert_int_equal(task_states_measure(states, table), 0);
	table->time_ns += NS_PER_S;
	for (unsigned i = 0; i < 6; i++) {
		table->rows[i].voluntary += tasks[i].hz;
		table->rows[i].run_ns += tasks[i].hz * NS_PER_MS;
	}
	assert_int_equal(task_states_measure(states, table), 0);
	return states;
}

static void expect_lines(const struct task_states *states, const int *wanted, size_t n)
{
	assert_int_equal(states->n_lines, n);
	for (size_t i = 0; i < n; i++) {
		const struct task_line *line = &states->lines[i];
		int pid = line->task < 0 ? -(int)states->processes[line->process].tgid
					 : (int)states->tasks[line->task].row.pid;

		assert_int_equal(pid, wanted[i]);
		if (line->nested) /* below its own process */
			assert_int_equal(states->tasks[line->task].process, line->process);
	}
}

#define EXPECT_LINES(states, ...)                                                                  \
	expect_lines(states, (const int[]){ __VA_ARGS__ },                                         \
		     sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int))

static void test_processes_are_the_sums_of_their_threads(void **unused)
{
	struct task_table table;
	struct task_states *states = make_family(&table);

	(void)unused;
	assert_int_equal(states->n_processes, 3);
	assert_int_equal(states->processes[0].tgid, 10);
	assert_int_equal(states->processes[0].n_tasks, 3);
	assert_int_equal(states->processes[0].voluntary, 81);
	expect_near(states->processes[0].rates.switch_hz, 81);
	expect_near(states->processes[0].rates.run_share, 0.081);
	assert_int_equal(states->tasks[states->processes[0].leader].row.pid, 10);
	assert_int_equal(states->processes[2].leader, -1);
	task_states_free(states);
	task_table_fini(&table);
}

static void test_order_ties_go_by_pid_and_threads_below_their_process(void **unused)
{
	struct task_table table;
	struct task_states *states = make_family(&table), *copy;

	(void)unused;
	assert_int_equal(task_states_order(states, TASK_BY_SWITCHES, true), 0);
	EXPECT_LINES(states, -10, 11, 12, 10, 20, -30, 31, 32);
	assert_int_equal(task_states_order(states, TASK_BY_SWITCHES, false), 0);
	EXPECT_LINES(states, 20, 11, 12, 31, 32, 10);
	assert_int_equal(task_states_order(states, TASK_BY_PID, true), 0);
	EXPECT_LINES(states, -10, 10, 11, 12, 20, -30, 31, 32);
	assert_int_equal(task_states_order(states, TASK_BY_NAME, false), 0);
	EXPECT_LINES(states, 12, 10, 31, 11, 20, 32);
	copy = task_states_copy(states);
	assert_non_null(copy);
	task_states_clear(states);
	assert_int_equal(task_states_order(states, TASK_BY_PID, true), 0);
	assert_int_equal(states->n_lines, 0);
	EXPECT_LINES(copy, 12, 10, 31, 11, 20, 32);
	task_states_free(copy);
	task_states_free(states);
	task_table_fini(&table);
}

/* Many are sorted in another way than few; the order is the same. */
static void test_order_of_many_is_that_of_few(void **unused)
{
	struct task_states *states = task_states_new();
	struct task_table table;
	unsigned seed = 1;

	(void)unused;
	task_table_init(&table);
	table.time_ns = 10 * NS_PER_S;
	for (unsigned i = 0; i < 6000; i++)
		add(&table, 6001 - i, i % 2 ? 6001 - i : 5000, NS_PER_S);
	assert_int_equal(task_states_measure(states, &table), 0);
	table.time_ns += NS_PER_S;
	for (unsigned i = 0; i < 6000; i++)
		table.rows[i].voluntary += (seed = seed * 1103515245 + 12345) >> 16 & 1023;
	add(&table, 9000, 9000, NS_PER_S); /* its rates are not known */
	assert_int_equal(task_states_measure(states, &table), 0);
	for (unsigned tree = 0; tree < 2; tree++) {
		assert_int_equal(task_states_order(states, TASK_BY_SWITCHES, tree), 0);
		for (size_t i = 1; i < states->n_lines; i++) {
			const struct task_line *lines = &states->lines[i - 1];
			const struct task_state *a, *b;

			if (lines[0].task < 0 || lines[1].task < 0 ||
			    lines[0].nested != lines[1].nested)
				continue;
			a = &states->tasks[lines[0].task];
			b = &states->tasks[lines[1].task];
			assert_true(isnan(b->rates.switch_hz) ||
				    a->rates.switch_hz > b->rates.switch_hz ||
				    (a->rates.switch_hz == b->rates.switch_hz &&
				     a->row.pid < b->row.pid));
		}
	}
	assert_int_equal(task_of(states, 9000)->row.pid, 9000);
	task_table_fini(&table);
	task_states_free(states);
}

static void test_a_copied_table_is_equal_and_apart(void **unused)
{
	struct task_table table, copy;

	(void)unused;
	task_table_init(&table);
	task_table_init(&copy);
	for (uint32_t pid = 1; pid <= 200; pid++)
		add(&table, pid, pid, 1);
	table.time_ns = 5;
	table.n_untracked = 3;
	assert_int_equal(task_table_copy(&copy, &table), 0);
	assert_int_equal(copy.n, 200);
	assert_int_equal(copy.n_untracked, 3);
	assert_memory_equal(copy.rows, table.rows, 200 * sizeof(*table.rows));
	table.rows[0].pid = 99;
	assert_int_equal(copy.rows[0].pid, 1);
	task_table_fini(&copy);
	task_table_fini(&table);
}

/* --- the made-up machine -------------------------------------------------------------------------- */

static void ignore(const struct event *event, void *ctx)
{
	(void)event;
	(void)ctx;
}

/* While no task ends, the tasks of a lane are all that it counted. */
static void test_synth_tasks_add_up_to_their_lanes(void **unused)
{
	struct source *source = source_synth_new(3, 30, 5);
	struct task_table table;
	struct counts counts;

	(void)unused;
	task_table_init(&table);
	assert_int_equal(counts_init(&counts, source->n_cpus, source->n_lanes), 0);
	source_synth_advance(source, 200 * NS_PER_MS);
	source->poll(source, ignore, NULL);
	assert_int_equal(source->counts(source, &counts), 0);
	assert_int_equal(source->tasks(source, &table), 0);
	assert_true(table.n > 10);
	for (unsigned lane = 1; lane < source->n_lanes; lane++) {
		struct lane_counters sum = { 0 }, tasks = { 0 };

		for (unsigned cpu = 0; cpu < source->n_cpus; cpu++)
			counters_add(&sum, counts_cell(&counts, cpu, lane));
		assert_int_equal(sum.exited, 0);
		for (size_t i = 0; i < table.n; i++) {
			const struct task_row *row = &table.rows[i];

			if (row->lane != lane)
				continue;
			assert_true(row->name[0] && row->start_ns && row->doing != TASK_UNKNOWN);
			tasks.voluntary += row->voluntary;
			tasks.involuntary += row->involuntary;
			tasks.wakeups += row->wakeups;
			tasks.migrations += row->migrations;
			if (row->wait_max_ns > tasks.wait_max_ns)
				tasks.wait_max_ns = row->wait_max_ns;
		}
		assert_true(sum.voluntary > 0);
		assert_int_equal(tasks.voluntary, sum.voluntary);
		assert_int_equal(tasks.involuntary, sum.involuntary);
		assert_int_equal(tasks.wakeups, sum.wakeups);
		assert_int_equal(tasks.migrations, sum.migrations);
		assert_int_equal(tasks.wait_max_ns, sum.wait_max_ns);
	}
	counts_fini(&counts);
	task_table_fini(&table);
	source->free(source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates_are_of_the_step_between_two_tables),
		cmocka_unit_test(test_programs_are_processes_of_one_name),
		cmocka_unit_test(test_rates_over_a_window_do_not_come_and_go),
		cmocka_unit_test(test_rates_of_a_pid_used_again_begin_anew),
		cmocka_unit_test(test_rates_follow_tasks_through_any_order),
		cmocka_unit_test(test_processes_are_the_sums_of_their_threads),
		cmocka_unit_test(test_order_ties_go_by_pid_and_threads_below_their_process),
		cmocka_unit_test(test_order_of_many_is_that_of_few),
		cmocka_unit_test(test_a_copied_table_is_equal_and_apart),
		cmocka_unit_test(test_synth_tasks_add_up_to_their_lanes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
