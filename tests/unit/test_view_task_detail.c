// SPDX-License-Identifier: GPL-2.0-only
/* test_view_task_detail.c - the chosen task on the screen: what it is blocked in, who wakes it, why it left. */
#include <sys/syscall.h>

#include "crowd.h"
#include "event/syscalls.h"

/* What the kernel said of one task is not said of another. */
static void test_tasks_detail_tells_the_call_of_the_chosen_one(void **unused)
{
	struct crowd crowd;
	struct task_look *seen = &crowd.machine.settings.tasks.look;

	(void)unused;
	crowd_open(&crowd);
	look(&crowd, 80, 24, false);
	press(&crowd, KEY_OF_DOWN);
	press(&crowd, KEY_OF_ENTER);
	*seen = (struct task_look){ .id = { 21, 2, NS_PER_S },
				    .syscall = SYS_clock_nanosleep,
				    .inner_pid = 7 };
	look(&crowd, 80, 24, false);
	assert_true(screen_has(&crowd.machine, "clock_nanosleep: it waits for time to pass"));
	assert_true(screen_has(&crowd.machine, "(7 in its namespace)"));
	seen->syscall = SYSCALL_OTHER_ABI;
	look(&crowd, 80, 24, false);
	assert_true(screen_has(&crowd.machine, "a 32-bit program's"));
	seen->syscall = SYSCALL_RUNNING;
	seen->inner_pid = 21;
	look(&crowd, 80, 24, false);
	assert_false(screen_has(&crowd.machine, " call "));
	assert_false(screen_has(&crowd.machine, "namespace"));
	seen->syscall = SYS_read;
	press(&crowd, KEY_OF_DOWN);
	assert_true(screen_has(&crowd.machine, "thread 22 of process 20"));
	assert_false(screen_has(&crowd.machine, " call "));
	crowd_close(&crowd);
}

/* What events say: who woke the chosen task, and in which state it left. */
static void tell_events(struct crowd *crowd)
{
	struct event name = { .time_ns = 2 * NS_PER_S,
			      .kind = EVENT_NAME,
			      .task = task_word(7, 1) };

	event_set_name(&name, "pong");
	take_in(&name, &crowd->machine);
	for (unsigned i = 0; i < 40; i++) {
		struct event wake = { .time_ns = 2 * NS_PER_S + i * 1000,
				      .kind = EVENT_WAKING,
				      .task = task_word(i % 4 ? 7 : 0, 1),
				      .wake.wakee = task_word(21, 2) };
		struct event leave = { .time_ns = wake.time_ns + 500,
				       .kind = EVENT_SWITCH,
				       .state = i % 10 ? LEAVE_SLEEPING | LEAVE_VOLUNTARY : 0,
				       .task = task_word(21, 2) };

		if (i % 10)
			leave.state |= (i % 3 ? CALL_IO : CALL_LOCK) << LEAVE_CALL_SHIFT;
		history_add(crowd->machine.history, &wake);
		history_add(crowd->machine.history, &leave);
	}
}

static void test_tasks_detail_ranks_wakers_and_reasons(void **unused)
{
	struct crowd crowd;

	(void)unused;
	crowd_open(&crowd);
	tell_events(&crowd);
	crowd.table.rows[2].has_waker = true;
	crowd.table.rows[2].waker = 10;
	act(&crowd, 21, 2500, 0, 4);
	act(&crowd, 30, 0, 25, 60);
	measure(&crowd);
	look(&crowd, 80, 24, false);
	press(&crowd, KEY_OF_DOWN);
	press(&crowd, KEY_OF_ENTER);
	assert_true(screen_has(&crowd.machine, "each wakeup brings little work"));
	assert_true(screen_has(&crowd.machine, "last woken by ping (10)"));
	screen_is_golden(&crowd.machine, "tasks_detail_80x24");
	assert_true(screen_has(&crowd.machine, "asleep (S) 90%, preempted or yielded (R) 10%"));
	assert_true(screen_has(&crowd.machine, "for I/O 67%, a lock 33%"));
	assert_true(screen_has(&crowd.machine, "pong (7) 75%, an interrupt on an idle CPU 25%"));
	screen_is_golden(&crowd.machine, "tasks_detail_80x24");
	look(&crowd, 200, 60, true);
	screen_is_golden(&crowd.machine, "tasks_detail_200x60_ascii");
	crowd.machine.settings.unread = true;
	measure(&crowd);
	look(&crowd, 120, 40, false);
	assert_true(screen_has(&crowd.machine, "events are not read at this rate"));
	crowd.machine.settings.unread = false;
	press(&crowd, KEY_OF_HOME);
	assert_true(screen_has(&crowd.machine, "choose one of its threads"));
	press(&crowd, KEY_OF_ESCAPE);
	assert_false(screen_has(&crowd.machine, "choose one of its threads"));
	crowd_close(&crowd);
}

static void test_tasks_meaning_keeps_to_the_figures(void **unused)
{
	struct crowd crowd;

	(void)unused;
	crowd_open(&crowd);
	look(&crowd, 80, 24, false);
	press(&crowd, KEY_OF_END);
	press(&crowd, KEY_OF_ENTER);
	assert_true(screen_has(&crowd.machine, "it competes for the CPU"));
	act(&crowd, 30, 0, 0, 100);
	measure(&crowd);
	look(&crowd, 80, 24, false);
	assert_true(screen_has(&crowd.machine, "it computes"));
	for (unsigned i = 0; i < crowd.table.n; i++)
		if (crowd.table.rows[i].pid == 30)
			crowd.table.rows[i].blocked_ns += STEP_NS / 2;
	measure(&crowd);
	look(&crowd, 80, 24, false);
	assert_true(screen_has(&crowd.machine, "mostly for a disk or a lock (state D)"));
	crowd_close(&crowd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tasks_detail_tells_the_call_of_the_chosen_one),
		cmocka_unit_test(test_tasks_detail_ranks_wakers_and_reasons),
		cmocka_unit_test(test_tasks_meaning_keeps_to_the_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
