// SPDX-License-Identifier: GPL-2.0-only
/* test_ledger.c - tasks made from events alone are those that a source keeps beside them. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_switch.h"
#include "base/clock.h"
#include "event/names.h"
#include "source/source.h"
#include "state/ledger.h"

#define A task_word(100, 1)
#define B task_word(200, 2)
#define C task_word(300, 0)

#define SLEEPS (LEAVE_SLEEPING | LEAVE_VOLUNTARY)

static void apply(const struct event *event, void *ctx)
{
	assert_int_equal(ledger_apply(ctx, event), 0);
}

/* The one of that pid that began last; the test fails without. */
static const struct task_row *row_of(const struct task_table *table, uint32_t pid)
{
	const struct task_row *found = NULL;

	for (size_t i = 0; i < table->n; i++)
		if (table->rows[i].pid == pid)
			found = &table->rows[i];
	if (!found)
		fail_msg("no task %u", pid);
	return found;
}

static void tell(const struct ledger *ledger, uint64_t time_ns, struct task_table *table)
{
	struct names *names = names_new();

	task_table_clear(table, time_ns);
	assert_int_equal(ledger_tell(ledger, names, time_ns, true, table), 0);
	names_free(names);
}

static void hold(const struct task_row *got, const struct task_row *want)
{
	assert_int_equal(got->lane, want->lane);
	assert_string_equal(got->name, want->name);
	assert_int_equal(got->voluntary, want->voluntary);
	assert_int_equal(got->involuntary, want->involuntary);
	assert_int_equal(got->run_ns, want->run_ns);
	assert_int_equal(got->wait_ns, want->wait_ns);
	assert_int_equal(got->wait_max_ns, want->wait_max_ns);
	assert_int_equal(got->wakeups, want->wakeups);
	assert_int_equal(got->migrations, want->migrations);
	assert_int_equal(got->waker, want->waker);
}

static void test_ledger_of_a_machine_equals_its_tasks(void **state)
{
	struct source *source = source_synth_new(3, 40, 5);
	struct ledger *ledger = ledger_new();
	struct task_table want = { 0 }, got = { 0 };
	uint64_t n_switches = 0;

	(void)state;
	assert_non_null(ledger);
	for (unsigned i = 0; i < 20; i++) {
		source_synth_advance(source, 50 * NS_PER_MS);
		assert_true(source->flush(source, apply, ledger) > 100);
	}
	assert_int_equal(source->tasks(source, &want), 0);
	tell(ledger, want.time_ns, &got);
	assert_true(want.n > 10);
	for (size_t i = 0; i < want.n; i++) {
		hold(row_of(&got, want.rows[i].pid), &want.rows[i]);
		n_switches += want.rows[i].voluntary;
	}
	assert_true(n_switches > 1000);
	task_table_fini(&want);
	task_table_fini(&got);
	ledger_free(ledger);
	source->free(source);
}

/* --- by hand -------------------------------------------------------------------------------------- */

/* What `events` made, as of until_ns; `table` starts zeroed. */
static void tell_all(const struct event *events, size_t n, uint64_t until_ns,
		     struct task_table *table)
{
	struct ledger *ledger = ledger_new();

	for (size_t i = 0; i < n; i++)
		assert_int_equal(ledger_apply(ledger, &events[i]), 0);
	tell(ledger, until_ns, table);
	ledger_free(ledger);
}

static void test_ledger_what_lasts_counts_up_to_now(void **state)
{
	const struct event events[] = {
		a_switch(1000, C, SLEEPS, A, 0, 0),
		a_switch(2000, A, SLEEPS, B, 1000, 300),
		{ .time_ns = 5000, .kind = EVENT_WAKING, .task = B, .wake = { .wakee = A } },
	};
	struct task_table table = { 0 };
	const struct task_row *a, *b;

	(void)state;
	tell_all(events, 3, 6000, &table);
	assert_int_equal(table.n, 2); /* C is in no lane */
	a = row_of(&table, 100), b = row_of(&table, 200);
	assert_int_equal(a->doing, TASK_RUNNABLE);
	assert_int_equal(a->run_ns, 1000);
	assert_int_equal(a->sleep_ns, 3000);
	assert_int_equal(a->wait_ns, 1000);
	assert_int_equal(a->waker, 200);
	assert_int_equal(b->doing, TASK_RUNNING);
	assert_int_equal(b->run_ns, 4000);
	assert_int_equal(b->wait_ns, 300);
	task_table_fini(&table);
}

