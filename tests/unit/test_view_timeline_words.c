// SPDX-License-Identifier: GPL-2.0-only
/* test_view_timeline_words.c - what the timeline says of the instant at its cursor. */
#include "made_up_timeline.h"

/* The words below the rows, on one line, are these. */
static void words_are(struct machine *machine, uint64_t us, const char *words)
{
	char *text, *line;
	char all[4096] = "";

	timeline_seek(&machine->settings, AT(us));
	machine_draw(machine, 200, 60, false);
	text = screen_text(&machine->grid, GLYPHS);
	line = strstr(text, "\u2500 at 0.");
	assert_non_null(line);
	line = strchr(line, '\n');
	for (unsigned i = 0; i < 4; i++) {
		char *end = strchr(line + 1, '\n');

		strncat(all, line + 1, (size_t)(end - line - 1));
		line = end;
	}
	if (strcmp(all, words) != 0)
		fail_msg("at %u us: \"%s\"\nis not \"%s\"", (unsigned)us, all, words);
	free(text);
}

static void test_timeline_words_tell_who_ran_and_why(void **unused)
{
	struct machine machine;

	(void)unused;
	open_few(&machine);
	words_are(
		&machine, 50,
		" CPU 0: nobody knows who ran before the first switch that is at hand. The next to "
		"be told of begins at 0.000100000.");
	words_are(
		&machine, 105,
		" CPU 0: ping:100 (process) ran for 100.0us, from 0.000100000 to 0.000200000. Before, the "
		"CPU was idle. It left voluntarily (S: sleeps) for pong:101.");
	words_are(
		&machine, 200,
		" CPU 0: pong:101 (process) ran for 100.0us, from 0.000200000 to 0.000300000. Before, "
		"ping:100 left voluntarily (S: sleeps) after 100.0us. It was woken by ping:100 on CPU 0, "
		"20.0us before, and it waited 20.0us. It left involuntarily (R: still wants to run) for "
		"?:7.");
	words_are(
		&machine, 310,
		" CPU 0: ?:7 ran for 40.0us, from 0.000300000 to 0.000340000. Before, pong:101 left "
		"involuntarily (R: still wants to run) after 100.0us. It left voluntarily (S: sleeps) for "
		"pong:101.");
	words_are(
		&machine, 350,
		" Here: clone, pong:101 makes process pong:109 (0). CPU 0: pong:101 (process) ran for "
		"110.0us, from 0.000340000 to 0.000450000. Before, ?:7 left voluntarily (S: sleeps). It "
		"had lost CPU 0 40.0us before, and it waited 40.0us. It left voluntarily (D: sleeps "
		"deeply), and the CPU became idle.");
	words_are(
		&machine, 500,
		" CPU 0: idle since 0.000450000, for 50.0us so far. Before, pong:101 left voluntarily (D: "
		"sleeps deeply) after 110.0us.");
	machine_close(&machine);
}

static void test_timeline_words_tell_of_a_loss(void **unused)
{
	struct machine machine;

	(void)unused;
	open_few(&machine);
	select_row(&machine, TIMELINE_CPU, 1, 0, 0);
	words_are(
		&machine, 410,
		" CPU 1: nobody knows who ran, as 5 events were lost at 0.000400000. The next to be told "
		"of begins at 0.000440000.");
	words_are(
		&machine, 450,
		" CPU 1: loop:102 (coroutine) ran for 60.0us, from 0.000440000 to 0.000500000. It left "
		"voluntarily (S: sleeps), and the CPU became idle.");
	machine_close(&machine);
}

