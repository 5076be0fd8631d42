// SPDX-License-Identifier: GPL-2.0-only
/* Lines of `log -f text`, against the ones that the manual shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "event/print.h"

#define START_NS 5000000000ull

static struct names *names;

static int name_tasks(void **state)
{
	static const struct {
		uint32_t pid;
		const char *name;
	} tasks[] = { { 4119, "swtch" },  { 4121, "ping" },   { 4122, "pong" },
		      { 4130, "worker" }, { 66, "\x1b[2Jx" }, { 0, NULL } };

	(void)state;
	names = names_new();
	for (unsigned i = 0; tasks[i].name; i++) {
		struct event event = { .kind = EVENT_NAME, .task = tasks[i].pid };

		event_set_name(&event, tasks[i].name);
		names_apply(names, &event);
	}
	return names ? 0 : -1;
}

static int forget_tasks(void **state)
{
	(void)state;
	names_free(names);
	return 0;
}

static void check(const struct event *event, const char *lane, const char *shown)
{
	char line[EVENT_LINE_SIZE];

	event_print(line, sizeof(line), event, names, lane, START_NS);
	assert_string_equal(line, shown);
}

static void test_print_switch_as_the_manual(void **state)
{
	struct event event = { .time_ns = START_NS + 123456,
			       .kind = EVENT_SWITCH,
			       .cpu = 1,
			       .task = task_word(4121, 1),
			       .state = LEAVE_SLEEPING | LEAVE_VOLUNTARY,
			       .to = { task_word(4122, 1), 3100, 1200 } };

	(void)state;
	check(&event, "process",
	      "0.000123456 [001] switch  process  ping:4121 -> pong:4122  voluntary (S)  "
	      "ran 3.1us waited 1.2us");
	event.state = LEAVE_RUNNABLE;
	event.to.ran_ns = TIME_SATURATED;
	event.to.waited_ns = 0;
	event.to.next = 0;
	check(&event, "process",
	      "0.000123456 [001] switch  process  ping:4121 -> idle:0  involuntary (R)  "
	      "ran over 4.3s");
	event.task = 0;
	event.to.next = task_word(4122, 1);
	event.to.ran_ns = 0;
	event.to.waited_ns = 1200;
	check(&event, "process",
	      "0.000123456 [001] switch  process  idle:0 -> pong:4122  waited 1.2us");
}

static void test_print_wakeup_as_the_manual(void **state)
{
	struct event event = { .time_ns = START_NS + 125001,
			       .kind = EVENT_WAKING,
			       .cpu = 1,
			       .task = 4121,
			       .wake = { 4122, 1, 0 } };

	(void)state;
	check(&event, "process",
	      "0.000125001 [001] wakeup  process  ping:4121 wakes pong:4122 for cpu 1");
}

static void test_print_clone_names_all_flags(void **state)
{
	struct event event = { .time_ns = START_NS + 201330,
			       .kind = EVENT_CLONE,
			       .task = 4119,
			       .made = { 4130, 0x3d0f00, 0 } };

	(void)state;
	check(&event, "thread",
	      "0.000201330 [000] clone   thread   swtch:4119 makes thread worker:4130 "
	      "(CLONE_VM|CLONE_THREAD|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_SYSVSEM|CLONE_SETTLS|"
	      "CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID)");
	event.made.flags_low = 0;
	check(&event, "thread",
	      "0.000201330 [000] clone   thread   swtch:4119 makes process worker:4130 (0)");
	event.made.flags_low = 1;
	event.made.flags_high = 0x81;
	check(&event, "thread",
	      "0.000201330 [000] clone   thread   swtch:4119 makes process worker:4130 "
	      "(CLONE_CLEAR_SIGHAND|0x8000000001)");
}

static void test_print_coroutine_as_the_manual(void **state)
{
	struct event event = { .time_ns = START_NS + 300017,
			       .kind = EVENT_RESUME,
			       .task = 4119,
			       .coroutine = { .id = 3 } };

	(void)state;
	check(&event, "coroutine", "0.000300017 [000] resume  coroutine co-3 in swtch:4119");
	event.kind = EVENT_SUSPEND;
	check(&event, "coroutine", "0.000300017 [000] suspend coroutine co-3 in swtch:4119");
}

static void test_print_life_of_a_task(void **state)
{
	struct event event = { .time_ns = START_NS, .task = 4121 };

	(void)state;
	event.kind = EVENT_MIGRATE;
	event.move.from_cpu = 0;
	event.move.to_cpu = 12;
	check(&event, "a",
	      "0.000000000 [000] migrate a        ping:4121 moves from cpu 0 to cpu 12");
	event.kind = EVENT_EXEC;
	check(&event, "a", "0.000000000 [000] exec    a        ping:4121 runs another program");
	event.kind = EVENT_EXIT;
	event.end.code = 3 << 8;
	event.end.seen = event.end.moved = 17;
	check(&event, "a",
	      "0.000000000 [000] exit    a        ping:4121 ends with 3  "
	      "audit 17 of 17 switches: exact");
	event.end.code = 11 | 0x80;
	event.end.seen = 16;
	check(&event, "",
	      "0.000000000 [000] exit    -        ping:4121 killed by signal 11 (SIGSEGV)  "
	      "audit 16 of 17 switches: OFF");
	event.kind = EVENT_NAME;
	event_set_name(&event, "fifteen bytes!!");
	check(&event, NULL, "0.000000000 [---] name    -        4121 is called fifteen bytes!!");
}

static void test_print_lost_and_before_the_start(void **state)
{
	struct event event = { .time_ns = START_NS - 1500000000, .kind = EVENT_LOST, .cpu = 255 };

	(void)state;
	event.lost.n = 42;
	check(&event, NULL, "-1.500000000 [255] lost    -        42 events lost");
}

static void test_print_hostile_record_is_harmless(void **state)
{
	struct event event = { .time_ns = START_NS, .kind = 99, .task = 66 };

	(void)state;
	check(&event, "", "0.000000000 [000] ?       -        ");
	event.kind = EVENT_EXEC;
	check(&event, "", "0.000000000 [000] exec    -        \\x1b[2Jx:66 runs another program");
	event.kind = EVENT_SWITCH;
	event.state = 0xff;
	event.task = event.to.next = 0xffffffff;
	check(&event, "",
	      "0.000000000 [000] switch  -        ?:4194303 -> ?:4194303  voluntary (?)  for memory");
}

/* Cut at every length: the whole line's beginning, terminated, nothing behind it touched. */
static void test_print_any_size_is_a_beginning(void **state)
{
	struct event event = { .time_ns = START_NS,
			       .kind = EVENT_CLONE,
			       .task = 4121,
			       .made = { 4122, 0xffffff00, 3 } };
	char whole[EVENT_LINE_SIZE], line[EVENT_LINE_SIZE + 1];

	(void)state;
	event_print(whole, sizeof(whole), &event, names, "process", START_NS);
	assert_true(strlen(whole) < sizeof(whole) - 2 * 4 * TASK_NAME_LEN);
	for (size_t size = 1; size <= strlen(whole) + 1; size++) {
		memset(line, '#', sizeof(line));
		event_print(line, size, &event, names, "process", START_NS);
		assert_int_equal(line[size], '#');
		assert_int_equal(strlen(line), size - 1);
		assert_memory_equal(line, whole, size - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print_switch_as_the_manual),
		cmocka_unit_test(test_print_wakeup_as_the_manual),
		cmocka_unit_test(test_print_clone_names_all_flags),
		cmocka_unit_test(test_print_coroutine_as_the_manual),
		cmocka_unit_test(test_print_life_of_a_task),
		cmocka_unit_test(test_print_lost_and_before_the_start),
		cmocka_unit_test(test_print_hostile_record_is_harmless),
		cmocka_unit_test(test_print_any_size_is_a_beginning),
	};

	return cmocka_run_group_tests(tests, name_tasks, forget_tasks);
}