static void test_ledger_blocked_is_apart_from_asleep(void **state)
{
	const struct event events[] = {
		a_switch(1000, A, LEAVE_BLOCKED | LEAVE_VOLUNTARY, 0, 500, 0),
		a_switch(3000, 0, LEAVE_RUNNABLE, A, 0, 500),
		a_switch(4000, A, LEAVE_RUNNABLE, B, 1000, 0),
		a_switch(9000, B, SLEEPS, A, 5000, 5000),
	};
	struct task_table table = { 0 };
	const struct task_row *a;

	(void)state;
	tell_all(events, 4, 9000, &table);
	a = row_of(&table, 100);
	assert_int_equal(a->blocked_ns, 1500);
	assert_int_equal(a->sleep_ns, 0);
	assert_int_equal(a->wait_ns, 5500);
	assert_int_equal(a->wait_max_ns, 500); /* it was preempted before the longer one */
	assert_int_equal(a->involuntary, 1);
	task_table_fini(&table);
}

static void test_ledger_threads_know_their_process_and_pids_come_again(void **state)
{
	struct event events[] = {
		{ .time_ns = 1000,
		  .kind = EVENT_CLONE,
		  .task = A,
		  .made = { .child = task_word(101, 1) } },
		{ .time_ns = 1100,
		  .kind = EVENT_CLONE,
		  .task = task_word(101, 1),
		  .made = { .child = task_word(102, 1), .flags_low = CLONE_THREAD } },
		{ .time_ns = 1200, .kind = EVENT_NAME, .task = task_word(102, 1) },
		a_switch(2000, task_word(102, 1), LEAVE_DEAD | LEAVE_VOLUNTARY, 0, 500, 0),
		{ .time_ns = 3000,
		  .kind = EVENT_CLONE,
		  .task = A,
		  .made = { .child = task_word(102, 1) } },
	};
	struct task_table table = { 0 };

	(void)state;
	event_set_name(&events[2], "worker");
	tell_all(events, 5, 4000, &table);
	assert_int_equal(table.n, 4);
	assert_int_equal(row_of(&table, 100)->tgid, 0); /* nobody told */
	assert_int_equal(row_of(&table, 101)->tgid, 101);
	assert_int_equal(row_of(&table, 102)->tgid, 102);
	assert_int_equal(row_of(&table, 102)->voluntary, 0);
	assert_int_equal(table.rows[2].pid, 102);
	assert_string_equal(table.rows[2].name, "worker");
	assert_int_equal(table.rows[2].tgid, 101);
	assert_int_equal(table.rows[2].doing, TASK_ENDED);
	assert_int_equal(table.rows[2].voluntary, 1);
	task_table_fini(&table);
}

static void test_ledger_a_loss_makes_what_lasts_unknown(void **state)
{
	const struct event events[] = {
		a_switch(1000, A, SLEEPS, B, 500, 0),
		{ .time_ns = 2000, .kind = EVENT_LOST, .cpu = 0, .lost = { .n = 5 } },
		a_switch(9000, 0, LEAVE_RUNNABLE, A, 0, 100),
	};
	struct task_table table = { 0 };

	(void)state;
	tell_all(events, 3, 10000, &table);
	assert_int_equal(row_of(&table, 100)->sleep_ns, 0);
	assert_int_equal(row_of(&table, 100)->run_ns, 1500);
	assert_int_equal(row_of(&table, 200)->doing, TASK_UNKNOWN);
	assert_int_equal(row_of(&table, 200)->run_ns, 0);
	task_table_fini(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ledger_of_a_machine_equals_its_tasks),
		cmocka_unit_test(test_ledger_what_lasts_counts_up_to_now),
		cmocka_unit_test(test_ledger_blocked_is_apart_from_asleep),
		cmocka_unit_test(test_ledger_threads_know_their_process_and_pids_come_again),
		cmocka_unit_test(test_ledger_a_loss_makes_what_lasts_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