/* It is woken before it has left, and comes to another CPU; then once more, of which nothing tells. */
static void test_timeline_words_tell_who_woke_a_task_that_still_ran(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 2, 60);
	send_name(&machine, ping, "ping");
	send_name(&machine, pong, "pong");
	send_switch(&machine, 100, 0, 0, pong, 0, 0, 0);
	send_switch(&machine, 110, 1, 0, ping, 0, 0, 0);
	send_waking(&machine, 200, 1, ping, pong);
	send_switch(&machine, 202, 0, pong, 0, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 102, 0);
	send_switch(&machine, 206, 1, ping, pong, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 96, 6);
	send_switch(&machine, 208, 1, pong, 0, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 2, 0);
	send_switch(&machine, 210, 1, 0, pong, 0, 0, 1);
	machine.settings.view = VIEW_TIMELINE;
	machine.settings.timeline.zoom = 1 + 9; /* 1 us a column */
	redraw(&machine);
	select_row(&machine, TIMELINE_CPU, 1, 0, 0);
	words_are(
		&machine, 207,
		" CPU 1: pong:101 (process) ran for 2.0us, from 0.000206000 to 0.000208000. Before, "
		"ping:100 left voluntarily (S: sleeps) after 96.0us. It was woken by ping:100 on CPU 1, "
		"6.0us before, and it waited 6.0us. It left voluntarily (S: sleeps), and the CPU became "
		"idle.");
	words_are(
		&machine, 210,
		" CPU 1: pong:101 (process) runs since 0.000210000, for 0ns so far. Before, the CPU was idle. "
		"Who woke it is not at hand, and it waited 1.0us.");
	machine_close(&machine);
}

static void test_timeline_words_tell_what_a_task_does(void **unused)
{
	struct machine machine;

	(void)unused;
	open_few(&machine);
	select_row(&machine, TIMELINE_TASK, 0, pong, 0);
	words_are(
		&machine, 110,
		" pong:101 (process): no event of this time or before tells what it does. It is woken by ping:100 "
		"70.0us after this, at 0.000180000.");
	words_are(
		&machine, 190,
		" pong:101 (process) waits for a CPU, since 0.000180000: it was woken by ping:100 on CPU "
		"0. It comes to CPU 0 10.0us after this, at 0.000200000.");
	words_are(
		&machine, 320,
		" pong:101 (process) waits for a CPU, since 0.000300000: it left CPU 0 involuntarily (R: "
		"still wants to run) after 100.0us. It comes to CPU 0 20.0us after this, at 0.000340000.");
	words_are(
		&machine, 430,
		" CPU 0: pong:101 (process) ran for 110.0us, from 0.000340000 to 0.000450000. Before, ?:7 "
		"left voluntarily (S: sleeps). It had lost CPU 0 40.0us before, and it waited 40.0us. It left "
		"voluntarily (D: sleeps deeply), and the CPU became idle.");
	select_row(&machine, TIMELINE_TASK, 0, ping, 0);
	words_are(
		&machine, 350,
		" ping:100 (process) is off the CPUs, since 0.000200000: it left CPU 0 voluntarily (S: "
		"sleeps) after 100.0us.");
	words_are(
		&machine, 410,
		" ping:100 (process): nobody knows, as events were lost. It is woken by the idle task "
		"190.0us after this, at 0.000600000.");
	machine_close(&machine);
}

static void test_timeline_words_tell_of_a_coroutine(void **unused)
{
	struct machine machine;

	(void)unused;
	open_few(&machine);
	select_row(&machine, TIMELINE_TASK, 1, loop, 0);
	machine.settings.timeline.selected.folds = true;
	press(&machine, KEY_OF_ENTER, 1);
	select_row(&machine, TIMELINE_COROUTINE, 1, loop, 2);
	words_are(
		&machine, 165,
		" co-2 in loop:102 (coroutine) was made, and not resumed yet, since 0.000160000. It is "
		"resumed 5.0us after this, at 0.000170000.");
	words_are(&machine, 200,
		  " co-2 in loop:102 (coroutine) runs since 0.000170000. It is suspended "
		  "20.0us after this, at 0.000220000.");
	words_are(&machine, 300, " co-2 in loop:102 (coroutine) is suspended since 0.000220000.");
	machine_close(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timeline_words_tell_who_ran_and_why),
		cmocka_unit_test(test_timeline_words_tell_of_a_loss),
		cmocka_unit_test(test_timeline_words_tell_who_woke_a_task_that_still_ran),
		cmocka_unit_test(test_timeline_words_tell_what_a_task_does),
		cmocka_unit_test(test_timeline_words_tell_of_a_coroutine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
